// The list of a client's groups, and the body of each that suits what the client has.
#include "server/room/fanout.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

using wire::BodyCoding;

/// Of one body in a Tick, with its place in the head.
constexpr std::size_t cost_of(ByteSpan body) { return body.size() + 4; }
constexpr Tick unused_period = 64;  // how often lists that nobody is told any more are dropped

/// How often clients are told a hash of their state: every two seconds. Odd, so that groups of every rate have their turn.
constexpr Tick hash_period(int tick_rate) { return static_cast<Tick>(tick_rate) * 2 | 1; }

}  // namespace

Fanout::Fanout(const Room& room, RoomResources resources, std::size_t client_bytes_per_tick)
    : room_(&room),
      resources_(std::move(resources)),
      codec_(room.layout(), resources_.code_tables, room.options().tick_rate),
      budget_(client_bytes_per_tick) {}

void Fanout::begin() {
    if (room_->tick_number() % unused_period == 0) lists_.drop_unused();
    hashes_.clear();
    changes_.reset();
    const replication::Snapshot* const newest = room_->snapshots().newest();
    before_ = newest == nullptr ? nullptr : room_->snapshots().find(newest->tick - 1);
    if (before_ != nullptr) changes_.emplace(room_->layout(), *before_, *newest);
}

const Told& Fanout::tell(PlayerId player, ClientView& view) {
    const auto goes_on = [&] { return view.in_step != 0 && view.in_step + 1 == room_->tick_number(); };
    if (!goes_on() || room_->interest().wanted_changed(player)) follow(player, view);
    if (goes_on()) {
        SharedList& list = *view.list;
        if (list.tick != room_->tick_number()) tell_anew(list);
        view.shares = list.goes_on && budget_.take_all(list.demand, view.allowance);
        if (view.shares) return list.told;
    }
    view.shares = false;
    leave_step(view);
    gather(view.following);
    budget_.choose(candidates_, view.allowance, chosen_);
    list(view.following, alone_.message);
    alone_.head.clear();
    wire::append_tick_head(alone_.head, alone_.message);
    alone_.keyframe_bytes = keyframe_bytes_;
    return alone_;
}

void Fanout::commit(ClientView& view) {
    const Tick now = room_->tick_number();
    if (view.shares) {
        view.in_step = now;
        return;
    }
    commit(view.following);
    // Private groups come last. Nobody else follows them.
    const std::vector<Subscription>& subscriptions = view.following.subscriptions;
    if (subscriptions.empty() || is_private(subscriptions.back().group) || !in_step(subscriptions, now)) return;
    if (!view.list) view.list = lists_.of(view.following);
    view.in_step = now;
}

void Fanout::verify(ClientView& view) {
    leave_step(view);
    for (Subscription& subscription : view.following.subscriptions) subscription.verify = subscription.written != 0;
}

void Fanout::follow(PlayerId player, ClientView& view) {
    const InterestGroups& interest = room_->interest();
    const std::uint32_t revision = interest.wanted_revision(player);
    if (view.looked && view.revision == revision) return;
    if (!follows_same(interest.wanted(player), view.following.subscriptions)) {
        leave_step(view);
        view.list.reset();
    }
    follow_wanted(interest.wanted(player), view.following.subscriptions, view.following.ended);
    view.revision = revision;
    view.looked = true;
}

void Fanout::leave_step(ClientView& view) {
    if (view.in_step != 0) settle(view.following.subscriptions, view.in_step);
    view.in_step = 0;
}

/// In step, every stream's delta begins where all clients of the list are.
void Fanout::tell_anew(SharedList& list) {
    const Tick now = room_->tick_number();
    Following& following = list.following;
    settle(following.subscriptions, now - 1);
    list.tick = now;
    list.demand = {};
    list.goes_on = false;
    start(list.told.message);
    for (std::uint32_t i = 0; i < following.subscriptions.size(); ++i) {
        const Subscription& subscription = following.subscriptions[i];
        if (since_due(subscription, now) != 0) continue;
        Choice choice(i, &current_stream(subscription));
        if (choice.stream->delta_from() != subscription.written) return;
        choice.bytes = choice.stream->delta();
        this->list(following, choice, list.told.message);
        (subscription.own ? list.demand.own : list.demand.others) += cost_of(choice.bytes);
    }
    finish(following, list.told.message);
    list.told.head.clear();
    wire::append_tick_head(list.told.head, list.told.message);
    list.goes_on = true;
}

void Fanout::tell(Following& following, wire::TickMessage& message) {
    gather(following);
    chosen_.resize(choices_.size());
    std::iota(chosen_.begin(), chosen_.end(), 0U);
    list(following, message);
}

void Fanout::commit(Following& following) {
    for (const Following::Written& written : following.written) {
        Subscription& subscription = following.subscriptions[written.subscription];
        subscription.written = room_->tick_number();
        subscription.follows = written.follows;
        subscription.written_rate = subscription.rate;
        subscription.verify = false;
    }
    following.written.clear();
    following.ended.clear();
}

void Fanout::gather(Following& following) {
    choices_.clear();
    candidates_.clear();
    for (std::uint32_t i = 0; i < following.subscriptions.size(); ++i) {
        Subscription& subscription = following.subscriptions[i];
        if (since_due(subscription, room_->tick_number()) != 0) continue;
        // In its place from the beginning: it is larger than what processors copy without waiting.
        Choice& choice = choices_.emplace_back(i, &current_stream(subscription));
        choose_body(subscription, choice);
        candidates_.push_back({.subscription = &subscription, .bytes = cost_of(choice.bytes)});
    }
}

void Fanout::list(Following& following, wire::TickMessage& message) {
    start(message);
    following.written.clear();
    for (const GroupId group : following.ended)
        message.bodies.push_back({.group = group, .coding = BodyCoding::Left, .bytes = {}});
    for (const std::uint32_t i : chosen_) {
        list(following, choices_[i], message);
        following.written.push_back({choices_[i].subscription, follows(choices_[i], following)});
    }
    finish(following, message);
}

void Fanout::start(wire::TickMessage& message) {
    assert(room_->snapshots().newest() != nullptr && "the room has not ticked");
    keyframe_bytes_ = 0;
    message.tick = room_->tick_number();
    message.bodies.clear();
}

void Fanout::finish(const Following& following, wire::TickMessage& message) {
    const bool hashed = following.hashed && message.tick % hash_period(room_->options().tick_rate) == 0;
    message.state_hash = hashed ? state_hash(message) : 0;
}

void Fanout::list(const Following& following, const Choice& choice, wire::TickMessage& message) {
    const Subscription& subscription = following.subscriptions[choice.subscription];
    Stream& told = *choice.stream;
    const auto add = [&](BodyCoding coding, ByteSpan bytes) {
        message.bodies.push_back({.group = subscription.group, .coding = coding, .bytes = bytes});
    };
    if (choice.coding == BodyCoding::Delta)
        for (const GroupId from : told.sources())
            if (!has(following, from, told.delta_from())) add(BodyCoding::Newcomers, told.newcomers(source(), from));
    add(choice.coding, choice.bytes);
    const bool verify = subscription.verify && choice.coding != BodyCoding::Keyframe;
    if (verify) add(BodyCoding::Verify, told.keyframe(source()));
    if (verify || choice.coding == BodyCoding::Keyframe)
        keyframe_bytes_ = std::max(keyframe_bytes_, told.keyframe_bytes());
}

/// A keyframe does not tell what the stream remembers; neither does one to compare with, which the client takes.
bool Fanout::follows(const Choice& choice, const Following& following) {
    const bool keyframe = choice.coding == BodyCoding::Keyframe || following.subscriptions[choice.subscription].verify;
    return !keyframe || !choice.stream->remembers();
}

/// Of the newest tick.
Stream& Fanout::current_stream(const Subscription& subscription) {
    std::vector<std::unique_ptr<Stream>>& streams = streams_[is_private(subscription.group) ? 1 : 0];
    const std::size_t number = static_cast<std::size_t>(subscription.group & ~unsigned{group_private});
    const std::size_t place = number * replication::rate_count + static_cast<std::size_t>(subscription.rate);
    if (streams.size() <= place) streams.resize(place + 1);
    if (!streams[place]) streams[place] = std::make_unique<Stream>(subscription.group);
    if (streams[place]->tick() != room_->tick_number()) streams[place]->advance(source());
    return *streams[place];
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

bool Fanout::has(const Following& following, GroupId group, Tick tick) {
    const auto found = std::lower_bound(following.subscriptions.begin(), following.subscriptions.end(), group,
                                        [](const Subscription& s, GroupId wanted) { return s.group < wanted; });
    return found != following.subscriptions.end() && found->group == group && found->written == tick;
}

/// Of the groups that the message tells of: others are as they were at ticks of their own, and entities go from group to group.
std::uint64_t Fanout::state_hash(const wire::TickMessage& message) {
    std::uint64_t sum = 0;
    for (const wire::GroupBody& body : message.bodies) {
        const bool goes_on = body.coding == BodyCoding::Delta || body.coding == BodyCoding::CatchUp;
        if (goes_on || body.coding == BodyCoding::Keyframe) sum += group_hash(body.group);
    }
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
            .before = before_,
            .changes = changes_ ? &*changes_ : nullptr};
}

}  // namespace tidewire::server
