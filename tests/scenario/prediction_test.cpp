// The arena over bad and good links, as a player sees it: whether the fighter is where its rules say, and how it moves on the screen.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "samples/arena/match.h"
#include "samples/arena/rules.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/netcode/own_picture.h"
#include "tools/sim/virtual_server.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace std::chrono_literals;
using arena::Body;
using arena::Command;
using arena::Vec2;

namespace {

ApplyInput arena_rules() { return to_apply_input(arena::Rules{}, arena::Schema::Inputs{}); }

/// The arena's server, as samples/arena/server.cpp has it.
struct ArenaGame {
    arena::Match match;
    Game game;
    std::function<void(Sim&)> after_tick;  // what the server does to fighters besides

    ArenaGame() {
        game.schema = &arena::Schema::info();
        game.apply_input = arena_rules();
        game.on_join = [this](Sim& sim, Player player) {
            match.join(sim, {.owner = player.id(), .name = player.name(), .bot = false, .seed = 1});
        };
        game.on_tick = [this](Sim& sim) {
            match.advance(sim);
            if (after_tick) after_tick(sim);
        };
    }
};

/// Runs this way and that, a while each, and shoots.
Command wandering(std::uint64_t seed, std::uint32_t number) {
    const std::uint64_t random = hash_combine(seed, number / 7);
    return {.move_x = static_cast<std::int8_t>(static_cast<int>(random % 3) - 1),
            .move_y = static_cast<std::int8_t>(static_cast<int>(random / 3 % 3) - 1),
            .aim = static_cast<float>(number % 600) * 0.01F - 3,
            .fire = random % 5 == 0};
}

/// A player with a screen.
struct Viewer {
    VirtualClient* client;
    netcode::Picture picture;
    netcode::OwnPicture own_picture;
    World screen;

    explicit Viewer(VirtualClient& joined)
        : client(&joined),
          picture(joined.session().layout()),
          own_picture(joined.session().layout()),
          screen(arena::Schema::info(), joined.session().entities_max()) {}

    const netcode::Prediction& prediction() const { return *client->session().prediction(); }
    void draw(TimePoint now) {
        session::ClientSession& session = client->session();
        session.advance(now);
        if (session.snapshots().newest() == nullptr) return;
        picture.draw(session.snapshots(), session.render_clock()->tick(), screen);
        own_picture.draw(prediction(), session.tick_lead()->position(), now, screen);
    }
    /// Of the player's fighter in a world; null where it has none.
    const Body* body(const World& world) const {
        for (std::uint32_t index = 0; index < world.entities_max(); ++index) {
            const EntityId id = world.at(index);
            if (!id || world.owner(id) != client->session().player()) continue;
            if (const std::byte* const found = world.find(id, component_index<Body>))
                return static_cast<const Body*>(static_cast<const void*>(found));
        }
        return nullptr;
    }
};

/// Connects a player that predicts, and waits until it plays.
std::unique_ptr<Viewer> join(VirtualServer& server, net::LinkOptions link,
                             std::function<Command(std::uint32_t)> command) {
    VirtualClient& client = server.connect(link);
    client.session().predict_by(arena_rules());
    client.input = [command = std::move(command)](std::uint32_t number, std::byte* aggregate) {
        const Command given = command(number);
        std::memcpy(aggregate, &given, sizeof given);
    };
    while (client.session().state() != session::ClientState::Playing) {
        REQUIRE(server.now() < TimePoint(10s));
        server.run_for(10ms);
    }
    return std::make_unique<Viewer>(client);
}

constexpr int rtts[] = {0, 1, 20, 80, 200, 400};

net::LinkOptions link_of(int rtt_ms) { return {.latency = Duration(rtt_ms * 500)}; }

float distance(const Body& a, const Body& b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

TEST_CASE("without contention nothing is ever corrected, at any round trip and tick rate", "[scenario][prediction]") {
    for (const int rtt : rtts) {
        for (const int tick_rate : {15, 30, 60, 128}) {
            const std::uint64_t seed = 1000 + static_cast<std::uint64_t>(rtt * tick_rate);
            INFO("RTT " << rtt << " ms, " << tick_rate << " Hz, seed " << seed);
            ArenaGame arena;
            VirtualServer server(arena.game, {.tick_rate = tick_rate}, seed);
            const auto viewer =
                join(server, link_of(rtt), [seed](std::uint32_t number) { return wandering(seed, number); });
            float travelled = 0;
            Body last{};
            for (int frame = 0; frame < 30 * 60; ++frame) {
                server.run_for(Duration(16'667));
                viewer->draw(server.now());
                // In the first second the picture glides from what the server said to what is predicted.
                const Body* const body = viewer->body(viewer->screen);
                if (body == nullptr || frame < 60) continue;
                if (last.x != 0) {
                    // The clock of inputs, which the picture follows, may run a tenth faster than time.
                    CHECK(distance(*body, last) <= arena::run_speed * 0.016667F * 1.1F + 0.05F);
                    travelled += distance(*body, last);
                }
                last = *body;
            }
            CHECK(travelled > 1000);
            CHECK(server.room().counters().inputs.late == 0);
            CHECK(viewer->prediction().counters().predicted > 29U * static_cast<std::uint64_t>(tick_rate));
            CHECK(viewer->prediction().counters().corrections == 0);
        }
    }
}

TEST_CASE("fighters that push each other, and a server that pushes them, move smoothly on the screen",
          "[scenario][prediction]") {
    for (const int rtt : rtts) {
        for (const int fps : {20, 60, 144}) {
            const std::uint64_t seed = 77 + static_cast<std::uint64_t>(rtt + fps);
            INFO("RTT " << rtt << " ms, " << fps << " FPS, seed " << seed);
            ArenaGame arena;
            arena.after_tick = [seed](Sim& sim) {
                for (auto [entity, body] : sim.view<Body>()) {
                    const std::uint64_t random = hash_combine(hash_combine(seed, sim.tick()), entity.index());
                    if (random % 40 != 0) continue;
                    const Vec2 shove{static_cast<float>(random / 40 % 101) - 50,
                                     static_cast<float>(random / 4040 % 101) - 50};
                    const arena::Motion motion = arena::freed({Vec2{body.x, body.y} + shove, {body.vx, body.vy}});
                    body.x = motion.position.x;
                    body.y = motion.position.y;
                }
            };
            VirtualServer server(arena.game, {.tick_rate = 30}, seed);
            // All run to the middle and back, so they meet.
            std::vector<std::unique_ptr<Viewer>> viewers;
            for (std::uint64_t i = 0; i < 3; ++i)
                viewers.push_back(join(server, link_of(rtt), [&, i](std::uint32_t number) {
                    Command command = wandering(seed + i, number);
                    command.fire = false;
                    const Body* const body = viewers.size() > i ? viewers[i]->body(viewers[i]->screen) : nullptr;
                    if (body != nullptr && number / 64 % 2 == 0) {
                        command.move_x = body->x < 1000 ? 1 : -1;
                        command.move_y = body->y < 700 ? 1 : -1;
                    }
                    return command;
                }));
            const double frame_seconds = 1.0 / fps;
            const auto loss = static_cast<float>(1 - std::exp2(-frame_seconds / 0.060));
            const auto normal = static_cast<float>(arena::run_speed * frame_seconds * 1.1);
            constexpr float tick_distance = arena::run_speed / 30;
            std::vector<Body> last(viewers.size());
            for (int frame = 0; frame < 20 * fps; ++frame) {
                server.run_for(Duration(1'000'000 / fps));
                for (std::size_t i = 0; i < viewers.size(); ++i) {
                    viewers[i]->draw(server.now());
                    const Body* const body = viewers[i]->body(viewers[i]->screen);
                    if (body == nullptr) continue;
                    if (last[i].x != 0) {
                        // How wrong the picture was: it is drawn within two ticks of where the simulation is.
                        const Body* const simulated = viewers[i]->body(viewers[i]->prediction().world());
                        REQUIRE(simulated != nullptr);
                        const float error = distance(last[i], *simulated) + 2 * tick_distance;
                        CHECK(distance(*body, last[i]) <= normal + error * loss + 0.05F);
                    }
                    last[i] = *body;
                }
            }
            for (const auto& viewer : viewers) {
                CHECK(viewer->prediction().counters().corrections > 5);
                CHECK(viewer->prediction().counters().replayed >= viewer->prediction().counters().corrections / 2);
            }
        }
    }
}

TEST_CASE("an input that comes too late costs one correction", "[scenario][prediction]") {
    for (const int rtt : rtts) {
        INFO("RTT " << rtt << " ms");
        ArenaGame arena;
        VirtualServer server(arena.game, {.tick_rate = 30}, 5);
        constexpr std::uint32_t turning = 200;
        const Duration tick_period = Duration(1s) / 30;
        TimePoint before_arrives = never;  // the input before the one that turns
        const auto viewer = join(server, link_of(rtt), [&](std::uint32_t number) {
            if (number == turning - 1) before_arrives = server.now() + Duration(rtt * 500);
            return Command{.move_x = static_cast<std::int8_t>(number / 20 % 2 == 0 ? 1 : -1)};
        });
        for (int frame = 0; frame < 20 * 60; ++frame) {
            server.run_for(Duration(16'667));
            viewer->draw(server.now());
            if (server.now() <= before_arrives) continue;
            // The next one comes two fifths of a tick too late; and the one after it in time.
            const double early = *viewer->client->session().tick_lead()->worst() + 1.4;
            viewer->client->stream->up.stall(
                before_arrives + Duration(static_cast<std::int64_t>(early * static_cast<double>(tick_period.count()))));
            before_arrives = never;
        }
        CHECK(server.room().counters().inputs.late == 1);
        CHECK(viewer->prediction().counters().corrections == 1);
        const Body* const shown = viewer->body(viewer->screen);
        const Body* const simulated = viewer->body(viewer->prediction().world());
        REQUIRE(shown != nullptr);
        REQUIRE(simulated != nullptr);
        CHECK(distance(*shown, *simulated) <= arena::run_speed / 30 + 0.1F);
    }
}
