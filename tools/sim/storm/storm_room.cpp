// A game that talks all the time.
#include "tools/sim/storm/storm_room.h"

#include <cstddef>
#include <stdexcept>
#include <utility>

#include "sdk/core/base/hash.h"
#include "tools/sim/storm/storm_rules.h"

namespace tidewire::sim {

namespace {

constexpr std::size_t hashes_max = 1024;  // ticks: half a minute and more
constexpr std::uint32_t rocks_max = 120;

/// Mostly short.
std::string words(SeededRandom& random) {
    const std::uint32_t most = random.below(8) == 0 ? 600 : 24;
    return std::string(random.below(most), static_cast<char>('a' + random.below(26)));
}

}  // namespace

StormRoom::StormRoom(const StormRoomPlan& plan, Journal& journal) : plan_(plan), journal_(&journal), random_(plan.seed) {
    game_.schema = &storm::Schema::info();
    game_.apply_input = storm_rules();
    if (plan_.grid) {
        game_.interest.grid = GridOptions{.cell_size = 16, .enter_radius = 24, .leave_radius = 32, .half_rate_from = 16};
        game_.interest.component = component_index<storm::Pos>;
        game_.interest.x_offset = offsetof(storm::Pos, x);
        game_.interest.y_offset = offsetof(storm::Pos, y);
    }
    game_.on_join = [this](ServerSim& sim, Player player) { join(sim, player); };
    game_.on_leave = [this](ServerSim&, Player player) {
        if (!player.bot()) accounts_[player.id()].left = true;
    };
    game_.on_event.resize(event_index<storm::Told> + std::size_t{1});
    game_.on_event[event_index<storm::Said>] = [this](ServerSim& sim, Player player, const void* event) {
        hear(player, static_cast<const storm::Said*>(event)->number);
        if (random_.below(4) == 0) broadcast(sim);
    };
    game_.on_request.resize(event_index<storm::Told> + std::size_t{1});
    game_.on_request[event_index<storm::Ask>] = [this](ServerSim&, Player player, const void* request,
                                                       const EmitEvent& reply) -> Result<void> {
        const std::uint32_t number = static_cast<const storm::Ask*>(request)->number;
        hear(player, number);
        if (number % 8 == 7) return unexpected(Blame::Caller, "no answer to " + std::to_string(number));
        const storm::Answer answer{.number = number};
        reply(event_index<storm::Answer>, &answer);
        return {};
    };
    game_.on_tick = [this](ServerSim& sim) { advance(sim); };
    if (plan_.asks_for_time)
        game_.on_drain = [this](ServerSim&, std::chrono::milliseconds) { close("the match is over, since the server stops"); };
}

server::RoomSetup StormRoom::setup() {
    return {.number = plan_.number, .game = game_, .on_tick = [this] { note_tick(); }};
}

void StormRoom::join(ServerSim& sim, Player player) {
    const storm::Pos pos{.x = random_.range(-40, 40), .y = random_.range(-40, 40)};
    const storm::Name name{.text = std::string(player.name())};
    if (plan_.grid)
        player.spawn(pos, name, storm::Purse{.coins = player.id()});
    else
        player.spawn(pos, name);
    if (player.bot()) return;
    Account& account = accounts_[player.id()];
    account.honest = player.name().rfind('x', 0) != 0;
    account.broadcasts_before = broadcasts_;
    tell(sim, player.id());
    if (random_.below(4) == 0) send_bulk(player.id(), 1 + random_.below(60'000));
}

void StormRoom::hear(Player player, std::uint32_t number) {
    Account& account = accounts_[player.id()];
    if (account.honest && number != account.heard + 1)
        journal_->fail(name() + " heard " + std::to_string(number) + " of player " + std::to_string(player.id()) + " after " +
                       std::to_string(account.heard));
    account.heard = number;
}

void StormRoom::send_bulk(PlayerId player, std::size_t bytes) { transfers_.push_back({player, bytes}); }

void StormRoom::advance(ServerSim& sim) {
    if (sim.tick() == 1)
        for (std::uint32_t i = 0; i < plan_.rocks; ++i)
            sim.spawn(storm::Pos{.x = random_.range(-60, 60), .y = random_.range(-60, 60)}, storm::Name{.text = words(random_).substr(0, 200)});
    move_rocks(sim);
    for (auto& [player, account] : accounts_) {
        if (account.left) continue;
        if (talks_ && random_.below(12) == 0) tell(sim, player);
        for (auto [entity, purse] : sim.view<storm::Purse>())
            if (entity.owner() == player) purse.coins += random_.below(3);
    }
    if (talks_ && random_.below(20) == 0) broadcast(sim);
    for (; burst_ > 0; --burst_) broadcast(sim);
    for (const Transfer& transfer : std::exchange(transfers_, {})) {
        Account& account = accounts_[transfer.player];
        if (account.left) continue;
        const std::uint32_t number = account.bulks + 1;
        if (sim.send_bulk(transfer.player, number, bulk_bytes(transfer.player, number, transfer.bytes))) account.bulks = number;
    }
    if (fails_) throw std::runtime_error("the game has failed, as it was asked to");
    if (!close_reason_.empty()) sim.close_room(close_reason_);
}

void StormRoom::tell(ServerSim& sim, PlayerId player) {
    sim.send(player, storm::Told{.everybody = false, .number = ++accounts_[player].told, .text = words(random_)});
}

void StormRoom::broadcast(ServerSim& sim) {
    sim.broadcast(storm::Told{.everybody = true, .number = ++broadcasts_, .text = words(random_)});
}

void StormRoom::move_rocks(ServerSim& sim) {
    std::uint32_t rocks = 0;
    for (auto [entity, pos] : sim.view<storm::Pos>()) {
        if (entity.owner() != 0) continue;
        ++rocks;
        if (random_.below(3) != 0) continue;
        pos.x += random_.range(-1, 1);
        pos.y += random_.range(-1, 1);
        if (random_.below(200) == 0) entity.despawn();
    }
    if (rocks < rocks_max && random_.below(8) == 0)
        sim.spawn(storm::Pos{.x = random_.range(-60, 60)}, storm::Name{.text = words(random_).substr(0, 200)});
}

void StormRoom::note_tick() {
    const replication::Snapshot& newest = *hosted_->room().snapshots().newest();
    tick_ = newest.tick;
    if (!plan_.grid) hashes_[tick_] = replication::state_hash(newest);
    if (hashes_.size() > hashes_max) hashes_.erase(hashes_.begin());
}

std::uint64_t StormRoom::hash_of(Tick tick) const {
    const auto found = hashes_.find(tick);
    return found == hashes_.end() ? 0 : found->second;
}

std::vector<std::byte> StormRoom::bulk_bytes(PlayerId player, std::uint32_t number, std::size_t size) {
    SeededRandom random(hash_combine(player, number));
    std::vector<std::byte> bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    return bytes;
}

}  // namespace tidewire::sim
