// A private body is read when the public ones of its tick are.

#include "tests/sdk/replication/real_bodies.h"

#include "sdk/core/replication/row_sets.h"
#include "tests/sdk/replication/group_client.h"

namespace tidewire::replication::testing {

namespace {

Members owned_by(PlayerId player, const Moment& moment) {
    Members owned;
    for_each_row(all_members(moment.snapshot), [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        if (moment.owner(entity) == player) owned.insert(entity);
    });
    return owned;
}

/// What a client has that was told all until `before`, and then all that is public until `after`.
Snapshot told_in_public(const GroupRoom& room, Tick before, Tick after) {
    StreamState stream;
    stream.members = all_members(room.at(before)->snapshot);
    stream.tick = before;
    StreamState state = stream;
    Bytes body;
    encode_delta(room.source(before, after), all_members(room.at(after)->snapshot), stream, body);
    SnapshotEdit edit(room.codec().layout(), room.at(before)->snapshot);
    const auto outcome =
        decode_body(room.codec(), body, BodyKind::Delta, Coverage::Public, after, {real_entities_max}, state, edit);
    for (const LeftMember& left : outcome.value().left)
        if (!state.members.has(left.entity.index)) edit.remove_entity(left.entity.index);
    return std::move(edit).finish(after);
}

/// The three ways that a stream is followed, from its state at `room.tick() - 1`.
void add_stream(std::vector<RealBody>& made, const GroupRoom& room, Coverage coverage, const StreamState& before,
                const Members& long_before, const Members& now) {
    const Tick tick = room.tick();
    const Tick long_ago = tick - 5;
    const bool is_public = coverage == Coverage::Public;
    const auto base = [&](Tick from) { return is_public ? room.at(from)->snapshot : told_in_public(room, from, tick); };
    StreamState stream = before;
    RealBody delta{is_public ? "delta" : "private delta", BodyKind::Delta, coverage, before, base(tick - 1), tick, {}};
    encode_delta(room.source(tick - 1, tick, coverage), now, stream, delta.body);
    RealBody catch_up{
        is_public ? "catch-up" : "private catch-up", BodyKind::CatchUp, coverage, {}, base(long_ago), tick, {}};
    catch_up.state.tick = long_ago;
    catch_up.state.members = long_before;
    encode_catch_up(room.source(long_ago, tick, coverage), long_before, stream, catch_up.body);
    RealBody keyframe{is_public ? "keyframe" : "private keyframe", BodyKind::Keyframe, coverage, {}, {}, tick, {}};
    if (!is_public) keyframe.base = base(long_ago);
    encode_keyframe(room.source(0, tick, coverage), stream.members, keyframe.body);
    made.insert(made.end(), {delta, catch_up, keyframe});
}

std::string trouble_of(const Codec& codec, const RealBody& real, StreamState state, const Snapshot& made) {
    const Layout& layout = codec.layout();
    if (real.kind == BodyKind::Newcomers)
        state = {real.tick, all_members(made), std::vector<Trail>(layout.table_count())};
    if (const std::string wrong = what_is_wrong(layout, made, real_entities_max); !wrong.empty()) return wrong;
    // A private stream that does not say that a member is gone has no rows of it.
    if (real.coverage == Coverage::Private) state.members = both(state.members, all_members(made));
    if (!minus(state.members, all_members(made)).empty()) return "a member is not alive";
    for (std::size_t table = 0; table < state.trails.size(); ++table) {
        const Trail& trail = state.trails[table];
        if (trail.values.size() != trail.rows.count() * layout.slot_count(table)) return "a trail of another size";
        for (const Members::Part& part : trail.rows.parts()) {
            const Chunk* const chunk = made.chunk(table, part.chunk);
            if (chunk == nullptr || (part.rows & ~(chunk->present & state.members.rows(part.chunk))) != 0)
                return "a trail of rows that are not there";
        }
    }
    // Nobody can tell it from a state of ours: a newcomer may be told of it.
    Bytes body;
    const Snapshot nothing;
    encode_catch_up({.codec = codec, .before = nothing, .after = made, .coverage = real.coverage}, {}, state, body);
    StreamState again;
    SnapshotEdit edit(layout, real.coverage == Coverage::Public ? nothing : made);
    const auto outcome =
        decode_body(codec, body, BodyKind::CatchUp, real.coverage, state.tick, {real_entities_max}, again, edit);
    if (!outcome) return "what was accepted is refused when it is told again: " + outcome.error().message;
    if (again != state) return "what a stream remembers does not travel on";
    return difference_of_members(layout, std::move(edit).finish(state.tick), made, state.members, real.coverage);
}

}  // namespace

std::vector<RealBody> real_bodies(const Codec& codec, std::uint64_t seed) {
    GroupRoom room(codec, real_entities_max, seed);
    while (room.tick() < 14) room.step();
    std::array<StreamState, told_groups> before;
    for (std::uint16_t group = 0; group < told_groups; ++group) before[group] = room.stream(group, Rate::Full).state;
    room.step();
    const Tick tick = room.tick();
    std::vector<RealBody> made;
    for (std::uint16_t group = 0; group < told_groups; ++group)
        add_stream(made, room, Coverage::Public, before[group], room.at(tick - 5)->members[group],
                   room.now().members[group]);
    RealBody newcomers{"newcomers", BodyKind::Newcomers, Coverage::Public, {}, room.at(tick - 5)->snapshot, tick, {}};
    encode_newcomers(room.source(tick, tick), room.now().members[0], newcomers.body);
    made.push_back(newcomers);
    for (PlayerId player = 1; player <= 2; ++player) {
        StreamState stream;
        Bytes unused;
        for (const Tick then : {tick - 2, tick - 1})
            encode_delta(room.source(stream.tick, then, Coverage::Private), owned_by(player, *room.at(then)), stream,
                         unused);
        add_stream(made, room, Coverage::Private, stream, owned_by(player, *room.at(tick - 5)),
                   owned_by(player, room.now()));
    }
    return made;
}

Reading read_instead(const Codec& codec, const RealBody& real, ByteSpan bytes) {
    Reading result;
    // An allocation of its own: whoever reads beyond its end is caught.
    const Bytes exact(bytes.begin(), bytes.end());
    StreamState state = real.state;
    SnapshotEdit edit(codec.layout(), real.base);
    const auto outcome =
        decode_body(codec, exact, real.kind, real.coverage, real.tick, {real_entities_max}, state, edit);
    result.accepted = outcome.has_value();
    if (!outcome) {
        result.refusal = outcome.error().message;
        if (outcome.error().blame != Blame::Peer) result.trouble = "the peer is not blamed";
        if (outcome.error().close_code != 1007) result.trouble = "the close code is another";
        if (result.refusal.size() < 12) result.trouble = "a refusal without a sentence";
        return result;
    }
    result.trouble = trouble_of(codec, real, std::move(state), std::move(edit).finish(real.tick));
    return result;
}

}  // namespace tidewire::replication::testing
