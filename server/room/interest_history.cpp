// A group's versions are a short sorted list; a queue over all groups knows which of them is the next to go.
#include "server/room/interest_history.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::server {

using replication::Members;

namespace {

const Members nobody;

constexpr std::size_t spares_looked_at = 16;
constexpr std::size_t parts_min = 4;  // 64 bytes

}  // namespace

void GroupHistory::insert(GroupId group, std::uint32_t index) { touch(group).next.insert(index); }

void GroupHistory::erase(GroupId group, std::uint32_t index) { touch(group).next.erase(index); }

void GroupHistory::commit(Tick tick) {
    assert(tick > newest_);
    newest_ = tick;
    changed_.clear();
    for (const GroupId group : touched_) {
        Stream& stream = this->stream(group);
        stream.touched = false;
        if (stream.next == members(group)) continue;
        stream.versions.push_back({tick, copy(stream.next)});
        superseded_.push_back({tick, group});
        changed_.push_back(group);
    }
    touched_.clear();
    std::sort(changed_.begin(), changed_.end());
    drop_old();
}

const Members& GroupHistory::members(GroupId group) const {
    const Stream* const stream = find(group);
    return stream == nullptr || stream->versions.empty() ? nobody : *stream->versions.back().members;
}

const Members* GroupHistory::members_at(GroupId group, Tick tick) const {
    if (!holds(tick)) return nullptr;
    const Stream* const stream = find(group);
    if (stream == nullptr) return &nobody;
    const auto after = std::upper_bound(stream->versions.begin(), stream->versions.end(), tick,
                                        [](Tick wanted, const Version& version) { return wanted < version.from; });
    return after == stream->versions.begin() ? &nobody : std::prev(after)->members.get();
}

Tick GroupHistory::oldest() const { return newest_ < ticks_held_ ? 1 : newest_ - static_cast<Tick>(ticks_held_) + 1; }

GroupHistory::Stream& GroupHistory::stream(GroupId group) {
    std::vector<Stream>& streams = is_private(group) ? private_ : public_;
    const std::size_t slot = group & (group_private - 1U);
    if (slot >= streams.size()) streams.resize(slot + 1);
    return streams[slot];
}

const GroupHistory::Stream* GroupHistory::find(GroupId group) const {
    const std::vector<Stream>& streams = is_private(group) ? private_ : public_;
    const std::size_t slot = group & (group_private - 1U);
    return slot < streams.size() ? &streams[slot] : nullptr;
}

GroupHistory::Stream& GroupHistory::touch(GroupId group) {
    Stream& stream = this->stream(group);
    if (!stream.touched) touched_.push_back(group);
    stream.touched = true;
    return stream;
}

std::unique_ptr<Members> GroupHistory::copy(const Members& members) {
    if (spare_.empty()) {
        auto made = std::make_unique<Members>();
        // Groups that grow and shrink a little find what is large enough for them.
        made->reserve(std::max<std::size_t>(2 * members.parts().size(), parts_min));
        *made = members;
        return made;
    }
    // One that is large enough, if there is one among the next few: then nothing is allocated.
    const auto end = spare_.rbegin() + static_cast<std::ptrdiff_t>(std::min(spare_.size(), spares_looked_at));
    auto fits = std::find_if(spare_.rbegin(), end, [&](const std::unique_ptr<Members>& spare) {
        return spare->parts().capacity() >= members.parts().size();
    });
    if (fits == end) fits = spare_.rbegin();
    std::swap(*fits, spare_.back());
    std::unique_ptr<Members> made = std::move(spare_.back());
    spare_.pop_back();
    *made = members;
    return made;
}

void GroupHistory::drop_old() {
    // What was before a change is needed by ticks before it.
    for (; !superseded_.empty() && superseded_.front().at <= oldest(); superseded_.pop_front()) {
        std::vector<Version>& versions = stream(superseded_.front().group).versions;
        // The change itself stays, unless it says that nobody is there: so does no version.
        while (!versions.empty() && versions.front().from <= superseded_.front().at &&
               (versions.front().from < superseded_.front().at || versions.front().members->empty())) {
            spare_.push_back(std::move(versions.front().members));
            versions.erase(versions.begin());
        }
    }
}

}  // namespace tidewire::server
