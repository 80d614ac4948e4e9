// The list of a client's groups, and the body of each that suits what the client has.
#include "server/room/fanout.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

using wire::BodyCoding;

constexpr std::size_t row_bytes = 4;  // a body's place in the head
constexpr std::size_t bodies_max = wire::Limits{}.bodies_max;
constexpr Tick unused_period = 64;  // how often lists that nobody is told any more are dropped

std::size_t cost_of(ByteSpan body) { return body.size() + row_bytes; }

/// How often clients are told a hash of their state: every two seconds. Odd, so that groups of every rate have their turn.
constexpr Tick hash_period(int tick_rate) { return static_cast<Tick>(tick_rate) * 2 | 1; }

}  // namespace

Fanout::Fanout(const Scene& scene, RoomResources resources, std::size_t client_bytes_per_tick)
    : scene_(scene),
      streams_(scene, std::move(resources)),
      budget_({.bytes_per_tick = client_bytes_per_tick, .groups_max = bodies_max}) {}

void Fanout::begin() {
    if (scene_.tick() % unused_period == 0) lists_.drop_unused();
    streams_.begin();
}

const Told& Fanout::tell(PlayerId player, ClientView& view, std::size_t news_bytes_max) {
    const auto goes_on = [&] { return view.in_step != 0 && view.in_step + 1 == scene_.tick(); };
    if (!goes_on() || scene_.interest.wanted_changed(player)) follow(player, view);
    view.shares = goes_on() && shares(*view.list, view.allowance);
    if (view.shares) {
        view.cost = view.list->told.cost;
        return view.list->told;
    }
    leave_step(view);
    gather(view.following);
    choose(view.following, view.allowance);
    list(view.following, alone_, {.bodies = bodies_max, .news_bytes = news_bytes_max});
    view.cost = alone_.cost;
    return alone_;
}

void Fanout::commit(ClientView& view) {
    const Tick now = scene_.tick();
    budget_.pay(view.cost, view.allowance);
    if (view.shares) {
        view.in_step = view.following.told = now;
        return;
    }
    commit(view.following);
    // Private groups come last. Nobody else follows them.
    const std::vector<Subscription>& subscriptions = view.following.subscriptions;
    std::erase_if(view.held, [&](const HeldTickPointer& held) {
        return std::none_of(subscriptions.begin(), subscriptions.end(),
                            [&](const Subscription& each) { return each.written == held->snapshot.tick; });
    });
    if (subscriptions.empty() || is_private(subscriptions.back().group)) return;
    if (!view.following.ended.empty() || !in_step(subscriptions, now)) return;
    if (!view.list) view.list = lists_.of(view.following);
    view.in_step = now;
    view.held.clear();
}

void Fanout::hold(ClientView& view, HeldTickPointer tick) {
    if (tick != nullptr) view.held.push_back(std::move(tick));
}

void Fanout::resume(ClientView& view, std::span<const wire::Resume::Group> groups, Tick tick) const {
    // Of a tick that is still to come nothing is known; neither is it of the others' then.
    if (tick > scene_.tick()) return;
    view.following.told = tick;
    for (const wire::Resume::Group& each : groups)
        view.following.subscriptions.push_back({.group = each.group, .written = each.tick});
}

void Fanout::verify(ClientView& view) {
    leave_step(view);
    for (Subscription& subscription : view.following.subscriptions) subscription.verify = subscription.written != 0;
}

void Fanout::follow(PlayerId player, ClientView& view) {
    const InterestGroups& interest = scene_.interest;
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

bool Fanout::shares(SharedList& list, const Allowance& allowance) {
    if (list.tick != scene_.tick()) begin(list);
    if (list.stage == SharedList::Stage::Parted || !budget_.affords(list.expected, allowance)) return false;
    if (list.stage == SharedList::Stage::Expected) make(list);
    return list.stage == SharedList::Stage::Made;
}

void Fanout::begin(SharedList& list) {
    list.tick = scene_.tick();
    list.stage = SharedList::Stage::Expected;
    list.expected = {};
    settle(list.following.subscriptions, list.tick - 1);
    if (!budget_.limits_bytes()) return;
    for (const Subscription& subscription : list.following.subscriptions)
        if (since_due(subscription, list.tick) == 0)
            (subscription.own ? list.expected.own : list.expected.others) +=
                streams_.expected_bytes(streams_.stream(subscription.group, subscription.rate), subscription) +
                row_bytes;
}

/// In step, every stream's delta begins where all clients of the list are.
void Fanout::make(SharedList& list) {
    list.stage = SharedList::Stage::Parted;
    start(list.told);
    for (std::uint32_t i = 0; i < list.following.subscriptions.size(); ++i) {
        const Subscription& subscription = list.following.subscriptions[i];
        if (since_due(subscription, list.tick) != 0) continue;
        Choice choice(i, &streams_.advanced(streams_.stream(subscription.group, subscription.rate)));
        if (choice.stream->delta_from() != subscription.written) return;
        choice.body.bytes = choice.stream->delta();
        this->list(list.following, choice, list.told);
    }
    if (list.told.message.bodies.size() > bodies_max) return;
    finish(list.following, list.told);
    list.stage = SharedList::Stage::Made;
}

void Fanout::tell(Following& following, wire::TickMessage& message) {
    gather(following);
    chosen_.resize(choices_.size());
    std::iota(chosen_.begin(), chosen_.end(), 0U);
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    list(following, alone_, {.bodies = all, .news_bytes = all});
    std::swap(message, alone_.message);
}

void Fanout::commit(Following& following) {
    const Tick now = scene_.tick();
    auto written = following.written.cbegin();
    for (std::uint32_t i = 0; i < following.subscriptions.size(); ++i) {
        Subscription& subscription = following.subscriptions[i];
        if (written == following.written.cend() || written->subscription != i) {
            if (is_due(subscription, now, following.told)) wait(subscription);
            continue;
        }
        subscription.written = now;
        subscription.follows = written->follows;
        subscription.written_rate = written->rate;
        ++written;
        subscription.accumulator = 0;
        subscription.verify = false;
    }
    following.written.clear();
    following.ended.erase(following.ended.begin(),
                          following.ended.begin() + static_cast<std::ptrdiff_t>(following.ended_written));
    following.ended_written = 0;
    following.told = now;
}

void Fanout::gather(Following& following) {
    choices_.clear();
    const Tick now = scene_.tick();
    for (std::uint32_t i = 0; i < following.subscriptions.size(); ++i) {
        const Subscription& subscription = following.subscriptions[i];
        if (!is_due(subscription, now, following.told)) continue;
        // A turn that was missed is not made good in the stream of those who did not miss it: they would all have to catch up.
        const bool its_turn = since_due(subscription, now) == 0;
        const replication::Rate rate = its_turn ? subscription.rate : replication::Rate::Full;
        choices_.emplace_back(i, &streams_.stream(subscription.group, rate));
    }
}

void Fanout::choose(const Following& following, const Allowance& allowance) {
    candidates_.clear();
    for (const Choice& choice : choices_) {
        const Subscription& subscription = following.subscriptions[choice.subscription];
        candidates_.push_back({&subscription, expected_bytes(*choice.stream, subscription)});
    }
    budget_.choose(candidates_, allowance, chosen_);
}

void Fanout::list(Following& following, Told& told, ListLimits limits) {
    start(told);
    following.written.clear();
    // Half of the room at most, for neither must what ends keep out what begins.
    following.ended_written = std::min(following.ended.size(), limits.bodies / 2);
    for (std::size_t i = 0; i < following.ended_written; ++i)
        told.message.bodies.push_back({.group = following.ended[i], .coding = BodyCoding::Left, .bytes = {}});

    std::size_t room = limits.bodies - following.ended_written;
    std::size_t news_bytes = 0;
    std::size_t count = 0;
    for (const std::uint32_t i : chosen_) {
        Choice& choice = choices_[i];
        const Subscription& subscription = following.subscriptions[choice.subscription];
        choice.body = streams_.body(streams_.advanced(*choice.stream), subscription);
        const bool news = following.told != 0 && subscription.written == 0 && !subscription.own;
        const std::size_t bytes = news ? choice.body.bytes.size() : 0;
        if (news_bytes != 0 && bytes > limits.news_bytes - std::min(limits.news_bytes, news_bytes)) continue;
        const std::size_t bodies = bodies_of(following, choice);
        if (bodies > room) break;
        room -= bodies;
        news_bytes += bytes;
        chosen_[count++] = i;
    }
    chosen_.resize(count);
    if (!std::is_sorted(chosen_.begin(), chosen_.end())) std::sort(chosen_.begin(), chosen_.end());
    for (const std::uint32_t i : chosen_) {
        list(following, choices_[i], told);
        following.written.push_back(
            {choices_[i].subscription, choices_[i].stream->rate(), follows(choices_[i], following)});
    }
    finish(following, told);
}

void Fanout::list(const Following& following, const Choice& choice, Told& told) {
    const Subscription& subscription = following.subscriptions[choice.subscription];
    Stream& stream = *choice.stream;
    const auto add = [&](BodyCoding coding, ByteSpan bytes) {
        told.message.bodies.push_back({.group = subscription.group, .coding = coding, .bytes = bytes});
        (subscription.own ? told.cost.own : told.cost.others) += cost_of(bytes);
    };
    if (choice.body.coding == BodyCoding::Delta)
        for (const GroupId from : stream.sources())
            if (!has(following, from, stream.delta_from()))
                add(BodyCoding::Newcomers, streams_.newcomers(stream, from));
    add(choice.body.coding, choice.body.bytes);
    const bool verify = subscription.verify && choice.body.coding != BodyCoding::Keyframe;
    if (verify) add(BodyCoding::Verify, streams_.keyframe(stream));
    if (verify || choice.body.coding == BodyCoding::Keyframe)
        told.keyframe_bytes = std::max(told.keyframe_bytes, stream.keyframe_bytes());
}

std::size_t Fanout::bodies_of(const Following& following, const Choice& choice) const {
    std::size_t count = 1;
    if (choice.body.coding == BodyCoding::Delta)
        for (const GroupId from : choice.stream->sources())
            count += has(following, from, choice.stream->delta_from()) ? 0U : 1U;
    return count + (following.subscriptions[choice.subscription].verify ? 1U : 0U);
}

void Fanout::start(Told& told) const {
    assert(scene_.snapshots.newest() != nullptr && "the room has not ticked");
    told.message.tick = scene_.tick();
    told.message.bodies.clear();
    told.keyframe_bytes = 0;
    told.cost = {};
}

/// Of the head, what is not a body's row is paid with the client's own groups, and so is word of those that end.
void Fanout::finish(const Following& following, Told& told) {
    const bool hashed = following.hashed && told.message.tick % hash_period(scene_.tick_rate) == 0;
    told.message.state_hash = hashed ? state_hash(told.message) : 0;
    told.head.clear();
    wire::append_tick_head(told.head, told.message);
    const std::size_t rows = told.message.bodies.size() - following.ended_written;
    told.cost.own += told.head.size() - rows * row_bytes;
}

std::size_t Fanout::expected_bytes(Stream& stream, const Subscription& subscription) const {
    return budget_.limits_bytes() ? streams_.expected_bytes(stream, subscription) + row_bytes : 0;
}

/// A keyframe does not tell what the stream remembers; neither does one to compare with, which the client takes.
bool Fanout::follows(const Choice& choice, const Following& following) {
    const bool keyframe =
        choice.body.coding == BodyCoding::Keyframe || following.subscriptions[choice.subscription].verify;
    return !keyframe || !choice.stream->remembers();
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
        if (goes_on || body.coding == BodyCoding::Keyframe) sum += streams_.state_hash(body.group);
    }
    return sum;
}

}  // namespace tidewire::server
