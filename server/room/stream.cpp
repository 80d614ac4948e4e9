// Encoding late: nothing is made that nobody asks for.
#include "server/room/stream.h"

#include <algorithm>
#include <cassert>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/row_sets.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

using replication::Members;
using replication::Snapshot;

/// Who was in the group at every tick from the one after `from`, which is before `to`, to `to`. False where that is not known.
bool find_stayed(const InterestGroups& interest, GroupId group, Tick from, Tick to, StreamScratch& scratch) {
    const Members* last = nullptr;
    for (Tick tick = from + 1; tick <= to; ++tick) {
        const Members* const members = interest.members_at(group, tick);
        if (members == nullptr) return false;
        if (members == last) continue;
        if (last == nullptr) {
            scratch.stayed = *members;
        } else {
            replication::both(scratch.stayed, *members, scratch.both);
            scratch.stayed.swap(scratch.both);
        }
        last = members;
    }
    return true;
}

}  // namespace

replication::BodySource Stream::body_source(const StreamSource& source, const Snapshot& before, const Members* stayed,
                                            bool same_members) const {
    const InterestGroups& interest = source.interest;
    const Snapshot& newest = *source.snapshots.newest();
    return {.codec = source.codec,
            .before = before,
            .after = newest,
            .coverage = replication::coverage_of(group_),
            .group_of = [&interest](std::uint32_t index) { return interest.group_of(index); },
            .stayed = stayed,
            .same_members = same_members,
            .changes = &before == &newest ? nullptr : &source.changes.between(source.layout, before, newest),
            .listener = nullptr,
            .scratch = &source.scratch.encode};
}

void Stream::advance(const StreamSource& source) {
    const Snapshot& newest = *source.snapshots.newest();
    if (state_.tick == newest.tick) return;
    last_delta_ = last_delta(newest.tick);
    delta_.clear();
    sources_.clear();
    has_keyframe_ = false;
    keyframe_bytes_ = 0;
    catch_up_count_ = 0;
    const Members& members = source.interest.members(group_);
    const Snapshot* const before = state_.tick == 0 ? nullptr : source.find(state_.tick);
    delta_from_ = 0;
    const bool one_step = before != nullptr && newest.tick - before->tick == 1;
    const bool leap = before != nullptr && !one_step &&
                      find_stayed(source.interest, group_, before->tick, newest.tick, source.scratch);
    if (!one_step && !leap) {
        state_ = {.tick = newest.tick, .members = members, .trails = {}};
        return;
    }
    const bool same_members = one_step && !source.interest.members_changed(group_);
    if (one_step && !is_private(group_) && !same_members) find_sources(source, *before, members);
    delta_from_ = before->tick;
    replication::encode_delta(body_source(source, *before, leap ? &source.scratch.stayed : nullptr, same_members), members,
                              state_, delta_);
}

/// Members that come from other groups, by the group that they were in at `before`.
void Stream::find_sources(const StreamSource& source, const Snapshot& before, const Members& members) {
    const Snapshot& newest = *source.snapshots.newest();
    const auto add = [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t index) {
        const replication::Chunk* const was = before.chunk(0, chunk);
        const replication::Chunk* const is = newest.chunk(0, chunk);
        if (was == nullptr || (was->present >> row & 1) == 0 || was->column(0)[row] != is->column(0)[row]) return;
        newcomers_from(source.interest.group_at(index, before.tick)).insert(index);
    };
    replication::RowsWalk known(state_.members);
    for (const Members::Part& part : members.parts())
        for (std::uint64_t rest = part.rows & ~known.at(part.chunk); rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            add(part.chunk, row, part.chunk * static_cast<std::uint32_t>(replication::Chunk::rows) + row);
        }
}

/// Sources stay sorted.
Members& Stream::newcomers_from(GroupId group) {
    const auto found = std::lower_bound(sources_.begin(), sources_.end(), group);
    const auto place = found - sources_.begin();
    if (found != sources_.end() && *found == group) return newcomers_[static_cast<std::size_t>(place)].rows;
    sources_.insert(found, group);
    if (newcomers_.size() < sources_.size()) newcomers_.emplace_back();
    const auto last = newcomers_.begin() + static_cast<std::ptrdiff_t>(sources_.size() - 1);
    std::rotate(newcomers_.begin() + place, last, last + 1);
    Newcomers& begun = newcomers_[static_cast<std::size_t>(place)];
    begun.rows.clear();
    begun.made = false;
    return begun.rows;
}

const Stream::CatchUp* Stream::find_catch_up(Tick baseline) const {
    for (std::size_t i = 0; i < catch_up_count_; ++i)
        if (catch_ups_[i].baseline == baseline) return &catch_ups_[i];
    return nullptr;
}

std::size_t Stream::member_count(const InterestGroups& interest, Tick now) {
    if (counted_at_ != now) member_count_ = interest.members(group_).count();
    counted_at_ = now;
    return member_count_;
}

ByteSpan Stream::newcomers(const StreamSource& source, GroupId from) {
    const auto found = std::lower_bound(sources_.begin(), sources_.end(), from);
    assert(found != sources_.end() && *found == from && "one of sources()");
    Newcomers& newcomers = newcomers_[static_cast<std::size_t>(found - sources_.begin())];
    if (!newcomers.made) {
        const Snapshot* const before = source.snapshots.find(delta_from_);
        assert(before != nullptr && "the delta was made from it");
        Bytes& body = source.scratch.body;
        body.clear();
        const replication::BodySource rows{
            .codec = source.codec, .before = *before, .after = *before, .scratch = &source.scratch.encode};
        replication::encode_newcomers(rows, newcomers.rows, body);
        wire::pack_body(body, source.dictionary, newcomers.packed);
        newcomers.made = true;
    }
    return newcomers.packed;
}

ByteSpan Stream::keyframe(const StreamSource& source) {
    if (!has_keyframe_) {
        Bytes& body = source.scratch.body;
        body.clear();
        replication::encode_keyframe(body_source(source, *source.snapshots.newest(), nullptr, false), state_.members,
                                     body);
        keyframe_bytes_ = body.size();
        wire::pack_body(body, source.dictionary, keyframe_);
        has_keyframe_ = true;
        last_keyframe_ = keyframe_.size();
        last_keyframe_members_ = member_count(source.interest, state_.tick);
    }
    return keyframe_;
}

std::optional<ByteSpan> Stream::catch_up(const StreamSource& source, Tick baseline) {
    if (const CatchUp* const found = find_catch_up(baseline)) return found->body;
    if (baseline >= state_.tick) return std::nullopt;
    const Snapshot* before = source.snapshots.find(baseline);
    const Members* members = source.interest.members_at(group_, baseline);
    Members& stayed = source.scratch.stayed;
    bool known = false;
    if (before != nullptr && members != nullptr) {
        known = find_stayed(source.interest, group_, baseline, state_.tick, source.scratch);
    } else if (const HeldTick* const held = source.held.find(baseline)) {
        before = &held->snapshot;
        members = &held->members(group_, source.interest);
        stayed = held->stayed(group_, source.interest);
        known = true;
    }
    if (!known) return std::nullopt;
    // Bodies that were given out stay where they are when the list grows.
    if (catch_ups_.size() == catch_up_count_) catch_ups_.emplace_back();
    CatchUp& made = catch_ups_[catch_up_count_++];
    made.baseline = baseline;
    Bytes& body = made.body;
    body.clear();
    replication::encode_catch_up(body_source(source, *before, &stayed, false), *members, state_, body);
    last_catch_up_ = body.size();
    return body;
}

}  // namespace tidewire::server
