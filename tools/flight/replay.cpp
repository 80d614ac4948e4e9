// A replica like a client's, fed from a file.
#include "tools/flight/replay.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include "sdk/core/base/printable.h"
#include "sdk/core/session/group_updates.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::flight {

namespace {

using wire::BodyCoding;

constexpr std::size_t piece_bytes = 64 * 1024;

// Twenty times what the largest game known has: 8192 entities of 6 KiB. A body of some bytes begins a chunk of 64 rows in every
// component, so it is the header that must be bounded.
constexpr std::uint64_t snapshot_bytes_max = 1024 * 1024 * 1024;

/// Of one snapshot with every component on every entity.
bool fits_memory(const replication::Layout& layout, std::uint32_t entities_max) {
    std::uint64_t slots = 0;
    for (std::size_t table = 0; table < layout.table_count(); ++table) slots += layout.slot_count(table);
    return slots * sizeof(std::int32_t) * entities_max <= snapshot_bytes_max;
}

}  // namespace

Result<Replay> Replay::open(const std::string& path) {
    Replay replay(path);
    replay.stream_.open(path, std::ios::binary);
    std::error_code error;
    if (!replay.stream_ || std::filesystem::is_directory(path, error))
        return unexpected(Blame::Machine, "\"" + printable(path) + "\" cannot be read");
    auto record = replay.read();
    if (!record) return replay.refuse(record.error());
    if (!*record)
        return unexpected(Blame::Caller, "\"" + printable(path) +
                                             "\" is empty, or ends within its header: record again with --record");
    // The first record that a reader gives is a header.
    if (auto begun = replay.begin(std::get<wire::FlightHeader>(std::move(**record))); !begun)
        return replay.refuse(begun.error());
    return replay;
}

Unexpected Replay::refuse(const Error& error) const {
    return unexpected(error.blame, "\"" + printable(path_) + "\": " + error.message);
}

Result<std::optional<wire::FlightRecord>> Replay::read() {
    piece_.resize(piece_bytes);
    for (;;) {
        auto record = reader_.poll_record();
        if (!record || *record || !stream_) return record;
        stream_.read(reinterpret_cast<char*>(piece_.data()), static_cast<std::streamsize>(piece_.size()));
        reader_.receive(ByteSpan(piece_).first(static_cast<std::size_t>(stream_.gcount())));
        if (!stream_) reader_.receive_end();
    }
}

Result<void> Replay::begin(wire::FlightHeader header) {
    header_ = std::move(header);
    auto schema = replication::parse_description(header_.schema);
    if (!schema) return unexpected(Blame::Peer, "its schema: " + schema.error().message);
    schema_ = std::make_unique<const replication::OwnedSchema>(std::move(*schema));
    layout_ = std::make_unique<const replication::Layout>(schema_->info());
    if (!fits_memory(*layout_, header_.entities_max))
        return unexpected(Blame::Peer, "its entities could take more than " +
                                           std::to_string(snapshot_bytes_max / 1024 / 1024) +
                                           " MiB: the header is damaged, or of no game");
    replication::CodeTables tables = replication::CodeTables::built_in();
    if (header_.code_tables.id != 0) {
        auto parsed = replication::CodeTables::parse(header_.code_tables.bytes);
        if (!parsed) return Unexpected{parsed.error()};
        if (parsed->schema_hash() != 0 && parsed->schema_hash() != schema_->info().hash)
            return unexpected(Blame::Peer, "its code tables are of another schema");
        tables = std::move(*parsed);
    }
    if (header_.dictionary.id != 0) {
        auto parsed = wire::Dictionary::parse(header_.dictionary.bytes);
        if (!parsed) return Unexpected{parsed.error()};
        dictionary_ = std::move(*parsed);
    }
    codec_ = std::make_unique<const replication::Codec>(*layout_, tables, header_.tick_rate);
    replica_ =
        std::make_unique<replication::Replica>(*codec_, replication::BodyLimits{.entities_max = header_.entities_max});
    return {};
}

Result<bool> Replay::next() {
    auto record = read();
    if (!record) return refuse(record.error());
    if (!*record) return false;
    const auto& message = std::get<wire::TickMessage>(**record);
    const auto applied = apply(message);
    if (!applied)
        return refuse({applied.error().blame, "tick " + std::to_string(message.tick) + ": " + applied.error().message});
    return true;
}

Result<void> Replay::apply(const wire::TickMessage& message) {
    const auto updates = session::unpack_updates(message, wire::message_limits({}), dictionary(), inflated_);
    if (!updates) return Unexpected{updates.error()};
    bodies_.clear();
    for (std::size_t i = 0; i < updates->size(); ++i) {
        const wire::GroupBody& body = message.bodies[i];
        bodies_.push_back(
            {.coding = body.coding, .group = body.group, .bytes = body.bytes.size(), .body = (*updates)[i].body});
        if (body.coding == BodyCoding::Left) groups_.erase(body.group);
        if (body.coding == BodyCoding::Keyframe) groups_.insert(body.group);
    }
    before_ = std::move(now_);
    auto made = replica_->apply(before_, message.tick, *updates);
    if (!made) return Unexpected{made.error()};
    now_ = std::move(*made);
    if (message.state_hash != 0 && replica_->state_hash(now_) != message.state_hash)
        return unexpected(Blame::Peer, "its state is not the one that was recorded; the file is damaged");
    return {};
}

}  // namespace tidewire::flight
