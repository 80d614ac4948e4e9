// Bodies as server/room/stream.h makes them, from the recording's snapshots instead of a room's.
#include "tools/flight/reencoder.h"

#include <utility>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/row_sets.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::flight {

namespace {

using replication::Coverage;
using replication::Members;
using replication::StreamState;

constexpr std::uint16_t nowhere = 0xffff;
// What slow clients skip. Each skip is encoded once in as many ticks, so long ones do not outweigh the others.
constexpr std::uint32_t skips[] = {2, 4, 8, 16};
constexpr std::size_t skip_max = 16;
// Keyframes are seldom, but there must be enough of them to learn from.
constexpr Tick keyframe_period = 32;

/// The entity at an index is the same one in both.
bool lives_on(const replication::Snapshot& before, const replication::Snapshot& after, std::uint32_t chunk,
              std::uint32_t row) {
    const replication::Chunk* const was = before.chunk(0, chunk);
    const replication::Chunk* const is = after.chunk(0, chunk);
    return was != nullptr && is != nullptr && (was->present >> row & 1) != 0 &&
           was->column(0)[row] == is->column(0)[row];
}

}  // namespace

void Reencoder::tick(const Replay& replay) {
    const std::vector<Group> groups = collect(replay);
    past_.push_back({replay.now(), members_});
    if (past_.size() > skip_max + 1) past_.pop_front();
    for (const Group& group : groups) {
        encode_delta(replay, group);
        encode_newcomers(replay, group);
        encode_catch_ups(replay, group);
        encode_keyframe(replay, group);
        streams_[group.id] = *group.state;
    }
}

/// The groups that were told of in this tick. Takes homes_ and members_ there.
std::vector<Reencoder::Group> Reencoder::collect(const Replay& replay) {
    const Members nobody;
    std::erase_if(streams_, [&](const auto& stream) {
        if (replay.groups().count(stream.first) != 0) return false;
        if (replication::coverage_of(stream.first) == Coverage::Public)
            move_homes(stream.first, stream.second.members, nobody);
        members_.erase(stream.first);
        return true;
    });
    std::vector<Group> groups;
    for (const std::uint16_t id : replay.groups()) {
        const StreamState& state = replay.group(id);
        if (state.tick != replay.now().tick) continue;
        groups.push_back({.id = id, .state = &state, .newcomers = {}});
        find_newcomers(replay, groups.back());
    }
    for (const Group& group : groups) {
        const auto stream = streams_.find(group.id);
        const Members& before = stream == streams_.end() ? nobody : stream->second.members;
        const Members& after = group.state->members;
        MembersPointer& kept = members_[group.id];
        if (kept && before == after) continue;
        kept = std::make_shared<const Members>(after);
        if (replication::coverage_of(group.id) == Coverage::Public) move_homes(group.id, before, after);
    }
    return groups;
}

void Reencoder::find_newcomers(const Replay& replay, Group& group) const {
    const auto stream = streams_.find(group.id);
    if (stream == streams_.end() || replication::coverage_of(group.id) == Coverage::Private) return;
    if (stream->second.members == group.state->members) return;
    replication::for_each_row(replication::minus(group.state->members, stream->second.members),
                              [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t index) {
                                  if (lives_on(replay.before(), replay.now(), chunk, row))
                                      group.newcomers[home(index)].insert(index);
                              });
}

void Reencoder::move_homes(std::uint16_t group, const Members& before, const Members& after) {
    replication::for_each_row(replication::minus(before, after),
                              [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
                                  if (home(index) == group) homes_[index] = nowhere;
                              });
    replication::for_each_row(replication::minus(after, before),
                              [&](std::uint32_t, std::uint32_t, std::uint32_t index) {
                                  if (homes_.size() <= index) homes_.resize(index + std::size_t{1}, nowhere);
                                  homes_[index] = group;
                              });
}

void Reencoder::encode_delta(const Replay& replay, const Group& group) {
    const auto stream = streams_.find(group.id);
    if (stream == streams_.end() || stream->second.tick + 1 != replay.now().tick) return;
    if (replay.before().tick != stream->second.tick) return;
    body_.clear();
    StreamState state = stream->second;
    replication::encode_delta(source(replay.before(), replay.now(), group.id), group.state->members, state, body_);
    totals_.deltas.add(body_.size());
}

void Reencoder::encode_catch_ups(const Replay& replay, const Group& group) {
    const Tick now = replay.now().tick;
    for (const std::uint32_t skip : skips) {
        if ((now + group.id) % skip != 0 || past_.size() <= skip) continue;
        const auto first = past_.end() - static_cast<std::ptrdiff_t>(skip) - 1;
        // Ticks that are missing in the recording: a skip would be another one.
        if (first->snapshot.tick + skip != now) continue;
        std::optional<Members> stayed;
        bool followed = first->members.count(group.id) != 0;
        for (auto moment = first + 1; followed && moment != past_.end(); ++moment) {
            const auto members = moment->members.find(group.id);
            followed = members != moment->members.end();
            if (followed) stayed = stayed ? replication::both(*stayed, *members->second) : *members->second;
        }
        if (!followed) continue;
        replication::BodySource from = source(first->snapshot, replay.now(), group.id);
        from.stayed = &*stayed;
        body_.clear();
        replication::encode_catch_up(from, *first->members.find(group.id)->second, *group.state, body_);
        totals_.catch_ups.add(body_.size());
    }
}

void Reencoder::encode_keyframe(const Replay& replay, const Group& group) {
    const bool is_new = streams_.find(group.id) == streams_.end();
    if (!is_new && (replay.now().tick + group.id) % keyframe_period != 0) return;
    const replication::Snapshot nothing;
    body_.clear();
    replication::encode_keyframe(source(nothing, replay.now(), group.id), group.state->members, body_);
    add_packed(totals_.keyframes);
}

void Reencoder::encode_newcomers(const Replay& replay, const Group& group) {
    for (const auto& [from, rows] : group.newcomers) {
        body_.clear();
        const replication::BodySource before{.codec = *codec_,
                                             .before = replay.before(),
                                             .after = replay.before(),
                                             .coverage = Coverage::Public,
                                             .group_of = {},
                                             .stayed = nullptr,
                                             .listener = encoding_.listener};
        replication::encode_newcomers(before, rows, body_);
        add_packed(totals_.newcomers);
    }
}

void Reencoder::add_packed(BodyTotals& totals) {
    if (encoding_.on_packable) encoding_.on_packable(body_);
    totals.add(wire::pack_body(body_, encoding_.dictionary).size());
}

replication::BodySource Reencoder::source(const replication::Snapshot& before, const replication::Snapshot& after,
                                          std::uint16_t group) const {
    return {.codec = *codec_,
            .before = before,
            .after = after,
            .coverage = replication::coverage_of(group),
            .group_of = [this](std::uint32_t index) { return home(index); },
            .stayed = nullptr,
            .listener = encoding_.listener};
}

std::uint16_t Reencoder::home(std::uint32_t entity) const { return entity < homes_.size() ? homes_[entity] : nowhere; }

}  // namespace tidewire::flight
