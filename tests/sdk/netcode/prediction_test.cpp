// Own entities ahead of the server, and back to what it says when it says something else.
#include "sdk/core/netcode/prediction.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <limits>

#include "sdk/core/base/random.h"
#include "tests/sdk/netcode/predicted_stage.h"

using namespace tidewire;
using namespace tidewire::test;

namespace {

Push pushing(Tick tick) {
    return {.dx = static_cast<std::int8_t>(static_cast<int>(tick * 7 / 5 % 3) - 1),
            .turn = tick % 2 == 0 ? 0.5F : -0.2F};
}

/// The client sends for `lead` ticks ahead of the server, which gets all.
void play(PredictedStage& stage, Tick ticks, Tick lead) {
    for (Tick i = 0; i < ticks; ++i) {
        stage.send(stage.tick + lead, pushing(stage.tick + lead));
        stage.serve(pushing(stage.tick + 1));
        stage.reconcile();
    }
}

/// What is predicted is what the server comes to, with the inputs that were sent.
void check_reached(PredictedStage& stage, Entity entity, Tick upto) {
    const Mover seen = stage.predicted(entity);
    while (stage.tick < upto) stage.serve(pushing(stage.tick + 1));
    CHECK(seen.x == entity.get<Mover>().x);
    CHECK(seen.angle == entity.get<Mover>().angle);
    CHECK(seen.steps == entity.get<Mover>().steps);
}

}  // namespace

TEST_CASE("an own entity answers in the moment when its input is sent; others' wait for the server",
          "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player, 5);
    const Entity other = stage.spawn(3, 50);
    stage.serve(Push{});
    stage.reconcile();
    CHECK_FALSE(stage.prediction.running());
    stage.send(2, Push{.dx = 1});
    CHECK(stage.prediction.running());
    stage.send(3, Push{.dx = 1});
    CHECK(stage.predicted(own).x == Approx(5.34));
    CHECK(stage.predicted(own).steps == 3);
    CHECK(stage.predicted(other).x == 50);
    CHECK(stage.prediction.newest() == 3);
    CHECK(stage.prediction.counters().predicted == 2);
}

TEST_CASE("where the server comes to the same, nothing is corrected and nothing is run again",
          "[netcode][prediction]") {
    for (const Tick lead : {1U, 2U, 9U, 60U}) {
        INFO("lead " << lead);
        PredictedStage stage;
        const Entity own = stage.spawn(PredictedStage::player);
        // Until the first input's tick the server takes zeros.
        stage.serve(Push{});
        stage.reconcile();
        const Tick first = stage.tick + lead;
        stage.send(first, pushing(first));
        while (stage.tick + 1 < first) {
            stage.serve(Push{});
            stage.send(stage.tick + lead, pushing(stage.tick + lead));
            stage.reconcile();
        }
        const auto before = stage.prediction.counters();
        play(stage, 200, lead);
        CHECK(stage.prediction.counters().corrections == 0);
        CHECK(stage.prediction.counters().replayed == before.replayed);
        for (const auto& [tick, times] : stage.first_times) CHECK(times == 1);
        check_reached(stage, own, stage.prediction.newest());
    }
}

TEST_CASE("what the server did to an entity is taken over, and the inputs since are run again on it",
          "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    play(stage, 20, 5);
    const auto before = stage.prediction.counters();
    stage.on_tick = [&](Sim&) { own.get<Mover>().x += 3; };
    play(stage, 1, 5);
    stage.on_tick = nullptr;
    CHECK(stage.prediction.counters().corrections == before.corrections + 1);
    CHECK(stage.prediction.counters().replayed == before.replayed + 4);
    play(stage, 20, 5);
    CHECK(stage.prediction.counters().corrections == before.corrections + 1);
    for (const auto& [tick, times] : stage.first_times) CHECK(times == 1);
    CHECK(stage.runs[stage.tick - 19] == 2);
    check_reached(stage, own, stage.prediction.newest());
}

TEST_CASE("for ticks without an input the last one stands in, then zeros of its type, as on the server",
          "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    stage.send(2, Dash{.power = 1});
    stage.send(9, Push{.dx = 1});
    CHECK(stage.prediction.newest() == 9);
    for (const int power : {1, 1, 1, 1, 0, 0, 0}) {
        stage.serve(Dash{.power = static_cast<std::uint8_t>(power)});
        stage.reconcile();
    }
    stage.serve(Push{.dx = 1});
    stage.reconcile();
    CHECK(own.get<Mover>().x == Approx(4.17));
    CHECK(stage.prediction.counters().corrections == 0);
    CHECK(stage.prediction.counters().replayed == 0);
}

TEST_CASE("an input that came too late costs one correction, and then both are the same again",
          "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    for (Tick tick = 2; tick <= 40; ++tick) {
        stage.send(tick + 3, Push{.dx = static_cast<std::int8_t>(tick + 3 >= 20 ? -1 : 1)});
        // Until its first input is there the server takes zeros; and instead of that for tick 20 it repeats the one before.
        stage.serve(Push{.dx = static_cast<std::int8_t>(tick < 5 ? 0 : tick <= 20 ? 1 : -1)});
        stage.reconcile();
    }
    CHECK(stage.prediction.counters().corrections == 1);
    const float seen = stage.predicted(own).x;
    for (int i = 0; i < 3; ++i) stage.serve(Push{.dx = -1});
    CHECK(own.get<Mover>().x == seen);
}

TEST_CASE("entities that come and go are no corrections", "[netcode][prediction]") {
    PredictedStage stage;
    const Entity first = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    play(stage, 12, 4);
    const auto corrections = stage.prediction.counters().corrections;
    Entity second;
    stage.on_tick = [&](Sim&) { second = stage.spawn(PredictedStage::player, 30); };
    play(stage, 1, 4);
    stage.on_tick = nullptr;
    // It has all inputs since.
    CHECK(stage.predicted(second).steps == 3);
    play(stage, 8, 4);
    stage.on_tick = [&](Sim&) { first.despawn(); };
    play(stage, 1, 4);
    CHECK(stage.prediction.state(stage.prediction.newest()).entities().size() == 1);
    // Its index is used again at once.
    Entity third;
    stage.on_tick = [&](Sim&) { third = stage.spawn(PredictedStage::player, 60); };
    play(stage, 1, 4);
    stage.on_tick = nullptr;
    CHECK(third.index() == first.index());
    play(stage, 8, 4);
    CHECK(stage.prediction.counters().corrections == corrections);
    check_reached(stage, third, stage.prediction.newest());
}

TEST_CASE("an entity is predicted from when it becomes the player's until it is another's", "[netcode][prediction]") {
    PredictedStage stage;
    stage.spawn(PredictedStage::player);
    const Entity car = stage.spawn(3, 40);
    stage.serve(Push{});
    stage.reconcile();
    play(stage, 10, 4);
    const auto corrections = stage.prediction.counters().corrections;
    CHECK(stage.predicted(car).steps == 0);
    stage.on_tick = [&](Sim&) { stage.server.restore(car.id(), PredictedStage::player); };
    play(stage, 1, 4);
    stage.on_tick = nullptr;
    CHECK(stage.predicted(car).steps == 3);
    play(stage, 10, 4);
    const auto steps = car.get<Mover>().steps;
    stage.on_tick = [&](Sim&) { stage.server.restore(car.id(), 3); };
    play(stage, 1, 4);
    CHECK(stage.predicted(car).steps == steps + 1);
    CHECK(stage.prediction.counters().corrections == corrections);
}

TEST_CASE("rules that write to others or spawn change nothing beyond the next snapshot", "[netcode][prediction]") {
    PredictedStage stage({}, [](Sim& sim, Entity entity, std::uint16_t, const std::byte*) {
        ++entity.get<Mover>().steps;  // all for which rules are run have one
        for (auto [other, mover] : sim.view<Mover>())
            if (other != entity) mover.x += 1;
        sim.spawn(Mover{.x = 99});
    });
    const Entity own = stage.spawn(PredictedStage::player);
    const Entity bare(stage.server, stage.server.spawn(PredictedStage::player));
    bare.set(Health{.hp = 3});
    const Entity other = stage.spawn(3);
    replication::QuantizeCounters counters;
    const auto snapshot = [&] {
        own.get<Mover>().steps = static_cast<std::int32_t>(stage.tick);
        stage.ring.push(replication::capture(stage.layout, stage.server, nullptr, ++stage.tick, counters));
        stage.reconcile();
    };
    snapshot();
    for (Tick tick = 2; tick < 20; ++tick) {
        stage.send(tick, Push{});
        CHECK(stage.prediction.world().entity_count() == 4);
        snapshot();
        CHECK(stage.prediction.world().entity_count() == 3);
        CHECK(stage.predicted(other).x == 0);
    }
    CHECK(stage.prediction.counters().corrections == 0);
}

TEST_CASE("components that rules add and take away are predicted, too", "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    stage.send(2, Push{});
    stage.send(3, Dash{.power = 9});
    const auto spins = [&] { return stage.prediction.world().find(own.id(), component_index<Spin>) != nullptr; };
    CHECK(spins());
    stage.serve(Push{});
    stage.reconcile();
    CHECK(spins());  // the snapshot of tick 2 knows nothing of it, and was predicted
    stage.serve(Push{});
    stage.reconcile();  // the server did not dash
    CHECK_FALSE(spins());
    CHECK(stage.prediction.counters().corrections == 1);
}

TEST_CASE("an input counts as the server reads it, and a value that is no number stays as it was",
          "[netcode][prediction]") {
    PredictedStage stage({}, [](Sim& sim, Entity entity, std::uint16_t, const std::byte* input) {
        const auto& push = *static_cast<const Push*>(static_cast<const void*>(input));
        Mover& mover = entity.get<Mover>();
        mover.x = sim.tick() % 5 == 0 ? std::numeric_limits<float>::quiet_NaN() : mover.x + push.turn;
    });
    const Entity own = stage.spawn(PredictedStage::player, 5);
    stage.serve(Push{});
    stage.reconcile();
    for (Tick tick = 2; tick < 40; ++tick) {
        stage.send(tick, Push{.dx = 1, .turn = 0.4321F});
        stage.serve(Push{.dx = 1, .turn = 0.4F});
        stage.reconcile();
    }
    CHECK(own.get<Mover>().x > 10);
    CHECK(stage.prediction.counters().corrections == 0);
    stage.send(40, Push{.turn = 55});
    CHECK(stage.predicted(own).x == own.get<Mover>().x);  // tick 40 is no number
    stage.send(41, Push{.turn = 55});
    CHECK(stage.predicted(own).x == Approx(own.get<Mover>().x + 1));  // out of range
}

TEST_CASE("time that a pause has cost is left out, and taken up where the server is", "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    play(stage, 30, 5);
    const Tick before = stage.prediction.newest();
    const auto predicted = stage.prediction.counters().predicted;
    for (int i = 0; i < 600; ++i) stage.serve(Push{});
    // The first input after ten seconds, before any snapshot was looked at.
    stage.send(stage.tick + 5, pushing(stage.tick + 5));
    CHECK(stage.prediction.newest() == before);
    stage.reconcile();
    CHECK(stage.prediction.newest() == stage.tick + 5);
    CHECK(stage.prediction.counters().predicted == predicted + 5);
    const auto corrections = stage.prediction.counters().corrections;
    const Tick first = stage.prediction.newest();
    while (stage.tick < first) {
        stage.send(stage.tick + 6, pushing(stage.tick + 6));
        stage.serve(stage.tick + 1 < first ? Push{} : pushing(first));
        stage.reconcile();
    }
    play(stage, 20, 6);
    CHECK(stage.prediction.counters().corrections == corrections);
    check_reached(stage, own, stage.prediction.newest());
}

TEST_CASE("a server that falls silent is predicted as far as states are kept, and no further",
          "[netcode][prediction]") {
    PredictedStage stage({.ticks_held = 32});
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    for (Tick tick = 2; tick < 200; ++tick) stage.send(tick, pushing(tick));
    CHECK(stage.prediction.newest() == 32);
    CHECK(stage.prediction.oldest() == 1);
    while (stage.tick < 150) stage.serve(pushing(stage.tick + 1));
    stage.reconcile();
    CHECK(stage.prediction.newest() == 150);  // the inputs since are no longer there
    while (stage.tick < 190) stage.serve(pushing(stage.tick + 1));
    stage.reconcile();
    CHECK(stage.prediction.newest() == 199);
    CHECK(stage.prediction.counters().corrections == 0);
    check_reached(stage, own, 199);
}

TEST_CASE("a server that is ahead of the inputs is followed", "[netcode][prediction]") {
    PredictedStage stage;
    const Entity own = stage.spawn(PredictedStage::player);
    stage.serve(Push{});
    stage.reconcile();
    stage.send(2, Push{.dx = 1});
    for (int i = 0; i < 6; ++i) {
        stage.serve(Push{.dx = 1});
        stage.reconcile();
        CHECK(stage.prediction.newest() == stage.tick);
        stage.send(stage.tick - 1, Push{.dx = -1});  // too late
        CHECK(stage.predicted(own).x == own.get<Mover>().x);
    }
    CHECK(stage.prediction.counters().corrections == 0);
}

TEST_CASE("only schemas with something to predict make work", "[netcode][prediction]") {
    CHECK(netcode::Prediction::has_work(predicted_schema()));
    SchemaInfo without = predicted_schema();
    without.components = without.components.subspan(1, 1);
    CHECK_FALSE(netcode::Prediction::has_work(without));
    without = predicted_schema();
    without.inputs = {};
    CHECK_FALSE(netcode::Prediction::has_work(without));
}

TEST_CASE("whatever happens, a quiet while later both are the same", "[netcode][prediction]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        SeededRandom random(seed);
        PredictedStage stage({.ticks_held = 64});
        std::vector<Entity> own{stage.spawn(PredictedStage::player)};
        stage.serve(Push{});
        stage.reconcile();
        Tick sent = 1;
        std::map<Tick, Push> taken;  // by the server
        Push last{};
        for (int i = 0; i < 600; ++i) {
            const bool quiet = i >= 500;
            const Tick lead = quiet ? 6 : 1 + static_cast<Tick>(random.below(20));
            while (sent < stage.tick + lead) {
                ++sent;
                if (!quiet && random.below(8) == 0) continue;  // never sent
                const Push push = pushing(sent + static_cast<Tick>(random.below(2)));
                stage.send(sent, push);
                if (quiet || random.below(8) != 0) taken[sent] = push;  // or late
            }
            stage.on_tick = [&](Sim&) {
                if (quiet) return;
                if (random.below(10) == 0 && !own.empty()) own[0].get<Mover>().x += random.range(-9, 9);
                if (random.below(20) == 0 && own.size() < 5) own.push_back(stage.spawn(PredictedStage::player));
                if (random.below(25) == 0 && own.size() > 1) {
                    own.back().despawn();
                    own.pop_back();
                }
            };
            const auto input = taken.find(stage.tick + 1);
            if (input != taken.end()) last = input->second;
            stage.serve(input != taken.end() ? input->second : last);
            if (random.below(4) != 0) stage.reconcile();
        }
        const auto corrections = stage.prediction.counters().corrections;
        CHECK(corrections > 10);
        std::vector<Mover> seen;
        for (const Entity entity : own) seen.push_back(stage.predicted(entity));
        const Tick newest = stage.prediction.newest();
        stage.on_tick = nullptr;
        while (stage.tick < newest) stage.serve(taken.at(stage.tick + 1));
        for (std::size_t i = 0; i < own.size(); ++i) {
            CHECK(seen[i].x == own[i].get<Mover>().x);
            CHECK(seen[i].steps == own[i].get<Mover>().steps);
        }
        for (const auto& [tick, times] : stage.first_times) CHECK(times <= 5);
    }
}
