// A small world of rigid cubes on flat ground: gravity, friction, tumbling and sleep. Made to record traces from, not to
// play in: one substance, cubes only (their inertia is one number), impulses solved in sequence (Catto 2006).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "tools/bench/cube_touch.h"
#include "tools/bench/vec3.h"

namespace tidewire::bench {

struct Body {
    double half = 0.2;  ///< Half an edge, in metres.
    double mass = 1;    ///< Kilograms.
    Vec3 position;      ///< Of the centre; z is up and the ground is at 0.
    Rotation rotation;
    Vec3 velocity;  ///< Metres per second.
    Vec3 angular;   ///< Radians per second.
    bool asleep = false;
    int still_steps = 0;  ///< For how many steps it has hardly moved.

    Cube cube() const { return {position, axes_of(rotation), half}; }
};

/// The world. Bodies keep their places in `bodies` for good; neither time nor chance comes from anywhere else.
class RigidCubes {
public:
    static constexpr double step_seconds = 1.0 / 60;
    static constexpr int steps_until_sleep = 30;

    explicit RigidCubes(std::vector<Body> bodies);

    /// Moves the world by one step. A body that was still for `steps_until_sleep` steps falls asleep: it keeps its
    /// position and rotation to the last bit until something moving touches it.
    void step();

    /// What the caller changes (a velocity, sleep) takes effect with the next step. A push wakes nobody by itself.
    std::vector<Body>& bodies() { return bodies_; }
    const std::vector<Body>& bodies() const { return bodies_; }

    /// Pairs that touched in the last step, once per point.
    struct Pair {
        std::size_t first;
        std::size_t second;
    };
    const std::vector<Pair>& pairs() const { return pairs_; }

private:
    /// What a contact needs of one of its two bodies.
    struct Side {
        Body* body;
        double inverse_mass;  // 0 for the ground and for sleepers: nothing moves them
        double inverse_inertia;
        std::array<Vec3, 3> turns;  // how a unit impulse along each direction of the contact turns the body

        Side(Body& of, const Vec3& point, const std::array<Vec3, 3>& directions);
        double speed(const Vec3& direction, std::size_t k) const;
        double inverse_mass_along(std::size_t k) const;
        void push(const Vec3& direction, std::size_t k, double impulse);
    };

    /// One point of a contact, prepared for the solver.
    struct Contact {
        Side first;
        Side second;
        std::array<Vec3, 3> directions;       // the normal, then two tangents
        std::array<double, 3> masses = {};    // felt along each direction
        std::array<double, 3> impulses = {};  // given so far
        double target_speed = 0;              // wanted along the normal

        double speed(std::size_t k) const { return first.speed(directions[k], k) - second.speed(directions[k], k); }
        void solve();
    };

    void find_ground_contacts();
    void find_cube_contacts();
    void touch_pair(std::size_t first, std::size_t second);
    void add_contact(Body& first, Body& second, const Touch& touch);
    static void settle(Body& body);

    std::vector<Body> bodies_;
    Body ground_;                     // a sleeper that nothing wakes
    std::vector<Cube> cubes_;         // of bodies_, in this step
    std::vector<std::size_t> order_;  // bodies by x, nearly sorted from step to step
    std::vector<Contact> contacts_;
    std::vector<Touch> touches_;
    std::vector<Pair> pairs_;
};

}  // namespace tidewire::bench
