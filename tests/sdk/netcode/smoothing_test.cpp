// Errors that are drawn out over time, by the same curve whatever the frame rate.
#include "sdk/core/netcode/smoothing.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>

#include "tests/sdk/netcode/predicted_stage.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace std::chrono_literals;
using netcode::Smoothing;
using Source = netcode::Smoothing::Source;

namespace {

constexpr EntityId someone{3, 1};

/// One component, drawn picture after picture.
struct Easel {
    Smoothing smoothing{predicted_schema()};
    World world{predicted_schema(), 64};

    Easel() {
        world.restore(someone, 1);
        world.add(someone, component_index<Mover>);
    }
    Mover draw(Mover value, Duration elapsed, const Mover* corrected = nullptr, Source source = Source::Predicted) {
        smoothing.begin(elapsed);
        smoothing.draw(someone, component_index<Mover>, source,
                       static_cast<const std::byte*>(static_cast<const void*>(corrected)),
                       static_cast<std::byte*>(static_cast<void*>(&value)));
        smoothing.end(world);
        return value;
    }
};

}  // namespace

TEST_CASE("without a correction what is drawn is what is simulated, to the bit", "[netcode][smoothing]") {
    Easel easel;
    for (const float x : {0.1F, 0.3F, 777.7F, -4.0F}) CHECK(easel.draw({.x = x}, 16ms).x == x);
}

TEST_CASE("a correction does not move the picture at once, and is half gone after its half-life",
          "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 10}, 0ms);
    const Mover corrected{.x = 12, .steps = 7};
    CHECK(easel.draw(corrected, 0ms, &corrected).x == 10);
    CHECK(easel.draw(corrected, 0ms).steps == 7);  // it is not interpolated: it snaps
    CHECK(easel.draw(corrected, 120ms).x == Approx(11));
    CHECK(easel.draw(corrected, 120ms).x == Approx(11.5));
    CHECK(easel.draw(corrected, 10s).x == 12);
}

TEST_CASE("a large error hurries until it is small", "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 0}, 0ms);
    const Mover corrected{.x = 16};  // 5 is a quarter of the snap
    easel.draw(corrected, 0ms, &corrected);
    CHECK(easel.draw(corrected, 60ms).x == Approx(8));
    const double until_small = std::log2(8.0 / 5.0) * 60;
    CHECK(easel.draw(corrected, 180ms).x == Approx(16 - 5 * std::exp2(-(180 - until_small) / 120)));
}

TEST_CASE("errors shrink the same at every frame rate", "[netcode][smoothing]") {
    for (const double size : {0.5, 4.0, 9.0, 19.0}) {
        std::vector<double> left;
        for (const int fps : {1, 10, 30, 60, 144, 1000}) {
            Smoothing smoothing(predicted_schema());
            double error = size;
            for (int i = 0; i < fps; ++i)
                error = smoothing.remaining(error, 20, Duration(1'000'000 * (i + 1) / fps - 1'000'000 * i / fps));
            left.push_back(error);
        }
        for (const double error : left) CHECK(error == Approx(left.front()));
    }
}

TEST_CASE("what is wrong by more than its snap is drawn where it is, with its whole component",
          "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 0, .angle = 1}, 0ms);
    const Mover corrected{.x = 20.5F, .angle = 1.5F};
    const Mover drawn = easel.draw(corrected, 0ms, &corrected);
    CHECK(drawn.x == 20.5F);
    CHECK(drawn.angle == 1.5F);
    // And errors that add up to it.
    const Mover back{.x = 8};
    easel.draw(back, 0ms, &back);
    const Mover further{.x = -1};
    CHECK(easel.draw(further, 0ms, &further).x == -1);
}

TEST_CASE("an angle is smoothed the shorter way round", "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.angle = 3.1F}, 0ms);
    const Mover corrected{.angle = -3.1F};
    CHECK(easel.draw(corrected, 0ms, &corrected).angle == Approx(3.1));
    const float half = easel.draw(corrected, 120ms).angle;
    CHECK(std::abs(half) > 3.13);
}

TEST_CASE("a second correction begins where the picture is", "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 10}, 0ms);
    Mover corrected{.x = 14};
    easel.draw(corrected, 0ms, &corrected);
    CHECK(easel.draw(corrected, 120ms).x == Approx(12));
    corrected.x = 11;
    CHECK(easel.draw(corrected, 0ms, &corrected).x == Approx(12));
    CHECK(easel.draw(corrected, 120ms).x == Approx(11.5));
}

TEST_CASE("motion goes on while an error shrinks", "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 10}, 0ms);
    // The last picture should have been at 9, and one unit further is now.
    const Mover should{.x = 9};
    CHECK(easel.draw({.x = 10}, 16ms, &should).x == Approx(10 + std::exp2(-16.0 / 120)));
}

TEST_CASE("an entity that goes from the prediction to the interpolation and back does not jump",
          "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 10}, 0ms);
    const auto in_world = [&]() -> Mover& {
        return *static_cast<Mover*>(static_cast<void*>(easel.world.find(someone, component_index<Mover>)));
    };
    const auto picture_without = [&](Duration elapsed) {
        in_world().x = 4;
        easel.smoothing.begin(elapsed);
        easel.smoothing.end(easel.world);
        return in_world().x;
    };
    CHECK(picture_without(0ms) == 10);
    CHECK(picture_without(60ms) == Approx(4 + 5 * std::exp2(-(60 - std::log2(6.0 / 5) * 60) / 120)));
    CHECK(easel.smoothing.drew(someone, component_index<Mover>) == false);  // until the next picture begins
    const float before = in_world().x;
    CHECK(easel.draw({.x = 10}, 0ms).x == Approx(before));
    picture_without(10s);
    CHECK(in_world().x == 4);
    // What is forgotten begins anew.
    picture_without(1s);
    CHECK(easel.draw({.x = 10}, 0ms).x == 10);
}

TEST_CASE("another entity at the same index inherits nothing", "[netcode][smoothing]") {
    Easel easel;
    easel.draw({.x = 10}, 0ms);
    const Mover corrected{.x = 14};
    easel.draw(corrected, 0ms, &corrected);
    Mover value{.x = 14};
    easel.smoothing.begin(0ms);
    easel.smoothing.draw({someone.index, 2}, component_index<Mover>, Source::Predicted, nullptr,
                         static_cast<std::byte*>(static_cast<void*>(&value)));
    CHECK(value.x == 14);
}
