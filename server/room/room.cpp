// The tick of a room: the order in which inputs, rules and callbacks run, the same on every machine.
#include "server/room/room.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "sdk/core/replication/aggregate.h"
#include "sdk/core/replication/event_codec.h"

namespace tidewire::server {

namespace {

IdleTicks in_ticks(const IdleOptions& options, int tick_rate) {
    const auto ticks = [&](std::chrono::milliseconds time) {
        return static_cast<Tick>((time.count() * tick_rate + 999) / 1000);
    };
    return {.after = ticks(options.after),
            .kick_after = ticks(options.kick_after),
            .hidden_kick_after = ticks(options.hidden_kick_after)};
}

/// Enough snapshots for every rewind: one more where the oldest tick has a fraction, and one for the tick that runs.
RoomOptions with_history(RoomOptions options) {
    const auto needed = static_cast<std::size_t>(std::ceil(rewind_ticks(options.rewind, options.tick_rate))) + 2;
    options.snapshots_held = std::max(options.snapshots_held, needed);
    return options;
}

}  // namespace

RoomCounters& RoomCounters::operator+=(const RoomCounters& other) {
    inputs.consumed += other.inputs.consumed;
    inputs.repeated += other.inputs.repeated;
    inputs.neutral += other.inputs.neutral;
    inputs.late += other.inputs.late;
    inputs.early += other.inputs.early;
    rewinds.rewinds += other.rewinds.rewinds;
    rewinds.clamped += other.rewinds.clamped;
    rewinds.forged += other.rewinds.forged;
    groups_refused += other.groups_refused;
    events += other.events;
    events_unhandled += other.events_unhandled;
    events_muted += other.events_muted;
    quantize.saturated += other.quantize.saturated;
    quantize.nan += other.quantize.nan;
    return *this;
}

Room::Room(const Game& game, const replication::Layout& layout, RoomOptions options)
    : game_(&game),
      layout_(&layout),
      options_(with_history(options)),
      world_(layout.schema(), options_.entities_max),
      snapshots_(options_.snapshots_held),
      interest_(game.interest, layout, world_,
                {.tick_rate = options_.tick_rate, .ticks_held = options_.snapshots_held}),
      held_(options_.ticks_held_for_joins_max),
      bulk_(options_.bulk_bytes_max),
      outbox_(layout, world_, interest_),
      past_(layout, world_),
      idle_(in_ticks(options.idle, options.tick_rate)) {
    for (const StructInfo& input : layout.schema().inputs) neutral_.emplace_back(input.size);
    if (!neutral_.empty()) bot_input_ = neutral_.front();
}

PlayerId Room::join(std::string_view name, bool bot, Identity identity) {
    if (players_.size() >= options_.players_max) return 0;
    const PlayerId id = next_player_++;
    const PlayerState& player =
        players_.add(id, {.name = std::string(name),
                          .bot = bot,
                          .identity = std::move(identity),
                          .inputs = InputQueue(options_.inputs_ahead_max, options_.input_repeats_max),
                          .written = {},
                          .idleness = Idleness(tick_)});
    interest_.join(id, bot);
    if (!bot) bulk_.join(id);
    ServerSim now = sim();
    if (game_->on_join) game_->on_join(now, Player(world_, id, player.name, bot, player.identity));
    return id;
}

void Room::leave(PlayerId id) {
    const PlayerState* const player = players_.find(id);
    if (player == nullptr) return;
    ServerSim now = sim();
    if (game_->on_leave) game_->on_leave(now, Player(world_, id, player->name, player->bot, player->identity));
    collect_owned();
    for (const Owned& owned : owned_)
        if (owned.owner == id) world_.despawn(owned.entity);
    interest_.leave(id);
    bulk_.leave(id);
    players_.remove(id);
}

void Room::disconnect(PlayerId id, std::string_view reason) {
    PlayerState* const player = players_.find(id);
    if (player == nullptr) return;
    player->connected = false;
    if (!game_->on_disconnect) return;
    ServerSim now = sim();
    game_->on_disconnect(now, Player(world_, id, player->name, player->bot, player->identity), reason);
}

void Room::reconnect(PlayerId id) {
    PlayerState* const player = players_.find(id);
    if (player == nullptr) return;
    // Its clock may have begun anew.
    player->inputs = InputQueue(options_.inputs_ahead_max, options_.input_repeats_max);
    player->connected = true;
    player->idleness.hide(false, tick_);
    if (!game_->on_reconnect) return;
    ServerSim now = sim();
    game_->on_reconnect(now, Player(world_, id, player->name, player->bot, player->identity));
}

void Room::push_input(PlayerId id, const PlayerInput& input, double ticks_early) {
    assert(input.type < neutral_.size() && input.aggregate.size() == neutral_[input.type].size());
    if (PlayerState* const player = players_.find(id))
        player->inputs.push(input, tick_ + 1, ticks_early, counters_.inputs);
}

void Room::tick() {
    ++tick_;
    ServerSim now = sim();
    deliver_events(now);
    collect_owned();
    std::span<const Owned> rest = owned_;
    for (const auto [id, player] : players_) {
        while (!rest.empty() && rest.front().owner < id) rest = rest.subspan(1);
        std::size_t count = 0;
        while (count < rest.size() && rest[count].owner == id) ++count;
        play(player, rest.first(count), now);
        if (!player.bot) watch(id, player, now);
        rest = rest.subspan(count);
    }
    if (game_->on_tick) game_->on_tick(now);
    interest_.update(snapshots_.push(
        replication::capture(*layout_, world_, snapshots_.newest(), tick_, counters_.quantize, &snapshot_memory_),
        &snapshot_memory_));
    held_.note_tick(interest_, tick_);
    counters_.groups_refused = interest_.groups_refused();
}

void Room::drain(std::chrono::milliseconds left) {
    ServerSim now = sim();
    if (game_->on_drain) game_->on_drain(now, left);
}

Tick Room::input_consumed(PlayerId id) const {
    const PlayerState* const player = players_.find(id);
    return player == nullptr ? 0 : player->inputs.consumed();
}

InputLead Room::input_lead(PlayerId id) const {
    const PlayerState* const player = players_.find(id);
    return player == nullptr ? InputLead{} : player->inputs.lead();
}

void Room::note_lead_told(PlayerId id) {
    if (PlayerState* const player = players_.find(id)) player->inputs.note_reported();
}

std::size_t Room::memory_bytes() const {
    std::size_t chunk = sizeof(World::EntityChunk);
    for (const StructInfo& component : layout_->schema().components) chunk += component.size * World::chunk_entities;
    std::size_t bytes = world_.chunk_count() * chunk;
    const replication::Snapshot* before = nullptr;
    for (const replication::Snapshot& snapshot : snapshots_.all()) {
        bytes += replication::bytes_beyond(before, snapshot);
        before = &snapshot;
    }
    return bytes;
}

ServerSim Room::sim() {
    outbox_.set_origin(tick_, 0);
    return ServerSim(world_, tick_, 1.0F / static_cast<float>(options_.tick_rate),
                     {.interest = &game_interest_, .outbox = &game_outbox_, .room = this, .emit = &emit_});
}

void Room::deliver_events(ServerSim& now) {
    delivered_.swap(arrived_);
    for (const PlayerEvent& event : delivered_) {
        PlayerState* const found = players_.find(event.player);
        if (found == nullptr) continue;
        found->idleness.note_active(tick_);
        if (is_silenced(*found, event.type)) {
            silence(*found, event);
            continue;
        }
        const Player player(world_, event.player, found->name, found->bot, found->identity);
        replication::Aggregate aggregate(layout_->event(event.type).info());
        const Result<void> decoded = replication::decode_event(*layout_, event.type, event.data, aggregate.get());
        assert(decoded && "the session checks what clients send");
        if (!decoded) continue;
        ++counters_.events;
        if (event.request != 0)
            answer(now, player, event, aggregate.get());
        else if (event.type < game_->on_event.size() && game_->on_event[event.type])
            game_->on_event[event.type](now, player, aggregate.get());
        else
            ++counters_.events_unhandled;
    }
    delivered_.clear();
}

void Room::answer(ServerSim& now, Player player, const PlayerEvent& event, const void* aggregate) {
    if (event.type >= game_->on_request.size() || !game_->on_request[event.type]) {
        ++counters_.events_unhandled;
        return outbox_.refuse(event.player, event.request,
                              std::string("this server does not answer ") + layout_->event(event.type).info().name);
    }
    bool replied = false;
    const EmitEvent reply = [&](std::uint16_t type, const void* value) {
        if (!std::exchange(replied, true)) outbox_.reply(event.player, event.request, type, value);
    };
    const Result<void> result = game_->on_request[event.type](now, player, aggregate, reply);
    if (!replied) outbox_.refuse(event.player, event.request, result ? std::string() : result.error().message);
}

void Room::emit(std::uint16_t type, const void* event) {
    if (acting_)
        outbox_.post_near(acting_, type, event);
    else
        outbox_.post({.to = OutgoingEvent::To::Everybody}, type, event);
}

void Room::apply(Sim& now, Entity entity, std::uint16_t type, const std::byte* input) {
    acting_ = entity.id();
    outbox_.set_origin(tick_, entity.owner());
    game_->apply_input(now, entity, type, input);
    acting_ = {};
    outbox_.set_origin(tick_, 0);
}

void Room::note_written(PlayerId id) {
    if (PlayerState* const player = players_.find(id)) player->written.note(tick_);
}

PastWorld& Room::rewind(PlayerId id, RewindReport& report) {
    const PlayerState* const player = players_.find(id);
    static const WrittenTicks nothing;
    const WrittenTicks& written = player == nullptr ? nothing : player->written;
    const ViewTime view = player == nullptr ? ViewTime{} : player->inputs.view(tick_);
    report = judge(view, tick_, written.newest(), options_.rewind, options_.tick_rate);
    ++counters_.rewinds.rewinds;
    counters_.rewinds.clamped += report.clamped ? 1U : 0U;
    counters_.rewinds.forged += report.forged ? 1U : 0U;
    PastInstant instant = instant_at(report.tick, written);
    instant.present_of = id;
    past_.look(instant);
    return past_;
}

PastInstant Room::instant_at(double tick, const WrittenTicks& written) const {
    const replication::Snapshot* const newest = snapshots_.newest();
    if (newest == nullptr || tick > newest->tick) return {};
    const auto whole = static_cast<Tick>(tick);
    const auto snapshot_of = [&](Tick wanted, Tick otherwise) {
        const replication::Snapshot* const got = wanted == 0 ? nullptr : snapshots_.find(wanted);
        return got != nullptr ? got : snapshots_.find(otherwise);
    };
    // Beyond what was written, which the clamp can lead to, there is only the history itself.
    const bool known = tick <= written.newest();
    PastInstant instant{.from = snapshot_of(known ? written.at_or_before(whole) : 0, whole)};
    if (instant.from == nullptr) instant.from = &snapshots_.all().front();
    instant.to = snapshot_of(known ? written.after(whole) : 0, whole + 1);
    if (instant.to == nullptr) instant.to = instant.from;
    if (instant.to != instant.from && tick > instant.from->tick)
        instant.fraction = (tick - instant.from->tick) / (static_cast<double>(instant.to->tick) - instant.from->tick);
    return instant;
}

void Room::collect_owned() {
    owned_.clear();
    for (std::size_t chunk = 0; chunk < world_.chunk_count(); ++chunk) {
        const World::EntityChunk& entities = std::as_const(world_).entities(chunk);
        for (std::uint64_t bits = entities.present; bits != 0; bits &= bits - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(bits));
            if (entities.owner[row] == 0) continue;
            const auto index = static_cast<std::uint32_t>(chunk) * World::chunk_entities + row;
            owned_.push_back({entities.owner[row], {index, entities.generation[row]}});
        }
    }
    const auto before = [](const Owned& a, const Owned& b) {
        return a.owner != b.owner ? a.owner < b.owner : a.entity.index < b.entity.index;
    };
    // Who came later mostly owns what came later.
    if (!std::is_sorted(owned_.begin(), owned_.end(), before)) std::sort(owned_.begin(), owned_.end(), before);
}

void Room::play(PlayerState& player, std::span<const Owned> owned, Sim& now) {
    if (player.bot) return play_bot(owned, now);
    if (neutral_.empty()) return;
    const InputQueue::Taken* const taken = player.inputs.take(tick_, counters_.inputs);
    if (player.inputs.took_change()) player.idleness.note_active(tick_);
    if (!game_->apply_input) return;
    const std::uint16_t type = player.inputs.last_type();
    const std::byte* const input = taken != nullptr ? taken->aggregate.data() : neutral_[type].data();
    for (const Owned& each : owned)
        if (world_.alive(each.entity)) apply(now, Entity(world_, each.entity), type, input);
}

void Room::play_bot(std::span<const Owned> owned, Sim& now) {
    if (neutral_.empty() || !game_->apply_input) return;
    for (const Owned& each : owned) {
        if (!world_.alive(each.entity)) continue;
        const Entity entity(world_, each.entity);
        std::fill(bot_input_.begin(), bot_input_.end(), std::byte{0});
        if (game_->bot_input) game_->bot_input(now, entity, bot_input_.data());
        if (entity.alive()) apply(now, entity, 0, bot_input_.data());
    }
}

}  // namespace tidewire::server

namespace tidewire {

void ServerSim::close_room(std::string reason) const { parts_.room->want_close(std::move(reason)); }

}  // namespace tidewire
