// Encoding late: nothing is made that nobody asks for.
#include "server/room/stream.h"

#include <cassert>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/row_sets.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

using replication::Members;
using replication::Snapshot;

/// Who was in the group at every tick from the one after `from` to `to`. Empty where that is not known.
std::optional<Members> stayed_between(const InterestGroups& interest, GroupId group, Tick from, Tick to) {
    std::optional<Members> stayed;
    const Members* last = nullptr;
    for (Tick tick = from + 1; tick <= to; ++tick) {
        const Members* const members = interest.members_at(group, tick);
        if (members == nullptr) return std::nullopt;
        if (members == last) continue;
        last = members;
        stayed = stayed ? replication::both(*stayed, *members) : *members;
    }
    return stayed;
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
            .changes = &before == &newest
                           ? nullptr
                           : &source.changes.try_emplace(before.tick, source.layout, before, newest).first->second,
            .listener = nullptr,
            .scratch = &source.scratch};
}

void Stream::advance(const StreamSource& source) {
    const Snapshot& newest = *source.snapshots.newest();
    if (state_.tick == newest.tick) return;
    last_delta_ = last_delta(newest.tick);
    delta_.clear();
    sources_.clear();
    newcomer_rows_.clear();
    keyframe_.reset();
    keyframe_bytes_ = 0;
    catch_ups_.clear();
    newcomers_.clear();
    const Members& members = source.interest.members(group_);
    const Snapshot* const before = state_.tick == 0 ? nullptr : source.find(state_.tick);
    delta_from_ = 0;
    std::optional<Members> stayed;
    const bool one_step = before != nullptr && newest.tick - before->tick == 1;
    if (before != nullptr && !one_step) stayed = stayed_between(source.interest, group_, before->tick, newest.tick);
    if (before == nullptr || (!one_step && !stayed)) {
        state_ = {.tick = newest.tick, .members = members, .trails = {}};
        return;
    }
    const bool same_members = one_step && !source.interest.members_changed(group_);
    if (one_step && !is_private(group_) && !same_members) find_sources(source, *before, members);
    delta_from_ = before->tick;
    replication::encode_delta(body_source(source, *before, stayed ? &*stayed : nullptr, same_members), members, state_,
                              delta_);
}

/// Members that come from other groups, by the group that they were in at `before`.
void Stream::find_sources(const StreamSource& source, const Snapshot& before, const Members& members) {
    const Snapshot& newest = *source.snapshots.newest();
    const auto add = [&](std::uint32_t chunk, std::uint32_t row, std::uint32_t index) {
        const replication::Chunk* const was = before.chunk(0, chunk);
        const replication::Chunk* const is = newest.chunk(0, chunk);
        if (was == nullptr || (was->present >> row & 1) == 0 || was->column(0)[row] != is->column(0)[row]) return;
        newcomer_rows_[source.interest.group_at(index, before.tick)].insert(index);
    };
    replication::for_each_row(replication::minus(members, state_.members), add);
    for (const auto& [group, rows] : newcomer_rows_) sources_.push_back(group);
}

std::size_t Stream::member_count(const InterestGroups& interest, Tick now) {
    if (counted_at_ != now) member_count_ = interest.members(group_).count();
    counted_at_ = now;
    return member_count_;
}

ByteSpan Stream::newcomers(const StreamSource& source, GroupId from) {
    const auto [found, missing] = newcomers_.try_emplace(from);
    if (missing) {
        const Snapshot* const before = source.snapshots.find(delta_from_);
        assert(before != nullptr && "the delta was made from it");
        Bytes body;
        const replication::BodySource rows{
            .codec = source.codec, .before = *before, .after = *before, .scratch = &source.scratch};
        replication::encode_newcomers(rows, newcomer_rows_[from], body);
        found->second = wire::pack_body(body, source.dictionary);
    }
    return found->second;
}

ByteSpan Stream::keyframe(const StreamSource& source) {
    if (!keyframe_) {
        Bytes body;
        replication::encode_keyframe(body_source(source, *source.snapshots.newest(), nullptr, false), state_.members,
                                     body);
        keyframe_bytes_ = body.size();
        keyframe_ = wire::pack_body(body, source.dictionary);
        last_keyframe_ = keyframe_->size();
        last_keyframe_members_ = member_count(source.interest, state_.tick);
    }
    return *keyframe_;
}

std::optional<ByteSpan> Stream::catch_up(const StreamSource& source, Tick baseline) {
    const auto known = catch_ups_.find(baseline);
    if (known != catch_ups_.end()) return known->second;
    if (baseline >= state_.tick) return std::nullopt;
    const Snapshot* before = source.snapshots.find(baseline);
    const Members* members = source.interest.members_at(group_, baseline);
    std::optional<Members> stayed;
    if (before != nullptr && members != nullptr) {
        stayed = stayed_between(source.interest, group_, baseline, state_.tick);
    } else if (const HeldTick* const held = source.held.find(baseline)) {
        before = &held->snapshot;
        members = &held->members(group_, source.interest);
        stayed = held->stayed(group_, source.interest);
    }
    if (!stayed) return std::nullopt;
    Bytes& body = catch_ups_[baseline];
    replication::encode_catch_up(body_source(source, *before, &*stayed, false), *members, state_, body);
    last_catch_up_ = body.size();
    return body;
}

}  // namespace tidewire::server
