// The solver of the cubes.
#include "tools/bench/rigid_cubes.h"

#include <algorithm>
#include <numeric>

namespace tidewire::bench {

namespace {

constexpr double gravity = 9.81;
constexpr double friction = 0.4;
constexpr double restitution = 0.3;
constexpr double bounce_speed_min = 0.8;  // slower contacts do not bounce, or nothing would come to rest
constexpr double contact_margin = 0.02;   // contacts this far apart are solved ahead of the collision
constexpr double overlap_allowed = 0.002;
constexpr double overlap_share = 0.15;     // of an overlap is mended in one step
constexpr double mending_speed_max = 2.5;  // so that no overlap becomes an explosion
constexpr double still_speed = 0.06;
constexpr double air_damping = 0.998;
constexpr double spin_damping = 0.995;
constexpr int iterations = 8;
constexpr double root_3 = 1.7320508075688772;

bool is_still(const Body& body) {
    const double rim = body.half * body.half;
    return dot(body.velocity, body.velocity) + dot(body.angular, body.angular) * rim < still_speed * still_speed;
}

}  // namespace

RigidCubes::RigidCubes(std::vector<Body> bodies) : bodies_(std::move(bodies)), order_(bodies_.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    for (const Body& body : bodies_) cubes_.push_back(body.cube());
    ground_.asleep = true;
}

void RigidCubes::step() {
    contacts_.clear();
    pairs_.clear();
    for (std::size_t i = 0; i < bodies_.size(); ++i)
        if (!bodies_[i].asleep) cubes_[i] = bodies_[i].cube();
    find_cube_contacts();
    find_ground_contacts();
    for (Body& body : bodies_) {
        if (body.asleep) continue;
        body.velocity = body.velocity * air_damping - Vec3{0, 0, gravity * step_seconds};
        body.angular = body.angular * spin_damping;
    }
    for (int i = 0; i < iterations; ++i)
        for (Contact& contact : contacts_) contact.solve();
    for (Body& body : bodies_)
        if (!body.asleep) settle(body);
}

void RigidCubes::find_ground_contacts() {
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
        const Cube& cube = cubes_[i];
        if (bodies_[i].asleep || cube.centre.z - cube.half * root_3 > contact_margin) continue;
        for (unsigned corner = 0; corner < 8; ++corner) {
            Vec3 point = cube.centre;
            for (unsigned k = 0; k < 3; ++k) point += cube.axes[k] * ((corner >> k & 1) != 0 ? cube.half : -cube.half);
            if (point.z <= contact_margin) add_contact(bodies_[i], ground_, {point, {0, 0, 1}, point.z});
        }
    }
}

/// Sweeps along x: only bodies whose spheres overlap there are looked at.
void RigidCubes::find_cube_contacts() {
    const auto left = [this](std::size_t i) { return bodies_[i].position.x - bodies_[i].half * root_3; };
    for (std::size_t i = 1; i < order_.size(); ++i)
        for (std::size_t j = i; j > 0 && left(order_[j]) < left(order_[j - 1]); --j)
            std::swap(order_[j], order_[j - 1]);
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const Body& body = bodies_[order_[i]];
        const double right = body.position.x + body.half * root_3 + contact_margin;
        for (std::size_t j = i + 1; j < order_.size() && left(order_[j]) <= right; ++j) {
            const Body& other = bodies_[order_[j]];
            const double near = (body.half + other.half) * root_3 + contact_margin;
            if ((body.asleep && other.asleep) || std::abs(body.position.y - other.position.y) > near) continue;
            touch_pair(std::min(order_[i], order_[j]), std::max(order_[i], order_[j]));
        }
    }
}

void RigidCubes::touch_pair(std::size_t first, std::size_t second) {
    const Vec3 between = bodies_[first].position - bodies_[second].position;
    const double near = (bodies_[first].half + bodies_[second].half) * root_3 + contact_margin;
    if (dot(between, between) > near * near) return;
    touch(cubes_[first], cubes_[second], contact_margin, touches_);
    if (touches_.empty()) return;
    // Whoever moves wakes what it touches; who is nearly still does not, or a heap would keep itself awake.
    for (const auto& [sleeper, other] : {Pair{first, second}, Pair{second, first}}) {
        if (!bodies_[sleeper].asleep || bodies_[other].still_steps > 0) continue;
        bodies_[sleeper].asleep = false;
        bodies_[sleeper].still_steps = 0;
    }
    for (const Touch& touch : touches_) {
        add_contact(bodies_[first], bodies_[second], touch);
        pairs_.push_back({first, second});
    }
}

void RigidCubes::add_contact(Body& first, Body& second, const Touch& touch) {
    const Vec3& n = touch.normal;
    // Any vector that is not parallel to the normal gives the tangents.
    const Vec3 other = std::abs(n.x) < 0.6 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
    Vec3 tangent = cross(n, other);
    tangent = tangent * (1 / length(tangent));
    const std::array<Vec3, 3> directions = {n, tangent, cross(n, tangent)};
    Contact contact{Side(first, touch.point, directions), Side(second, touch.point, directions), directions};
    for (std::size_t k = 0; k < 3; ++k) {
        const double inverse = contact.first.inverse_mass_along(k) + contact.second.inverse_mass_along(k);
        contact.masses[k] = inverse > 0 ? 1 / inverse : 0;
    }
    const double overlap = std::max(0.0, -touch.gap - overlap_allowed);
    contact.target_speed =
        touch.gap > 0 ? -touch.gap / step_seconds : std::min(mending_speed_max, overlap * overlap_share / step_seconds);
    const double approach = -contact.speed(0);
    if (approach > bounce_speed_min) contact.target_speed = std::max(contact.target_speed, approach * restitution);
    contacts_.push_back(contact);
}

/// The inertia of a cube is m * edge^2 / 6 around every axis.
RigidCubes::Side::Side(Body& of, const Vec3& point, const std::array<Vec3, 3>& directions)
    : body(&of),
      inverse_mass(of.asleep ? 0 : 1 / of.mass),
      inverse_inertia(of.asleep ? 0 : 6 / (of.mass * 4 * of.half * of.half)) {
    const Vec3 arm = point - of.position;
    for (std::size_t k = 0; k < 3; ++k) turns[k] = cross(arm, directions[k]);
}

double RigidCubes::Side::speed(const Vec3& direction, std::size_t k) const {
    return inverse_mass > 0 ? dot(body->velocity, direction) + dot(body->angular, turns[k]) : 0;
}

double RigidCubes::Side::inverse_mass_along(std::size_t k) const {
    return inverse_mass + inverse_inertia * dot(turns[k], turns[k]);
}

void RigidCubes::Side::push(const Vec3& direction, std::size_t k, double impulse) {
    if (inverse_mass == 0) return;
    body->velocity += direction * (impulse * inverse_mass);
    body->angular += turns[k] * (impulse * inverse_inertia);
}

void RigidCubes::Contact::solve() {
    for (std::size_t k = 0; k < 3; ++k) {
        const double target = k == 0 ? target_speed : 0;
        const double before = impulses[k];
        const double wanted = before + (target - speed(k)) * masses[k];
        const double limit = friction * impulses[0];
        impulses[k] = k == 0 ? std::max(0.0, wanted) : std::clamp(wanted, -limit, limit);
        first.push(directions[k], k, impulses[k] - before);
        second.push(directions[k], k, before - impulses[k]);
    }
}

void RigidCubes::settle(Body& body) {
    body.position += body.velocity * step_seconds;
    body.rotation = turned(body.rotation, body.angular, step_seconds);
    body.still_steps = is_still(body) ? body.still_steps + 1 : 0;
    if (body.still_steps < steps_until_sleep) return;
    body.asleep = true;
    body.velocity = {};
    body.angular = {};
}

}  // namespace tidewire::bench
