// Joins, plays, measures, leaves.
#include "tools/swarm/client.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tidewire::swarm {

namespace {

/// Nothing is drawn: the newest is enough, and the one before it.
constexpr std::size_t snapshots_held = 2;
/// A client's pings come no closer, and looking at all its figures costs more than a tick.
constexpr Duration rtt_period = std::chrono::milliseconds(100);
/// Whoever began to join this shortly before the end has not failed.
constexpr Duration join_patience = std::chrono::seconds(1);

ClientOptions options_of(const std::string& name, const std::string& token) {
    ClientOptions options;
    options.player_name = name;
    options.token = token;
    options.snapshots_held = snapshots_held;
    // Whoever is lost is counted, and not brought back.
    options.reconnect.enabled = false;
    return options;
}

SwarmGame::Manner manner_of(Behaviour behaviour) {
    return behaviour == Behaviour::Fight ? SwarmGame::Manner::Fight : SwarmGame::Manner::Wander;
}

}  // namespace

Client::Client(Surroundings& surroundings, std::size_t key, const ClientLife& life)
    : around_(&surroundings),
      key_(key),
      name_(life.name),
      decodes_(life.decodes),
      random_(life.seed),
      routine_(life.routine, random_.next(), life.first_join),
      input_(surroundings.game.schema().inputs[surroundings.game.input_type()].size) {
    if (surroundings.behaviour != Behaviour::Idle)
        player_ = surroundings.game.make_player(manner_of(surroundings.behaviour), random_.next());
}

void Client::turn(TimePoint now) {
    while (!finishing_) {
        const auto act = routine_.poll(now);
        if (!act) break;
        perform(*act, now);
    }
    if (!link_ || still_) return;
    if (now >= next_frame_) frame(now);
    pump(now);
}

TimePoint Client::poll_timeout() const {
    const TimePoint routine = finishing_ ? never : routine_.poll_timeout();
    if (!link_ || still_) return routine;
    return std::min({routine, next_frame_, link_->rest().until});
}

void Client::finish(TimePoint now) {
    finishing_ = true;
    settle_accounts(now);
    settles_at_ = never;
    if (!link_) return;
    leaving_ = true;
    next_frame_ = never;
    still_ = false;
    link_->close(now);
    pump(now);
}

void Client::perform(Routine::Act act, TimePoint now) {
    switch (act) {
        case Routine::Act::Join:
            return join(now);
        case Routine::Act::LeaveCleanly:
            leaving_ = true;
            next_frame_ = never;
            return link_->close(now);
        case Routine::Act::LeaveAbruptly:
            leaving_ = true;
            return count_end(now);
        case Routine::Act::StandStill:
            still_ = true;
            return unwatch();
        case Routine::Act::GoOn:
            still_ = false;
            return;
    }
}

void Client::join(TimePoint now) {
    ++around_->tally.joins;
    joined_at_ = now;
    link_ = std::make_unique<Link>(around_->game.schema(), options_of(name_, around_->token), around_->route.url, now);
    link_->session().share_codecs(around_->codecs);
    if (!decodes_) link_->session().ignore_state();
    if (around_->predict) link_->session().predict_by(around_->game.rules());
    link_->start(net::Dialer::start(around_->route, now), now);
}

void Client::pump(TimePoint now) {
    // As long as it connects, its descriptor may be closed and another opened that has the same number.
    if (link_->session().state() == session::ClientState::Connecting) unwatch();
    link_->pump(now, around_->room);
    watch(now);
    take_events(now);
    if (link_->finished()) count_end(now);
}

void Client::take_events(TimePoint now) {
    session::ClientSession& session = link_->session();
    while (const auto event = link_->peer().poll_event()) {
        switch (event->kind) {
            case session::ClientEvent::Kind::Joined:
            case session::ClientEvent::Kind::Lost:
            case session::ClientEvent::Kind::Resumed:
            case session::ClientEvent::Kind::Desync:
                break;
            case session::ClientEvent::Kind::Snapshot:
                if (!playing_ && !leaving_) note_playing(now);
                break;
            case session::ClientEvent::Kind::Closed:
                end_ = event->reason;
                next_frame_ = never;
                break;
        }
    }
    while (session.poll_bulk()) continue;
    if (playing_) note_arrivals(now);
}

void Client::note_playing(TimePoint now) {
    playing_ = true;
    ++around_->tally.joins_succeeded;
    around_->tally.join.add(now - joined_at_);
    routine_.note_playing(now);
    frame_period_ = Duration(std::chrono::seconds(1)) / link_->session().tick_rate();
    next_frame_ = now + Duration(random_.below(static_cast<std::uint32_t>(frame_period_.count())));
    settles_at_ = now + around_->settle;
}

void Client::note_arrivals(TimePoint now) {
    const session::ClientSession& session = std::as_const(*link_).session();
    if (now >= settles_at_) {
        settles_at_ = never;
        settled_at_ = now;
        settled_ = session.counters();
        ticks_seen_ = settled_.ticks;
        round_trips_seen_ = session.latency(now).samples;
    }
    if (settled_at_ == never) return;
    if (session.counters().ticks != std::exchange(ticks_seen_, session.counters().ticks))
        around_->tally.state_age.add(session.snapshot_age(now));
    if (now < next_look_at_rtt_) return;
    next_look_at_rtt_ = now + rtt_period;
    const Latency latency = session.latency(now);
    if (latency.samples != std::exchange(round_trips_seen_, latency.samples)) around_->tally.rtt.add(latency.rtt_last);
}

void Client::frame(TimePoint now) {
    // Frames that were missed are left out.
    next_frame_ += frame_period_ * ((now - next_frame_) / frame_period_ + 1);
    session::ClientPeer& peer = link_->peer();
    peer.advance(now);
    session::ClientSession& session = peer.session();
    if (session.inputs_due() > 0) {
        std::fill(input_.begin(), input_.end(), std::byte{0});
        const replication::Snapshot* const newest = session.snapshots().newest();
        if (player_ && newest != nullptr)
            player_->steer({.layout = session.layout(),
                            .newest = *newest,
                            .player = session.player(),
                            .tick = newest->tick,
                            .dt = 1.0F / static_cast<float>(session.tick_rate())},
                           input_.data());
        peer.send_due_inputs(around_->game.input_type(), input_.data(), now);
    }
    std::vector<session::ReceivedEvent> unread;
    session.take_events(unread);
}

void Client::settle_accounts(TimePoint now) {
    if (settled_at_ == never) return;
    around_->tally.client_seconds += std::chrono::duration<double>(now - std::exchange(settled_at_, never)).count();
    add_difference(around_->tally.settled, link_->session().counters(), settled_);
}

void Client::count_end(TimePoint now) {
    settle_accounts(now);
    Tally& tally = around_->tally;
    const session::ClientCounters& counters = link_->session().counters();
    tally.keyframes += counters.keyframes;
    tally.desyncs += counters.desyncs;
    if (finishing_ && !playing_ && now - joined_at_ > join_patience)
        tally.join_failures.add("the run ended before the client was in the game");
    else if (leaving_)
        tally.leaves += finishing_ ? 0U : 1U;
    else if (playing_)
        tally.disconnects.add(end_);
    else
        tally.join_failures.add(end_);
    drop_link();
    routine_.note_ended(now);
}

void Client::drop_link() {
    // Its descriptor is closed, and so forgotten by the poller, once it has finished.
    if (link_->rest().fd != -1) unwatch();
    watched_fd_ = -1;
    link_.reset();
    playing_ = leaving_ = still_ = false;
    end_.clear();
    next_frame_ = settles_at_ = settled_at_ = never;
    ticks_seen_ = round_trips_seen_ = 0;
}

void Client::watch(TimePoint now) {
    const Link::Rest rest = link_->rest();
    if (rest.fd == -1) return;
    if (watched_fd_ == -1) {
        if (auto added = around_->poller.add(rest.fd, key_, rest.interest); !added) {
            link_->peer().abort(added.error().message, now);
            return;
        }
        watched_fd_ = rest.fd;
    } else if (watched_ != rest.interest) {
        around_->poller.modify(watched_fd_, key_, rest.interest);
    }
    watched_ = rest.interest;
}

void Client::unwatch() {
    if (watched_fd_ != -1) around_->poller.remove(std::exchange(watched_fd_, -1));
}

}  // namespace tidewire::swarm
