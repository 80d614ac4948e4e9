// The tick of a room: the order in which inputs, rules and callbacks run, the same on every machine.
#include "server/room/room.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::server {

Room::Room(const Game& game, const replication::Layout& layout, RoomOptions options)
    : game_(&game),
      layout_(&layout),
      options_(options),
      world_(layout.schema(), options.entities_max),
      snapshots_(options.snapshots_held),
      interest_(game.interest, layout, world_, {.tick_rate = options.tick_rate, .ticks_held = options.snapshots_held}) {
    for (const StructInfo& input : layout.schema().inputs) neutral_.emplace_back(input.size);
    if (!neutral_.empty()) bot_input_ = neutral_.front();
}

PlayerId Room::join(std::string_view name, bool bot) {
    if (players_.size() >= options_.players_max) return 0;
    const PlayerId id = next_player_++;
    PlayerState& player = players_[id];
    player.name = name;
    player.bot = bot;
    interest_.join(id, bot);
    ServerSim now = sim();
    if (game_->on_join) game_->on_join(now, Player(world_, id, player.name, bot));
    return id;
}

void Room::leave(PlayerId id) {
    const auto found = players_.find(id);
    if (found == players_.end()) return;
    ServerSim now = sim();
    if (game_->on_leave) game_->on_leave(now, Player(world_, id, found->second.name, found->second.bot));
    collect_owned();
    for (const Owned& owned : owned_)
        if (owned.owner == id) world_.despawn(owned.entity);
    interest_.leave(id);
    players_.erase(found);
}

void Room::push_input(PlayerId id, std::uint32_t number, std::uint16_t type, Bytes aggregate) {
    assert(type < neutral_.size() && aggregate.size() == neutral_[type].size());
    const auto found = players_.find(id);
    if (found == players_.end()) return;
    std::deque<Input>& inputs = found->second.inputs;
    if (inputs.size() >= options_.inputs_queued_max) {
        inputs.pop_front();
        ++counters_.inputs_dropped;
    }
    inputs.push_back({number, type, std::move(aggregate)});
}

void Room::tick() {
    ++tick_;
    ServerSim now = sim();
    collect_owned();
    std::span<const Owned> rest = owned_;
    for (auto& [id, player] : players_) {
        while (!rest.empty() && rest.front().owner < id) rest = rest.subspan(1);
        std::size_t count = 0;
        while (count < rest.size() && rest[count].owner == id) ++count;
        play(player, rest.first(count), now);
        rest = rest.subspan(count);
    }
    if (tick_ % static_cast<Tick>(options_.tick_rate) == 0) shorten_queues();
    if (game_->on_tick) game_->on_tick(now);
    interest_.update(
        snapshots_.push(replication::capture(*layout_, world_, snapshots_.newest(), tick_, counters_.quantize)));
    counters_.groups_refused = interest_.groups_refused();
}

std::uint32_t Room::input_consumed(PlayerId id) const {
    const auto found = players_.find(id);
    return found == players_.end() ? 0 : found->second.last.number;
}

ServerSim Room::sim() {
    return ServerSim(world_, tick_, 1.0F / static_cast<float>(options_.tick_rate), game_interest_);
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
    std::sort(owned_.begin(), owned_.end(), [](const Owned& a, const Owned& b) {
        return a.owner != b.owner ? a.owner < b.owner : a.entity.index < b.entity.index;
    });
}

void Room::play(PlayerState& player, std::span<const Owned> owned, Sim& now) {
    if (player.bot) return play_bot(owned, now);
    const std::byte* input = next_input(player);
    if (input == nullptr || !game_->apply_input) return;
    for (const Owned& each : owned)
        if (world_.alive(each.entity)) game_->apply_input(now, Entity(world_, each.entity), player.last.type, input);
}

void Room::play_bot(std::span<const Owned> owned, Sim& now) {
    if (neutral_.empty() || !game_->apply_input) return;
    for (const Owned& each : owned) {
        if (!world_.alive(each.entity)) continue;
        const Entity entity(world_, each.entity);
        std::fill(bot_input_.begin(), bot_input_.end(), std::byte{0});
        if (game_->bot_input) game_->bot_input(now, entity, bot_input_.data());
        if (entity.alive()) game_->apply_input(now, entity, 0, bot_input_.data());
    }
}

const std::byte* Room::next_input(PlayerState& player) {
    if (neutral_.empty()) return nullptr;
    if (!player.inputs.empty()) {
        player.last = std::move(player.inputs.front());
        player.inputs.pop_front();
        player.queue_min = std::min(player.queue_min, player.inputs.size());
        player.repeats = 0;
        ++counters_.inputs_consumed;
        return player.last.aggregate.data();
    }
    player.queue_min = 0;
    if (!player.last.aggregate.empty() && player.repeats < options_.input_repeats_max) {
        ++player.repeats;
        ++counters_.inputs_repeated;
        return player.last.aggregate.data();
    }
    ++counters_.inputs_neutral;
    return neutral_[player.last.type].data();
}

void Room::shorten_queues() {
    for (auto& [id, player] : players_) {
        for (; player.queue_min > options_.inputs_spare_max; --player.queue_min) {
            player.inputs.pop_front();
            ++counters_.inputs_dropped;
        }
        player.queue_min = player.inputs.size();
    }
}

}  // namespace tidewire::server
