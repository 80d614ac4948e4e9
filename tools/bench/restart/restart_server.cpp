// By the public server alone; hashes are of the whole replicated state.
#include "tools/bench/restart/restart_server.h"

#include <signal.h>

#include <chrono>
#include <map>
#include <vector>

#include "resume.h"
#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/snapshot.h"
#include "tidewire/server.h"
#include "tools/bench/bench.h"
#include "tools/bench/resume/sequence.h"

namespace tidewire::bench {

namespace {

struct Rules {
    void operator()(Sim& sim, Entity entity, const resumed::Move& move) const {
        entity.get<resumed::Pos>().x += static_cast<float>(move.dx) * sim.dt();
    }
};

using NumberServer = Server<resumed::Schema, Rules>;

NumberServer* running = nullptr;

std::uint64_t hash_of(const ServerSim& sim) {
    static const replication::Layout layout(resumed::Schema::info());
    replication::QuantizeCounters counters;
    return replication::state_hash(replication::capture(layout, sim.world(), nullptr, sim.tick(), counters));
}

/// What each player has told: beyond the world, the game's own to keep.
class Heard {
public:
    void take(PlayerId player, std::uint32_t number) { of_player_[player].take(number); }
    std::vector<std::byte> bytes() const {
        Bytes bytes;
        for (const auto& [player, sequence] : of_player_)
            for (const std::uint32_t number : {player, sequence.next, sequence.lost, sequence.doubled}) append_little_endian(bytes, number);
        return bytes;
    }
    void restore(ByteSpan bytes) {
        for (ByteReader reader(bytes); !reader.at_end();) {
            const auto player = reader.read_little_endian<std::uint32_t>().value_or(0);
            Sequence& sequence = of_player_[player];
            for (std::uint32_t* const number : {&sequence.next, &sequence.lost, &sequence.doubled})
                *number = reader.read_little_endian<std::uint32_t>().value_or(0);
            if (reader.failed()) return;
        }
    }
    nlohmann::ordered_json figures() const {
        nlohmann::ordered_json figures = nlohmann::ordered_json::object();
        for (const auto& [player, sequence] : of_player_)
            figures[std::to_string(player)] = {sequence.next - 1, sequence.lost, sequence.doubled};
        return figures;
    }

private:
    std::map<PlayerId, Sequence> of_player_;
};

}  // namespace

Result<void> serve_restart(const RestartServerOptions& options) {
    NumberServer server({.address = "127.0.0.1",
                         .port = options.port,
                         .tick_rate = options.tick_rate,
                         .players_max = options.players_max,
                         .save_directory = options.save_directory});
    Heard heard;
    server.on_join([](Player player) { player.spawn(resumed::Pos{}); });
    server.on_event<resumed::Number>([&](ServerSim&, Player player, const resumed::Number& number) { heard.take(player.id(), number.value); });
    server.on_tick([](ServerSim& sim) { sim.broadcast(resumed::Number{.value = sim.tick()}); });
    server.on_save(
        [&](ServerSim& sim) {
            print({{"saved_tick", sim.tick()}, {"saved_hash", hash_of(sim)}});
            return heard.bytes();
        },
        [&](ServerSim& sim, std::span<const std::byte> bytes) -> Result<void> {
            heard.restore(bytes);
            print({{"restored_tick", sim.tick()}, {"restored_hash", hash_of(sim)}});
            return {};
        });
    running = &server;
    signal(SIGTERM, [](int) { running->stop(); });
    if (auto listening = server.listen(); !listening) return listening;
    const auto opened = std::chrono::steady_clock::now().time_since_epoch();
    print({{"port", server.port()}, {"opened_us", std::chrono::duration_cast<std::chrono::microseconds>(opened).count()}});
    auto ran = server.run();
    print({{"heard", heard.figures()}});
    return ran;
}

}  // namespace tidewire::bench
