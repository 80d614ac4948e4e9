// Own entities as they are drawn: between two ticks, smooth through corrections, and where from when they change hands.
#include "sdk/core/netcode/own_picture.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <optional>

#include "tests/sdk/netcode/predicted_stage.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;

namespace {

/// The stage with a screen: others are drawn from the snapshot before the newest.
struct Theatre {
    PredictedStage stage;
    netcode::Picture picture{stage.layout};
    netcode::OwnPicture own_picture{stage.layout};
    World screen{predicted_schema(), 256};

    void draw(double position, Duration at) {
        picture.draw(stage.ring, stage.tick - 1.0, screen);
        own_picture.draw(stage.prediction, position, TimePoint(at), screen);
    }
    const Mover* seen(Entity entity) {
        return static_cast<const Mover*>(
            static_cast<const void*>(std::as_const(screen).find(entity.id(), component_index<Mover>)));
    }
    void serve(const Push& push) {
        stage.serve(push);
        stage.reconcile();
    }
};

/// When the client's clock is at a position, from tick 0 at 0.
Duration at(double position) { return Duration(static_cast<std::int64_t>(position * 1e6 / PredictedStage::tick_rate)); }

}  // namespace

TEST_CASE("own entities are drawn on the way from one tick's state to the next one's", "[netcode][own_picture]") {
    Theatre theatre;
    const Entity own = theatre.stage.spawn(PredictedStage::player);
    const Entity other = theatre.stage.spawn(3, 50);
    theatre.serve(Push{});
    theatre.serve(Push{});
    theatre.draw(2.9, at(2.9));
    CHECK(theatre.seen(own)->x == 0);
    theatre.stage.send(3, Push{.dx = 1, .turn = 1});
    theatre.draw(3.0, at(3.0));
    CHECK(theatre.seen(own)->x == 0);
    CHECK(theatre.seen(own)->steps == 3);  // it is not interpolated: at once
    theatre.draw(3.25, at(3.25));
    CHECK(theatre.seen(own)->x == Approx(0.17 / 4));
    CHECK(theatre.seen(own)->angle == Approx(0.3 / 4).margin(0.001));
    theatre.draw(3.75, at(3.75));
    CHECK(theatre.seen(own)->x == Approx(0.17 * 3 / 4));
    theatre.draw(4.2, at(4.2));  // the input of tick 4 is late: no further
    CHECK(theatre.seen(own)->x == Approx(0.17));
    theatre.stage.send(4, Push{.dx = 1});
    theatre.draw(4.5, at(4.5));
    CHECK(theatre.seen(own)->x == Approx(0.17 * 1.5));
    CHECK(theatre.seen(other)->x == 50);
}

TEST_CASE("motion is even at any frame rate", "[netcode][own_picture]") {
    for (const int fps : {20, 60, 75, 144, 500}) {
        INFO("FPS " << fps);
        Theatre theatre;
        const Entity own = theatre.stage.spawn(PredictedStage::player, -500);
        theatre.serve(Push{});
        theatre.serve(Push{});
        std::optional<float> before;
        const double step = static_cast<double>(PredictedStage::tick_rate) / fps;
        for (double position = 5; position < 300; position += step) {
            while (theatre.stage.tick + 3 < position) theatre.serve(Push{.dx = 1});
            for (Tick tick = theatre.stage.prediction.newest() + 1; tick <= position; ++tick)
                theatre.stage.send(tick, Push{.dx = 1});
            theatre.draw(position, at(position));
            const float x = theatre.seen(own)->x;
            if (before && position > 20) CHECK(x - *before == Approx(0.17 * step).margin(0.001));
            before = x;
        }
    }
}

TEST_CASE("through a correction the picture moves no faster than it runs and smoothing lets it",
          "[netcode][own_picture]") {
    for (const float shove : {0.3F, 3.0F, -3.0F, 15.0F}) {
        for (const int fps : {20, 60, 144}) {
            INFO("shove " << shove << ", FPS " << fps);
            Theatre theatre;
            const Entity own = theatre.stage.spawn(PredictedStage::player);
            theatre.serve(Push{});
            theatre.serve(Push{});
            std::optional<float> before;
            const double step = static_cast<double>(PredictedStage::tick_rate) / fps;
            // Of an error, at the most: what a large one loses in a frame.
            const double loss = 1 - std::exp2(-1000.0 / fps / 60);
            for (double position = 8; position < 200; position += step) {
                while (theatre.stage.tick + 5 < position) {
                    theatre.stage.on_tick = [&](Sim& sim) {
                        if (sim.tick() == 60) own.get<Mover>().x += shove;
                    };
                    theatre.serve(Push{.dx = 1});
                }
                for (Tick tick = theatre.stage.prediction.newest() + 1; tick <= position; ++tick)
                    theatre.stage.send(tick, Push{.dx = 1});
                theatre.draw(position, at(position));
                const float x = theatre.seen(own)->x;
                if (before && position > 20)
                    CHECK(std::abs(x - *before) <= 0.17 * step + std::abs(shove) * loss + 0.01);
                before = x;
            }
            // It has arrived where the simulation is: a tick behind the last input.
            CHECK(theatre.stage.prediction.counters().corrections == 1);
            CHECK(std::abs(*before - theatre.stage.predicted(own).x) <= 0.17F + 0.01F);
        }
    }
}

TEST_CASE("a correction beyond the snap is a teleport", "[netcode][own_picture]") {
    Theatre theatre;
    const Entity own = theatre.stage.spawn(PredictedStage::player);
    theatre.serve(Push{});
    theatre.serve(Push{});
    theatre.stage.send(3, Push{});
    theatre.stage.send(4, Push{});
    theatre.draw(4.5, at(4.5));
    theatre.stage.on_tick = [&](Sim&) { own.get<Mover>().x = 400; };
    theatre.serve(Push{});
    theatre.draw(4.6, at(4.6));
    CHECK(theatre.seen(own)->x == 400);
}

TEST_CASE("a clock that jumps is smoothed as well; a program that paused is not", "[netcode][own_picture]") {
    Theatre theatre;
    const Entity own = theatre.stage.spawn(PredictedStage::player);
    theatre.serve(Push{});
    theatre.serve(Push{});
    for (Tick tick = 3; tick <= 60; ++tick) theatre.stage.send(tick, Push{.dx = 1});
    theatre.draw(20.5, at(20.5));
    const float before = theatre.seen(own)->x;
    theatre.draw(40.5, at(21.5));  // twenty ticks, in the time of one
    CHECK(theatre.seen(own)->x - before < 20 * 0.17F * 0.2F);
    theatre.draw(40.5 + 6, at(21.5 + 6));
    CHECK(theatre.seen(own)->x - before > 6 * 0.17F);
    theatre.draw(58.5, at(21.5 + 18));
    const float later = theatre.seen(own)->x;
    theatre.stage.send(61, Push{.dx = 1});
    theatre.draw(61.5, at(21.5 + 21));
    CHECK(theatre.seen(own)->x - later > 3 * 0.17F - 0.01F);
}

TEST_CASE("an entity that becomes the player's is drawn from where it was seen", "[netcode][own_picture]") {
    Theatre theatre;
    theatre.stage.spawn(PredictedStage::player);
    const Entity car = theatre.stage.spawn(3, 50);
    theatre.serve(Push{});
    theatre.serve(Push{});
    for (Tick tick = 3; tick <= 20; ++tick) theatre.stage.send(tick, Push{.dx = 1});
    theatre.draw(20.5, at(20.5));
    theatre.stage.on_tick = [&](Sim&) { theatre.stage.server.restore(car.id(), PredictedStage::player); };
    theatre.serve(Push{.dx = 1});
    theatre.stage.on_tick = nullptr;
    REQUIRE(theatre.stage.predicted(car).x > 52);
    theatre.draw(20.7, at(20.7));
    CHECK(theatre.seen(car)->x == 50);
    theatre.draw(20.8, at(20.8));
    CHECK(theatre.seen(car)->x < 50.1F);
    theatre.draw(20.9, at(20.9) + 1s);
    CHECK(theatre.seen(car)->x > 52);

    // And back: it glides to where others are drawn.
    const float ahead = theatre.seen(car)->x;
    theatre.stage.on_tick = [&](Sim&) { theatre.stage.server.restore(car.id(), 3); };
    theatre.serve(Push{.dx = 1});
    theatre.draw(21.0, at(21.0) + 1s);
    CHECK(theatre.seen(car)->x > ahead - 0.1F);
    theatre.draw(21.0, at(21.0) + 4s);
    CHECK(theatre.seen(car)->x == Approx(50));
}

TEST_CASE("what the picture does not show yet is not drawn, and what was despawned stays until its time",
          "[netcode][own_picture]") {
    Theatre theatre;
    const Entity first = theatre.stage.spawn(PredictedStage::player);
    theatre.serve(Push{});
    theatre.serve(Push{});
    for (Tick tick = 3; tick <= 20; ++tick) theatre.stage.send(tick, Push{.dx = 1});
    theatre.draw(20.5, at(20.5));
    const float before = theatre.seen(first)->x;
    Entity second;
    theatre.stage.on_tick = [&](Sim&) {
        second = theatre.stage.spawn(PredictedStage::player);
        first.despawn();
    };
    theatre.serve(Push{.dx = 1});
    theatre.stage.on_tick = nullptr;
    theatre.draw(20.6, at(20.6));
    CHECK(theatre.seen(second) == nullptr);
    CHECK(theatre.seen(first)->x == Approx(before).margin(0.1));
    theatre.serve(Push{.dx = 1});
    theatre.draw(20.7, at(20.7));
    CHECK(theatre.seen(first) == nullptr);
    CHECK(theatre.seen(second)->x > 2);
}

TEST_CASE("components that rules add and take away are drawn so at once", "[netcode][own_picture]") {
    Theatre theatre;
    const Entity own = theatre.stage.spawn(PredictedStage::player);
    theatre.serve(Push{});
    theatre.serve(Push{});
    theatre.stage.send(3, Dash{.power = 1});
    theatre.draw(3.1, at(3.1));
    const auto spins = [&] { return theatre.screen.find(own.id(), component_index<Spin>) != nullptr; };
    CHECK(spins());
    theatre.serve(Push{});  // the server did not dash
    theatre.draw(3.2, at(3.2));
    CHECK_FALSE(spins());
    own.set(Spin{});
    theatre.serve(Push{});
    theatre.serve(Push{});
    theatre.stage.rules = [](Sim&, Entity entity, std::uint16_t, const std::byte*) { entity.remove<Spin>(); };
    theatre.draw(5.1, at(5.1));
    CHECK(spins());
    theatre.stage.send(6, Push{});
    theatre.draw(6.1, at(6.1));
    CHECK_FALSE(spins());
}
