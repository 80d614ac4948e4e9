// The list of a client's groups, and the body of each that suits what the client has.
#include "server/room/fanout.h"

#include <algorithm>
#include <cassert>

#include "sdk/core/replication/group_state.h"

namespace tidewire::server {

namespace {

using replication::Rate;
using wire::BodyCoding;

constexpr std::size_t head_bytes = 4;  // of one body in a Tick

/// How often clients are told a hash of their state: every two seconds. Odd, so that groups of every rate have their turn.
constexpr Tick hash_period(int tick_rate) { return static_cast<Tick>(tick_rate) * 2 | 1; }

}  // namespace

Fanout::Fanout(const Room& room, RoomResources resources, std::size_t client_bytes_per_tick)
    : room_(&room),
      resources_(std::move(resources)),
      codec_(room.layout(), resources_.code_tables, room.options().tick_rate),
      budget_(client_bytes_per_tick) {}

void Fanout::begin() {
    hashes_.clear();
    changes_.reset();
    const replication::Snapshot* const newest = room_->snapshots().newest();
    const replication::Snapshot* const before =
        newest == nullptr || newest->tick == 0 ? nullptr : room_->snapshots().find(newest->tick - 1);
    if (before != nullptr) changes_.emplace(room_->layout(), *before, *newest);
}

void Fanout::tell(PlayerId player, ClientView& view, wire::TickMessage& message) {
    const InterestGroups& interest = room_->interest();
    const std::uint32_t revision = interest.wanted_revision(player);
    if (!view.looked || view.revision != revision) {
        follow_wanted(interest.wanted(player), view.subscriptions, view.ended);
        view.revision = revision;
        view.looked = true;
    }
    tell(view, message);
}

void Fanout::tell(ClientView& view, wire::TickMessage& message) {
    assert(room_->snapshots().newest() != nullptr && "the room has not ticked");
    keyframe_bytes_ = 0;
    message.tick = room_->tick_number();
    message.bodies.clear();
    message.state_hash = 0;
    view.written.clear();
    for (const GroupId group : view.ended)
        message.bodies.push_back({.group = group, .coding = BodyCoding::Left, .bytes = {}});

    choices_.clear();
    candidates_.clear();
    for (std::uint32_t i = 0; i < view.subscriptions.size(); ++i) {
        Subscription& subscription = view.subscriptions[i];
        if (!due(subscription)) continue;
        Stream& told = stream(subscription.group, subscription.rate);
        if (told.tick() != message.tick) told.advance(source());
        // In its place from the beginning: it is larger than what processors copy without waiting.
        Choice& choice = choices_.emplace_back(i, &told);
        choose_body(subscription, choice);
        candidates_.push_back({.subscription = &subscription, .bytes = choice.bytes.size() + head_bytes});
    }
    budget_.choose(candidates_, view.allowance, chosen_);
    for (const std::uint32_t i : chosen_) {
        list(view, choices_[i], message);
        view.written.push_back({choices_[i].subscription, follows(choices_[i], view)});
    }
    if (view.hashed && message.tick % hash_period(room_->options().tick_rate) == 0)
        message.state_hash = state_hash(view);
}

void Fanout::list(const ClientView& view, const Choice& choice, wire::TickMessage& message) {
    const Subscription& subscription = view.subscriptions[choice.subscription];
    Stream& told = *choice.stream;
    const auto add = [&](BodyCoding coding, ByteSpan bytes) {
        message.bodies.push_back({.group = subscription.group, .coding = coding, .bytes = bytes});
    };
    if (choice.coding == BodyCoding::Delta)
        for (const GroupId from : told.sources())
            if (!has(view, from, told.delta_from())) add(BodyCoding::Newcomers, told.newcomers(source(), from));
    add(choice.coding, choice.bytes);
    const bool verify = subscription.verify && choice.coding != BodyCoding::Keyframe;
    if (verify) add(BodyCoding::Verify, told.keyframe(source()));
    if (verify || choice.coding == BodyCoding::Keyframe)
        keyframe_bytes_ = std::max(keyframe_bytes_, told.keyframe_bytes());
}

void Fanout::commit(ClientView& view) {
    for (const ClientView::Written& written : view.written) {
        Subscription& subscription = view.subscriptions[written.subscription];
        subscription.written = room_->tick_number();
        subscription.follows = written.follows;
        subscription.written_rate = subscription.rate;
        subscription.verify = false;
    }
    view.written.clear();
    view.ended.clear();
}

void Fanout::verify(ClientView& view) {
    for (Subscription& subscription : view.subscriptions) subscription.verify = subscription.written != 0;
}

/// A keyframe does not tell what the stream remembers; neither does one to compare with, which the client takes.
bool Fanout::follows(const Choice& choice, const ClientView& view) {
    const bool keyframe = choice.coding == BodyCoding::Keyframe || view.subscriptions[choice.subscription].verify;
    return !keyframe || !choice.stream->remembers();
}

Stream& Fanout::stream(GroupId group, Rate rate) {
    std::vector<std::unique_ptr<Stream>>& streams = streams_[is_private(group) ? 1 : 0];
    const std::size_t number = static_cast<std::size_t>(group & ~unsigned{group_private});
    const std::size_t place = number * replication::rate_count + static_cast<std::size_t>(rate);
    if (streams.size() <= place) streams.resize(place + 1);
    if (!streams[place]) streams[place] = std::make_unique<Stream>(group);
    return *streams[place];
}

/// Groups of one class take turns. Periods are powers of two.
bool Fanout::due(const Subscription& subscription) const {
    return ((room_->tick_number() + subscription.group) & (replication::period_of(subscription.rate) - 1)) == 0;
}

void Fanout::choose_body(const Subscription& subscription, Choice& choice) {
    Stream& told = *choice.stream;
    const Tick written = subscription.written;
    const bool same_stream =
        written != 0 && subscription.written_rate == subscription.rate && written == told.delta_from();
    if (same_stream && subscription.follows) {
        choice.coding = BodyCoding::Delta;
        choice.bytes = told.delta();
        return;
    }
    if (written != 0) {
        if (const auto catch_up = told.catch_up(source(), written)) {
            choice.coding = BodyCoding::CatchUp;
            choice.bytes = *catch_up;
            // Who was away for long, or whose group is another one now, is better served from the beginning.
            if (same_stream || choice.bytes.size() <= told.keyframe(source()).size()) return;
        }
    }
    choice.coding = BodyCoding::Keyframe;
    choice.bytes = told.keyframe(source());
}

bool Fanout::has(const ClientView& view, GroupId group, Tick tick) {
    const auto found = std::lower_bound(view.subscriptions.begin(), view.subscriptions.end(), group,
                                        [](const Subscription& s, GroupId wanted) { return s.group < wanted; });
    return found != view.subscriptions.end() && found->group == group && found->written == tick;
}

/// Of the groups in the message at hand: others are as they were at ticks of their own, and entities go from group to group.
std::uint64_t Fanout::state_hash(const ClientView& view) {
    std::uint64_t sum = 0;
    for (const ClientView::Written& written : view.written)
        sum += group_hash(view.subscriptions[written.subscription].group);
    return sum;
}

std::uint64_t Fanout::group_hash(GroupId group) {
    const auto [found, missing] = hashes_.try_emplace(group);
    if (missing)
        found->second = replication::group_hash(room_->layout(), *room_->snapshots().newest(),
                                                room_->interest().members(group), replication::coverage_of(group));
    return found->second;
}

StreamSource Fanout::source() {
    return {.codec = codec_,
            .snapshots = room_->snapshots(),
            .interest = room_->interest(),
            .dictionary = resources_.dictionary ? &*resources_.dictionary : nullptr,
            .changes = changes_ ? &*changes_ : nullptr};
}

}  // namespace tidewire::server
