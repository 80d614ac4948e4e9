// All that the game does happens in here, where an exception of its ends.
#include "server/gate/hosted_room.h"

#include <algorithm>
#include <utility>

#include "server/gate/peer.h"

namespace tidewire::server {

namespace {

/// With what its description leaves out.
RoomSetup whole(RoomSetup setup, const ServerOptions& options) {
    if (setup.room.name.empty()) setup.room.name = std::to_string(static_cast<std::uint32_t>(setup.number));
    if (setup.room.seats == 0) setup.room.seats = options.players_max;
    return setup;
}

RoomOptions room_options(const ServerOptions& options, const RoomDescription& room) {
    return {.tick_rate = options.tick_rate,
            .players_max = room.seats,
            .entities_max = options.entities_max,
            .snapshots_held = options.snapshots_held,
            .ticks_held_for_joins_max = options.ticks_held_for_joins_max,
            .bulk_bytes_max = options.bulk_bytes_max,
            .rewind = options.rewind,
            .idle = options.idle};
}

StandOptions stand_options(const ServerOptions& options) {
    return {.delay = options.spectator_delay,
            .bytes_max = options.spectator_bytes_max,
            .snapshots_held = options.snapshots_held,
            .ticks_held_for_joins_max = options.ticks_held_for_joins_max,
            .client_bytes_per_tick = options.client_bytes_per_tick};
}

}  // namespace

HostedRoom::HostedRoom(Site& site, RoomSetup setup, TimePoint start)
    : site_(&site),
      setup_(whole(std::move(setup), site.options)),
      room_(setup_.game, site.layout, room_options(site.options, setup_.room)),
      fanout_(room_.scene(), site.resources, site.options.client_bytes_per_tick),
      schedule_(site.options.tick_rate, start),
      load_(start),
      stand_load_(start),
      metrics_(&site.metrics.room(static_cast<std::uint32_t>(setup_.number))),
      inhabited_at_(start) {
    if (site.options.spectators_max != 0)
        stand_ = std::make_unique<Stand>(room_, site.resources, stand_options(site.options));
    if (setup_.restored) return;
    guarded([&] {
        for (std::uint32_t bot = 1; bot <= site.options.bots; ++bot) room_.join("bot " + std::to_string(bot), true);
    });
}

PlayerId HostedRoom::join(std::string_view name, Identity identity) {
    if (ended_) return 0;
    PlayerId player = 0;
    guarded([&] { player = room_.join(name, false, std::move(identity)); });
    return ended_ ? 0 : player;
}

void HostedRoom::leave(PlayerId player) {
    // What is saved has the player, and tells its game in the other process.
    if (saved()) return;
    guarded([&] { room_.leave(player); });
}

void HostedRoom::keep(MembershipPointer membership, std::string_view reason, TimePoint now) {
    membership->kept_until = now + site_->options.resume_within;
    const PlayerId player = membership->player;
    lost_.push_back(std::move(membership));
    guarded([&] { room_.disconnect(player, reason); });
}

MembershipPointer HostedRoom::reclaim(SessionId session, TimePoint now) {
    if (ended_) return nullptr;
    const auto found =
        std::find_if(lost_.begin(), lost_.end(), [&](const auto& each) {
            return each->session.id() == session && !each->dismissal;
        });
    if (found != lost_.end()) {
        MembershipPointer membership = std::move(*found);
        lost_.erase(found);
        return membership;
    }
    for (Peer* const peer : peers_)
        if (peer->session() == session) return peer->surrender(now);
    return nullptr;
}

bool HostedRoom::has_overtaken(SessionId session, std::uint32_t attempt) const {
    return std::any_of(peers_.begin(), peers_.end(), [&](const Peer* peer) {
        return peer->session() == session && attempt <= peer->membership()->attempt;
    });
}

void HostedRoom::note_back(PlayerId player) {
    guarded([&] { room_.reconnect(player); });
}

std::optional<GateEvent> HostedRoom::poll_expired(TimePoint now) {
    if (lost_.empty() || lost_.front()->kept_until > now) return std::nullopt;
    const MembershipPointer gone = std::move(lost_.front());
    lost_.erase(lost_.begin());
    leave(gone->player);
    if (gone->dismissal)
        return GateEvent{.kind = GateEvent::Kind::Left,
                         .room = number(),
                         .peer_address = gone->address,
                         .player = gone->player,
                         .player_name = gone->name,
                         .subject = gone->subject,
                         .close_code = static_cast<std::uint16_t>(gone->dismissal->code),
                         .reason = gone->dismissal->reason};
    return GateEvent{.kind = GateEvent::Kind::Left,
                     .room = number(),
                     .player = gone->player,
                     .player_name = gone->name,
                     .subject = gone->subject,
                     .close_code = static_cast<std::uint16_t>(ws::CloseCode::Abnormal),
                     .reason = ended_ ? "it had lost its connection when the room ended" : "it has not come back in time"};
}

void HostedRoom::add(Peer& peer) {
    if (peer.spectates()) return peers_.push_back(&peer);
    peers_.insert(peers_.begin() + static_cast<std::ptrdiff_t>(players_), &peer);
    ++players_;
}

void HostedRoom::remove(const Peer& peer) {
    const auto found = std::find(peers_.begin(), peers_.end(), &peer);
    if (found < peers_.begin() + static_cast<std::ptrdiff_t>(players_)) --players_;
    peers_.erase(found);
}

bool HostedRoom::run_due_ticks(TimePoint now) {
    int ticks = 0;
    bool ran = false;
    for (; now >= schedule_.due() && ticks < site_->options.catch_up_ticks_max; ++ticks, schedule_.advance()) {
        if (ended_ || halted_) continue;
        guarded([&] { room_.tick(); });
        // A tick that threw was none.
        if (ended_ && ended_->failed) continue;
        ++counters_.ticks;
        ran = true;
        if (setup_.on_tick) setup_.on_tick();
    }
    for (; now >= schedule_.due(); schedule_.advance())
        if (!ended_ && !halted_) ++counters_.ticks_dropped;
    return ran && !(ended_ && (ended_->failed || told_end));
}

void HostedRoom::fan_out(TimePoint now) {
    // All are left out at once: what they share they go on sharing, and the next tick is told from the last that was.
    if (!load_.tells(room_.tick_number()) && !ended_) {
        counters_.ticks_shed += players_;
        return;
    }
    guarded([&] { tell_all(now); });
}

void HostedRoom::tell_all(TimePoint now) {
    for (Peer* const peer : players()) peer->retain_unsent();
    fanout_.begin();
    counters_.clients_on_rung = {};
    for (Peer* const peer : players()) {
        if (const auto rung = peer->rung()) ++counters_.clients_on_rung[static_cast<std::size_t>(*rung)];
        switch (peer->send_tick(now)) {
            case Peer::TickOutcome::NotPlaying:
                break;
            case Peer::TickOutcome::LeftOut:
                ++counters_.ticks_left_out;
                break;
            case Peer::TickOutcome::Keyframe:
                ++counters_.keyframes;
                [[fallthrough]];
            case Peer::TickOutcome::Delta:
                ++counters_.ticks_sent;
                break;
        }
    }
}

void HostedRoom::show(TimePoint now) {
    if (stand_ == nullptr || (ended_ && ended_->failed)) return;
    guarded([&] { show_all(now); });
}

void HostedRoom::show_all(TimePoint now) {
    for (Peer* const peer : spectators()) peer->retain_unsent();
    stand_->note_tick();
    for (const SharedMessage& event : stand_->events())
        for (Peer* const peer : spectators()) counters_.events_sent += peer->send_event(event, now) ? 1U : 0U;
    const bool in_time = stand_load_.level() != LoadLevel::NoJoins && stand_load_.tells(stand_->tick());
    if (!stand_->has_news() || !in_time || stand_->spectators() == 0) return;
    stand_->fanout().begin();
    for (Peer* const peer : spectators()) {
        const Peer::TickOutcome outcome = peer->send_tick(now);
        counters_.ticks_shown += outcome == Peer::TickOutcome::Delta || outcome == Peer::TickOutcome::Keyframe ? 1U : 0U;
    }
}

bool HostedRoom::send_events(TimePoint now) {
    bool sent = false;
    // Who is closed for what it does not read leaves, and the game may have something to say about that.
    // What a saved room has to say goes with it.
    for (; !(ended_ && (ended_->failed || ended_->saved)) && room_.outbox().ready(); sent = true)
        for (const OutgoingEvent& event : room_.outbox().take()) {
            for (Peer* const peer : players()) counters_.events_sent += peer->send_event(event, now) ? 1U : 0U;
            if (stand_) stand_->note_event(event);
            for (const MembershipPointer& each : lost_)
                if (room_.outbox().is_for(event, each->player)) each->events.push(event.message);
        }
    return sent;
}

void HostedRoom::handle_timeouts(TimePoint now) {
    for (Peer* const peer : peers_)
        if (peer->poll_timeout() <= now) peer->handle_timeout(now);
}

void HostedRoom::note_times(const TickTimes& times, bool draining) {
    taken_ = times.written - times.began;
    const InputCounters& inputs = room_.counters().inputs;
    metrics_->note_turn(times.told - times.began, times.written - times.told);
    metrics_->note({.ticks = counters_.ticks,
                    .ticks_dropped = counters_.ticks_dropped,
                    .inputs = inputs.consumed,
                    .inputs_repeated = inputs.repeated,
                    .inputs_neutral = inputs.neutral,
                    .inputs_late = inputs.late,
                    .inputs_early = inputs.early,
                    .bytes_sent = counters_.bytes_sent,
                    .bytes_received = counters_.bytes_received,
                    .tick_messages = counters_.ticks_sent,
                    .ticks_left_out = counters_.ticks_left_out,
                    .ticks_shed = counters_.ticks_shed,
                    .keyframes = counters_.keyframes,
                    .events_sent = counters_.events_sent,
                    .events_muted = room_.counters().events_muted,
                    .messages = counters_.messages,
                    .players_dismissed = counters_.players_dismissed,
                    .players = static_cast<std::uint32_t>(room_.player_count()),
                    .spectators = static_cast<std::uint32_t>(stand_ ? stand_->spectators() : 0),
                    .clients_on_rung = counters_.clients_on_rung,
                    .load_level = static_cast<std::uint32_t>(load_.level()),
                    .memory_bytes = memory_bytes_,
                    .status = ended_ ? RoomStatus::Closing : draining ? RoomStatus::Draining : RoomStatus::Open});
}

void HostedRoom::drain(std::string_view reason, std::chrono::milliseconds left) {
    if (!setup_.game.on_drain && saves()) return save(reason);
    if (!setup_.game.on_drain) return end({.reason = std::string(reason)});
    guarded([&] { room_.drain(left); });
}

bool HostedRoom::deserted(TimePoint now) {
    if (setup_.room.empty_for.count() == 0 || ended_) return false;
    if (players_ != 0 || !lost_.empty()) inhabited_at_ = now;
    return now - inhabited_at_ >= setup_.room.empty_for;
}

void HostedRoom::end(RoomEnd end) {
    if (!ended_) ended_ = std::move(end);
}

}  // namespace tidewire::server
