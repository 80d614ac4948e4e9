// A keyframe, and a delta for each frame after it.
#include "tools/bench/delta_record.h"

#include <fstream>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/body.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/flight_writer.h"
#include "tidewire/version.h"

namespace tidewire::bench {

Result<void> record(const replication::Layout& layout, std::uint16_t tick_rate,
                    std::span<const replication::Snapshot> snapshots, const std::string& path) {
    const replication::Codec codec(layout, replication::CodeTables::built_in(), tick_rate);
    const Bytes& tables = replication::CodeTables::built_in().bytes();
    Bytes file;
    wire::append_flight_header(file, {.sdk_version = version,
                                      .schema = replication::describe(layout.schema()),
                                      .tick_rate = tick_rate,
                                      .entities_max = 65'536,
                                      .code_tables = {.id = fnv1a(tables), .bytes = tables},
                                      .dictionary = {}});
    replication::StreamState stream;
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
        const replication::Snapshot& now = snapshots[i];
        const replication::Members members = replication::all_members(now);
        Bytes body;
        const replication::BodySource source{.codec = codec, .before = snapshots[i == 0 ? 0 : i - 1], .after = now};
        if (i == 0) {
            replication::encode_keyframe(source, members, body);
            body = wire::pack_body(body, nullptr);
            stream = {.tick = now.tick, .members = members, .trails = {}};
        } else {
            replication::encode_delta(source, members, stream, body);
        }
        const auto coding = i == 0 ? wire::BodyCoding::Keyframe : wire::BodyCoding::Delta;
        wire::append_flight_tick(file, {.tick = now.tick, .bodies = {{.group = 0, .coding = coding, .bytes = body}}});
    }
    std::ofstream stream_out(path, std::ios::binary);
    stream_out << as_text(file);
    stream_out.close();
    if (!stream_out) return unexpected(Blame::Machine, "\"" + path + "\" cannot be written");
    return {};
}

}  // namespace tidewire::bench
