// The rule of newcomers: a delta over one tick takes those who lived in another group for known, so a client must have them exactly
// as they were then. All others are told anew, or never left.

#include "tests/sdk/replication/group_client.h"

#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication::testing {

namespace {

bool has(const Chunk* chunk, std::uint32_t row) { return chunk != nullptr && (chunk->present >> row & 1) != 0; }

std::string row_difference(const Layout& layout, std::size_t table, std::size_t slots, std::uint32_t row,
                           const Chunk* actual, const Chunk* expected) {
    const std::string name = layout.table_name(table);
    if (has(actual, row) != has(expected, row)) return name + (has(actual, row) ? " is there" : " is missing");
    if (!has(actual, row)) return {};
    for (std::size_t slot = 0; slot < slots; ++slot)
        if (actual->column(slot)[row] != expected->column(slot)[row])
            return layout.slot_name(table, slot) + " is " + std::to_string(actual->column(slot)[row]) + ", expected " +
                   std::to_string(expected->column(slot)[row]);
    if (layout.is_record(table) && !same_record(actual->records[row], expected->records[row]))
        return name + " is another record";
    return {};
}

std::string name_of(std::uint16_t group, Rate rate) {
    return "group " + std::to_string(group) + ", every " + std::to_string(period_of(rate)) + " ticks: ";
}

}  // namespace

std::string difference_of_members(const Layout& layout, const Snapshot& actual, const Snapshot& expected,
                                  const Members& members, Coverage coverage) {
    std::string found;
    for_each_row(members, [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t entity) {
        for (std::size_t table = 0; table < layout.table_count() && found.empty(); ++table) {
            if (!covers(layout, coverage, table)) continue;
            // Of the owner only public streams tell.
            const std::size_t slots = table == 0 && coverage == Coverage::Private ? 1 : layout.slot_count(table);
            const std::string difference =
                row_difference(layout, table, slots, row, actual.chunk(table, chunk), expected.chunk(table, chunk));
            if (!difference.empty()) found = "entity " + std::to_string(entity) + ": " + difference;
        }
    });
    return found;
}

GroupClient::GroupClient(const GroupRoom& room, PlayerId player, std::uint64_t seed)
    : room_(room), player_(player), random_(seed), held_(room.entities_max()) {}

std::string GroupClient::follow() {
    private_told_ = false;
    if (chance(5)) return {};
    SnapshotEdit edit(room_.codec().layout(), snapshot_);
    // In any order: what groups say must not depend on it.
    const auto first = static_cast<std::uint16_t>(random_.below(told_groups));
    for (std::uint16_t i = 0; i < told_groups && trouble_.empty(); ++i)
        follow_group(static_cast<std::uint16_t>((first + i) % told_groups), edit);
    forget_strays(edit);
    if (trouble_.empty()) follow_private(edit);
    if (!trouble_.empty()) return trouble_;
    snapshot_ = std::move(edit).finish(room_.tick());
    check(snapshot_);
    return trouble_;
}

void GroupClient::follow_group(std::uint16_t group, SnapshotEdit& edit) {
    const auto found = groups_.find(group);
    const auto rate = static_cast<Rate>(random_.below(3));
    if (found == groups_.end()) {
        if (chance(4) && room_.stream(group, rate).state.tick == room_.tick()) join(group, rate, edit);
        return;
    }
    Following& following = found->second;
    if (chance(40)) {
        groups_.erase(found);
        return;
    }
    const Tick since = following.state.tick;
    const Stream& other = room_.stream(group, rate);
    if (rate != following.rate && chance(6) && other.state.tick == room_.tick()) {
        ++counts_.rate_changes;
        return catch_up(group, following, rate, edit);
    }
    const Stream& stream = room_.stream(group, following.rate);
    if (stream.state.tick != room_.tick() || chance(6)) return;  // not due, or over the client's budget
    if (stream.previous == since && !chance(10))
        take_delta(group, following, edit);
    else
        catch_up(group, following, following.rate, edit);
}

void GroupClient::join(std::uint16_t group, Rate rate, SnapshotEdit& edit) {
    ++counts_.keyframes;
    Bytes body;
    encode_catch_up(room_.source(0, room_.tick()), {}, room_.stream(group, rate).state, body);
    Following& following = groups_[group] = Following{rate, {}};
    apply(group, body, BodyKind::CatchUp, following, edit);
}

void GroupClient::take_delta(std::uint16_t group, Following& following, SnapshotEdit& edit) {
    ++counts_.deltas;
    const Tick since = following.state.tick;
    const Moment& before = *room_.at(since);
    check_held(room_.stayed_in(group, since, room_.tick()), since, edit);
    Members known;
    for_each_row(room_.now().members[group], [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        const bool lived = before.generation(entity) == room_.now().generation(entity);
        if (lived && !following.state.members.has(entity)) known.insert(entity);
    });
    if (room_.tick() - since == 1) {
        counts_.arrived_known += static_cast<int>(known.count());
        send_newcomers(since, known, edit);
    }
    apply(group, room_.stream(group, following.rate).delta, BodyKind::Delta, following, edit);
}

void GroupClient::catch_up(std::uint16_t group, Following& following, Rate rate, SnapshotEdit& edit) {
    const Tick since = following.state.tick;
    const Moment* const before = room_.at(since);
    if (before == nullptr) return join(group, rate, edit);
    ++counts_.catch_ups;
    following.rate = rate;
    const Members members = following.state.members;
    if (members != before->members[group]) complain("the members are not those of tick " + std::to_string(since));
    const Members stayed = room_.stayed_in(group, since, room_.tick());
    check_held(stayed, since, edit);
    Bytes body;
    encode_catch_up(room_.source(since, room_.tick(), Coverage::Public, &stayed), members,
                    room_.stream(group, rate).state, body);
    apply(group, body, BodyKind::CatchUp, following, edit);
}

/// Whoever never left a group was told of by no other.
void GroupClient::check_held(const Members& stayed, Tick tick, const SnapshotEdit& edit) {
    for_each_row(stayed, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        if (held(edit, entity) != Held{room_.at(tick)->generation(entity), tick})
            complain("entity " + std::to_string(entity) + " is not as its group told it");
    });
}

void GroupClient::send_newcomers(Tick baseline, const Members& arrivals, SnapshotEdit& edit) {
    Members missing;
    for_each_row(arrivals, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        if (held(edit, entity) != Held{room_.at(baseline)->generation(entity), baseline}) missing.insert(entity);
    });
    if (missing.empty()) return;
    ++counts_.newcomers;
    Bytes body;
    encode_newcomers(room_.source(baseline, baseline), missing, body);
    StreamState unused;
    unused.tick = 12345;
    const StreamState untouched = unused;
    const auto outcome = decode_body(room_.codec(), body, BodyKind::Newcomers, Coverage::Public, room_.tick(),
                                     {room_.entities_max()}, unused, edit);
    if (!outcome) return complain("newcomers: " + outcome.error().message);
    if (outcome->arrived.size() != missing.count() || !outcome->left.empty()) complain("newcomers: others came");
    if (unused != untouched) complain("newcomers changed a stream's state");
    hold(missing, baseline, edit);
}

void GroupClient::apply(std::uint16_t group, ByteSpan body, BodyKind kind, Following& following, SnapshotEdit& edit) {
    const std::string name = name_of(group, following.rate) + (kind == BodyKind::Delta ? "delta: " : "catch-up: ");
    const Members before = following.state.members;
    const auto outcome = decode_body(room_.codec(), body, kind, Coverage::Public, room_.tick(), {room_.entities_max()},
                                     following.state, edit);
    if (!outcome) return complain(name + outcome.error().message);
    if (following.state != room_.stream(group, following.rate).state) complain(name + "the stream's state is another");
    for (const LeftMember& left : outcome->left) {
        const std::uint32_t entity = left.entity.index;
        if (!before.has(entity)) complain(name + "who was no member left");
        const bool lives = held_[entity].generation == room_.now().generation(entity);
        if (left.group && *left.group != room_.now().groups[entity]) complain(name + "left for another group");
        if (left.group && groups_.count(*left.group) != 0 && lives) underway_[entity] = *left.group;
    }
    for (const std::uint32_t entity : outcome->arrived) {
        if (!following.state.members.has(entity)) complain(name + "an arrival is no member");
        underway_.erase(entity);
    }
    hold(following.state.members, room_.tick(), edit);
}

/// The room knows what it told: a private stream has those of the player's entities that public ones have made alive.
void GroupClient::follow_private(SnapshotEdit& edit) {
    const Codec& codec = room_.codec();
    if (chance(60)) abandon_private(edit);
    const Tick since = private_stream_.tick;
    const Tick now = room_.tick();
    Members members;
    for (const auto& [group, following] : groups_)
        for_each_row(following.state.members, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
            const bool is_here = edit.generation(entity) == room_.now().generation(entity);
            if (is_here && room_.now().owner(entity) == player_) members.insert(entity);
        });
    if (room_.at(since) == nullptr) return abandon_private(edit);
    const Members members_before = private_stream_.members;
    Bytes body;
    encode_delta(room_.source(since, now, Coverage::Private), members, private_stream_, body);
    BodyKind kind = BodyKind::Delta;
    if (chance(4)) {
        ++counts_.private_catch_ups;
        kind = BodyKind::CatchUp;
        body.clear();
        encode_catch_up(room_.source(since, now, Coverage::Private), members_before, private_stream_, body);
    }
    ++counts_.privates;
    const auto outcome =
        decode_body(codec, body, kind, Coverage::Private, now, {room_.entities_max()}, private_state_, edit);
    if (!outcome) return complain("private: " + outcome.error().message);
    if (private_state_ != private_stream_) complain("private: the stream's state is another");
    private_told_ = true;
}

void GroupClient::abandon_private(SnapshotEdit& edit) {
    const Layout& layout = room_.codec().layout();
    for_each_row(private_state_.members, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        for (std::size_t table = 1; table < layout.table_count(); ++table)
            if (covers(layout, Coverage::Private, table)) edit.remove(table, entity);
    });
    private_state_ = private_stream_ = StreamState{};
}

/// Entities of no group that is followed go, but for those that are underway to one.
void GroupClient::forget_strays(SnapshotEdit& edit) {
    for (std::uint32_t entity = 0; entity < room_.entities_max(); ++entity) {
        bool stays = false;
        for (const auto& [group, following] : groups_) stays |= following.state.members.has(entity);
        const auto found = underway_.find(entity);
        const bool waits = found != underway_.end() && groups_.count(found->second) != 0 &&
                           groups_[found->second].state.tick != room_.tick();
        if (!waits && found != underway_.end()) underway_.erase(found);
        if (!stays && !waits) edit.remove_entity(entity);
    }
}

void GroupClient::check(const Snapshot& made) {
    const Layout& layout = room_.codec().layout();
    const std::string wrong = what_is_wrong(layout, made, room_.entities_max());
    if (!wrong.empty()) complain(wrong);
    for (const auto& [group, following] : groups_) {
        if (following.state.tick != room_.tick()) continue;
        if (following.state.members != room_.now().members[group]) complain("the members are others");
        const std::string difference =
            difference_of_members(layout, made, room_.now().snapshot, following.state.members, Coverage::Public);
        if (!difference.empty()) complain(name_of(group, following.rate) + difference);
    }
    if (!private_told_) return;
    const std::string difference =
        difference_of_members(layout, made, room_.now().snapshot, private_state_.members, Coverage::Private);
    if (!difference.empty()) complain("private: " + difference);
    // Nobody else's, and of nobody else.
    for (std::size_t table = 1; table < layout.table_count(); ++table) {
        if (!covers(layout, Coverage::Private, table)) continue;
        for (std::uint32_t chunk = 0; table < made.tables.size() && chunk < made.tables[table].size(); ++chunk)
            if (const Chunk* const rows = made.chunk(table, chunk))
                if ((rows->present & ~private_state_.members.rows(chunk)) != 0) complain("private rows of others");
    }
}

GroupClient::Held GroupClient::held(const SnapshotEdit& edit, std::uint32_t entity) const {
    const std::uint32_t generation = edit.generation(entity);
    return generation == held_[entity].generation ? held_[entity] : Held{0, 0};
}

void GroupClient::hold(const Members& members, Tick tick, const SnapshotEdit& edit) {
    for_each_row(members, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
        held_[entity] = {edit.generation(entity), tick};
    });
}

}  // namespace tidewire::replication::testing
