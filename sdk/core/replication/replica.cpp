// An entity that leaves one group for another keeps its rows and its identity. Whether it is gone is known when all bodies of a tick
// are applied: nobody else may have taken it by then.

#include "sdk/core/replication/replica.h"

#include <set>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/row_check.h"
#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

namespace {

/// Wrong order of the server's: RFC 6455 7.4.1.
constexpr std::uint16_t protocol_error = 1002;

Unexpected refuse_order(std::uint16_t group, const char* what) {
    return unexpected(Blame::Peer, "group " + std::to_string(group) + what, protocol_error);
}

}  // namespace

Replica::Replica(const Codec& codec, BodyLimits limits) : codec_(&codec), limits_(limits) {}

Result<Snapshot> Replica::apply(const Snapshot& newest, Tick tick, std::span<const GroupUpdate> updates) {
    orphans_.clear();
    differences_.clear();
    SnapshotEdit edit(codec_->layout(), newest);
    bool verifies = false;
    for (const GroupUpdate& update : updates) {
        if (update.kind == GroupUpdate::Kind::Verify)
            verifies = true;
        else if (auto applied = apply_one(update, tick, edit); !applied)
            return Unexpected{applied.error()};
    }
    remove_orphans(edit);
    Snapshot made = std::move(edit).finish(tick);
    if (!verifies) return made;

    SnapshotEdit corrected(codec_->layout(), made);
    std::set<std::uint16_t> verified;
    for (const GroupUpdate& update : updates) {
        if (update.kind != GroupUpdate::Kind::Verify) continue;
        // A comparison costs a whole keyframe: one a tick is what a client owes.
        if (!verified.insert(update.group).second) return refuse_order(update.group, " is verified twice in one tick");
        if (auto compared = verify(update, tick, made); !compared) return Unexpected{compared.error()};
        if (auto taken = begin_anew(update, tick, corrected); !taken) return Unexpected{taken.error()};
    }
    remove_orphans(corrected);
    return std::move(corrected).finish(tick);
}

Result<void> Replica::apply_one(const GroupUpdate& update, Tick tick, SnapshotEdit& edit) {
    const auto found = groups_.find(update.group);
    const auto told = [&] { return found != groups_.end() && found->second.tick >= tick; };
    switch (update.kind) {
        case GroupUpdate::Kind::Delta:
        case GroupUpdate::Kind::CatchUp: {
            if (found == groups_.end()) return refuse_order(update.group, " goes on, but never began");
            if (told()) return refuse_order(update.group, " is told of twice in one tick");
            const bool is_delta = update.kind == GroupUpdate::Kind::Delta;
            return decode(update, is_delta ? BodyKind::Delta : BodyKind::CatchUp, tick, found->second, edit);
        }
        case GroupUpdate::Kind::Keyframe:
            if (told()) return refuse_order(update.group, " is told of twice in one tick");
            return begin_anew(update, tick, edit);
        case GroupUpdate::Kind::Newcomers: {
            StreamState unused;
            return decode(update, BodyKind::Newcomers, tick, unused, edit);
        }
        case GroupUpdate::Kind::Left:
            if (found == groups_.end()) return refuse_order(update.group, " ends, but never began");
            if (told()) return refuse_order(update.group, " is told of in the tick in which it ends");
            abandon(update.group, edit);
            groups_.erase(found);
            return {};
        case GroupUpdate::Kind::Verify:
            break;
    }
    return {};
}

Result<void> Replica::begin_anew(const GroupUpdate& update, Tick tick, SnapshotEdit& edit) {
    if (groups_.find(update.group) != groups_.end()) abandon(update.group, edit);
    return decode(update, BodyKind::Keyframe, tick, groups_[update.group] = StreamState{}, edit);
}

Result<void> Replica::decode(const GroupUpdate& update, BodyKind kind, Tick tick, StreamState& state,
                             SnapshotEdit& edit) {
    const Coverage coverage = coverage_of(update.group);
    const Result<BodyOutcome> outcome =
        decode_body(*codec_, update.body, kind, coverage, tick, limits_, state, edit, &scratch_);
    if (!outcome) return Unexpected{outcome.error()};
    if (coverage == Coverage::Private) return {};
    for (const LeftMember& member : outcome->left) orphans_.push_back({member, update.group});
    for (const std::uint32_t entity : outcome->arrived) home(entity) = update.group;
    return {};
}

Result<void> Replica::verify(const GroupUpdate& update, Tick tick, const Snapshot& now) {
    const auto found = groups_.find(update.group);
    if (found == groups_.end()) return refuse_order(update.group, " is verified, but not followed");
    const Coverage coverage = coverage_of(update.group);
    // A private stream tells of entities that public ones have made alive.
    Snapshot start;
    if (coverage == Coverage::Private) {
        start.tables.resize(codec_->layout().table_count());
        if (!now.tables.empty()) start.tables[0] = now.tables[0];
    }
    SnapshotEdit expected(codec_->layout(), start);
    StreamState state;
    const auto decoded =
        decode_body(*codec_, update.body, BodyKind::Keyframe, coverage, tick, limits_, state, expected, &scratch_);
    if (!decoded) return Unexpected{decoded.error()};
    const Snapshot should = std::move(expected).finish(tick);
    std::string difference =
        group_difference(codec_->layout(), now, found->second.members, should, state.members, coverage);
    if (!difference.empty()) differences_.push_back({update.group, std::move(difference)});
    return {};
}

void Replica::abandon(std::uint16_t group, SnapshotEdit& edit) {
    if (coverage_of(group) == Coverage::Private) {
        const Layout& layout = codec_->layout();
        for_each_row(groups_[group].members, [&](std::uint32_t, std::uint32_t, std::uint32_t entity) {
            for (std::size_t table = 1; table < layout.table_count(); ++table)
                if (covers(layout, Coverage::Private, table)) edit.remove(table, entity);
        });
        return;
    }
    // Also those that left another group for this one and have not arrived.
    for (std::uint32_t entity = 0; entity < homes_.size(); ++entity) {
        if (homes_[entity] != group) continue;
        orphans_.push_back({{{entity, edit.generation(entity)}, std::nullopt}, group});
    }
}

void Replica::remove_orphans(SnapshotEdit& edit) {
    for (const Orphan& orphan : orphans_) {
        const std::uint32_t entity = orphan.member.entity.index;
        if (edit.generation(entity) != orphan.member.entity.generation) continue;  // the index has another one already
        if (home(entity) != orphan.group) continue;                                // another group has it
        const auto left = groups_.find(orphan.group);
        if (left != groups_.end() && left->second.members.has(entity)) continue;  // it came back
        const bool follows = orphan.member.group && *orphan.member.group != orphan.group &&
                             groups_.find(*orphan.member.group) != groups_.end();
        if (follows) {
            home(entity) = *orphan.member.group;  // whose next body brings it
            continue;
        }
        home(entity) = nowhere;
        edit.remove_entity(entity);
    }
    orphans_.clear();
}

std::uint16_t& Replica::home(std::uint32_t entity) {
    if (homes_.size() <= entity) homes_.resize(entity + std::size_t{1}, nowhere);
    return homes_[entity];
}

std::uint64_t Replica::state_hash(const Snapshot& newest) const {
    std::uint64_t sum = 0;
    for (const auto& [group, state] : groups_)
        if (state.tick == newest.tick) sum += group_hash(codec_->layout(), newest, state.members, coverage_of(group));
    return sum;
}

const StreamState* Replica::group(std::uint16_t group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : &found->second;
}

}  // namespace tidewire::replication
