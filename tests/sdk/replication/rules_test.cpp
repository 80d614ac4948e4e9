// Each input reaches the rules as what it is.
#include "tidewire/rules.h"

#include <catch2/catch.hpp>

#include "tests/sdk/replication/sample_schema.h"

using namespace tidewire;

namespace {

struct Walk {
    int steps = 0;
};
struct Aim {
    float angle = 0;
};
struct Jump {};

using Inputs = InputList<Walk, Aim>;

struct Rules {
    int* steps;
    float* angle;
    void operator()(Sim&, Entity, const Walk& walk) const { *steps += walk.steps; }
    void operator()(Sim&, Entity, const Aim& aim) const { *angle = aim.angle; }
};

struct WalkOnly {
    void operator()(Sim&, Entity, const Walk&) const {}
};

struct NotConst {
    void operator()(Sim&, Entity, const Walk&) {}
    void operator()(Sim&, Entity, const Aim&) {}
};

}  // namespace

template <>
struct tidewire::InputIndex<Walk> {
    static constexpr std::uint16_t value = 0;
};
template <>
struct tidewire::InputIndex<Aim> {
    static constexpr std::uint16_t value = 1;
};

TEST_CASE("rules that lack an input, or would change themselves, do not fit a schema", "[replication][rules]") {
    CHECK(takes_inputs<Rules, Inputs>);
    CHECK(takes_inputs<WalkOnly, InputList<Walk>>);
    CHECK_FALSE(takes_inputs<WalkOnly, Inputs>);
    CHECK_FALSE(takes_inputs<NotConst, Inputs>);
    CHECK(is_input<Aim, Inputs>);
    CHECK_FALSE(is_input<Jump, Inputs>);
}

TEST_CASE("an input is applied by its type, and one of no type is not", "[replication][rules]") {
    World world(sample::schema(), 4);
    Sim sim(world, 0, 0);
    int steps = 0;
    float angle = 0;
    const Rules rules{&steps, &angle};
    const Walk walk{3};
    const Aim aim{0.5F};
    apply_input(rules, Inputs{}, sim, Entity(), 0, &walk);
    CHECK(steps == 3);
    CHECK(angle == 0);
    apply_input(rules, Inputs{}, sim, Entity(), 1, &aim);
    CHECK(steps == 3);
    CHECK(angle == 0.5F);
    apply_input(rules, Inputs{}, sim, Entity(), 2, &walk);
    CHECK(steps == 3);
}
