// libFuzzer: any bytes as what a server tells, tick by tick, to a replica that follows real groups. What is accepted is a state that
// the schema allows; what is refused blames the peer.
//
// A tick is a byte, of which the low three bits are its number of updates and the highest skips a tick. An update is a byte: 0 to 5
// are a GroupUpdate::Kind, and a byte for the group, two for the length of its body, and the body follow; 6 and 7 are what a room has
// really told, and a byte says which.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/replica.h"
#include "sdk/core/replication/row_sets.h"
#include "sdk/core/replication/schema_description.h"
#include "tests/fuzz/fuzz_game.h"
#include "tests/sdk/replication/group_room.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

using Kind = GroupUpdate::Kind;
using testing::GroupRoom;
using testing::Moment;

constexpr std::uint32_t entities_max = 150;
constexpr PlayerId player = 1;
constexpr std::uint16_t own_group = private_groups + player;
constexpr std::array<std::uint16_t, 7> groups = {0, 1, 2, 3, 4, own_group, own_group + 1};

struct Told {
    Kind kind;
    std::uint16_t group;
    Bytes body;

    GroupUpdate update() const { return {.kind = kind, .group = group, .body = body}; }
};

/// A room, a replica that has followed it for two ticks, and what it was told of the next two.
class Followed {
public:
    Followed() {
        while (room_.tick() < 14) room_.step();
        tell_private();
        std::vector<Told> first;
        for (std::uint16_t group = 0; group < testing::group_count; ++group) first.push_back(keyframe(group));
        first.push_back(keyframe(own_group));
        follow(first);

        const Moment before = room_.now();
        step();
        std::vector<Told> second;
        for (std::uint16_t group = 0; group < testing::group_count; ++group) {
            const StreamState& stream = room_.stream(group, Rate::Full).state;
            second.push_back(catch_up(group, before.members[group], stream));
        }
        second.push_back(catch_up(own_group, owned(before), own_));
        follow(second);

        for (int i = 0; i < 2; ++i) {
            const Bytes own = step();
            for (std::uint16_t group = 0; group < testing::group_count; ++group) {
                real_.push_back({Kind::Delta, group, room_.stream(group, Rate::Full).delta});
                real_.push_back(keyframe(group));
                real_.push_back({Kind::Verify, group, real_.back().body});
                real_.push_back({Kind::Left, group, {}});
            }
            real_.push_back({Kind::Delta, own_group, own});
            real_.push_back({Kind::Verify, own_group, keyframe(own_group).body});
            Told newcomers{Kind::Newcomers, 3, {}};
            encode_newcomers(room_.source(room_.tick(), room_.tick()), room_.now().members[3], newcomers.body);
            real_.push_back(std::move(newcomers));
        }
    }

    const Layout& layout() const { return layout_; }
    const Replica& replica() const { return replica_; }
    const Snapshot& snapshot() const { return snapshot_; }
    const std::vector<Told>& real() const { return real_; }

private:
    static Members owned(const Moment& moment) {
        Members members;
        for_each_row(all_members(moment.snapshot), [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
            if (moment.owner(entity) == player) members.insert(entity);
        });
        return members;
    }

    Bytes step() {
        room_.step();
        return tell_private();
    }
    Bytes tell_private() {
        Bytes body;
        encode_delta(room_.source(own_.tick, room_.tick(), Coverage::Private), owned(room_.now()), own_, body);
        return body;
    }
    Told keyframe(std::uint16_t group) const {
        Told told{Kind::Keyframe, group, {}};
        const bool is_own = group == own_group;
        encode_keyframe(room_.source(0, room_.tick(), coverage_of(group)),
                        is_own ? own_.members : room_.now().members[group], told.body);
        return told;
    }
    Told catch_up(std::uint16_t group, const Members& before, const StreamState& stream) const {
        Told told{Kind::CatchUp, group, {}};
        encode_catch_up(room_.source(room_.tick() - 1, room_.tick(), coverage_of(group)), before, stream, told.body);
        return told;
    }
    void follow(const std::vector<Told>& told) {
        std::vector<GroupUpdate> updates;
        for (const Told& each : told) updates.push_back(each.update());
        auto made = replica_.apply(snapshot_, room_.tick(), updates);
        if (!made) std::abort();
        snapshot_ = std::move(*made);
    }

    OwnedSchema schema_ = parse_description(testing::fuzz_game).value();
    Layout layout_{schema_.info()};
    Codec codec_{layout_, CodeTables::built_in(), 30};
    GroupRoom room_{codec_, entities_max, 1};
    StreamState own_;  // the room's end of the private stream
    Replica replica_{codec_, {entities_max}};
    Snapshot snapshot_;
    std::vector<Told> real_;
};

/// Empty at the end of the bytes.
std::optional<Told> read_update(ByteReader& reader, const std::vector<Told>& real) {
    const auto kind = reader.read_u8();
    const auto which = reader.read_u8();
    if (!kind || !which) return std::nullopt;
    if ((*kind & 7) >= 6) return real[*which % real.size()];
    const auto length = reader.read_little_endian<std::uint16_t>();
    if (!length) return std::nullopt;
    const ByteSpan body = reader.read_bytes(std::min<std::size_t>(*length, reader.remaining())).value_or(ByteSpan{});
    // An allocation of its own: whoever reads beyond its end is caught.
    return Told{static_cast<Kind>(*kind & 7), groups[*which % groups.size()], Bytes(body.begin(), body.end())};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Followed followed;
    constexpr int ticks_max = 16;
    ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
    Replica replica = followed.replica();
    Snapshot snapshot = followed.snapshot();
    Tick tick = snapshot.tick;
    for (int i = 0; i < ticks_max && !reader.at_end(); ++i) {
        const unsigned head = reader.read_u8().value_or(0);
        tick += head >= 0x80 ? 2 : 1;
        std::vector<Told> told;
        for (unsigned left = head & 7; left > 0; --left)
            if (auto update = read_update(reader, followed.real())) told.push_back(std::move(*update));
        std::vector<GroupUpdate> updates;
        for (const Told& each : told) updates.push_back(each.update());
        auto made = replica.apply(snapshot, tick, updates);
        if (!made) {
            const Error& error = made.error();
            if (error.blame != Blame::Peer || error.message.empty()) std::abort();
            if (error.close_code != 1007 && error.close_code != 1002) std::abort();
            return 0;
        }
        snapshot = std::move(*made);
        if (snapshot.tick != tick) std::abort();
        if (!testing::what_is_wrong(followed.layout(), snapshot, entities_max).empty()) std::abort();
        replica.state_hash(snapshot);
        for (const GroupDifference& difference : replica.differences())
            if (difference.sentence.empty()) std::abort();
    }
    return 0;
}
