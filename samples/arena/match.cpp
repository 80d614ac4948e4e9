// What fighters do to each other, on the server.
#include "samples/arena/match.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <span>

namespace arena {

namespace {

/// The name as far as it fits, without half a character at its end (UTF-8 continues in bytes 10xxxxxx).
void write_name(Look& look, std::string_view name) {
    std::size_t size = std::min(name.size(), std::size(look.name));
    if (size < name.size())
        while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U) --size;
    for (std::size_t i = 0; i < size; ++i) look.name[i] = static_cast<std::uint8_t>(name[i]);
}

}  // namespace

tidewire::Entity Match::join(const tidewire::Sim& sim, const FighterOptions& options) {
    seed_ = static_cast<std::uint32_t>(options.seed);
    find_fighters(sim);
    Look look{};
    // 97/256 is near the golden ratio's turn: neighbours in number are far apart in colour.
    look.hue = static_cast<std::uint8_t>(options.owner * 97);
    look.bot = options.bot;
    write_name(look, options.name);
    const Vec2 place = spawn_place(options.owner, sim.tick());
    Body body{};
    body.x = place.x;
    body.y = place.y;
    body.angle = angle_of(Vec2{arena_size / 2, arena_size / 2} - place);
    Vitals vitals{};
    vitals.hp = hp_max;
    vitals.respawn_tick = sim.tick();
    return sim.spawn_for(options.owner, body, Gun{}, vitals, Score{}, look);
}

void Match::advance(const tidewire::Sim& sim) {
    find_fighters(sim);
    keep_apart();
    shoot(sim);
    fly(sim);
    bring_back(sim);
}

void Match::find_fighters(const tidewire::Sim& sim) {
    fighters_.clear();
    for (auto [entity, body, vitals] : sim.view<const Body, const Vitals>())
        fighters_.push_back({entity, entity.owner(), {body.x, body.y}, vitals.hp > 0});
}

void Match::order_fighters() {
    ordered_.clear();
    for (std::uint32_t i = 0; i < fighters_.size(); ++i)
        if (fighters_[i].alive) ordered_.push_back({fighters_[i].position.x, i});
    std::sort(ordered_.begin(), ordered_.end(), [](const Ordered& a, const Ordered& b) {
        return a.x != b.x ? a.x < b.x : a.fighter < b.fighter;
    });
}

std::span<const Match::Ordered> Match::between(float left, float right) const {
    const auto first = std::partition_point(ordered_.begin(), ordered_.end(), [=](const Ordered& each) { return each.x < left; });
    const auto last = std::partition_point(first, ordered_.end(), [=](const Ordered& each) { return each.x <= right; });
    return {first, last};
}

void Match::keep_apart() {
    order_fighters();
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
        for (std::size_t j = i + 1; j < ordered_.size() && ordered_[j].x - ordered_[i].x < 2 * body_radius; ++j) {
            Fighter& a = fighters_[ordered_[i].fighter];
            Fighter& b = fighters_[ordered_[j].fighter];
            const Vec2 gap = b.position - a.position;
            const float distance_squared = length_squared(gap);
            if (distance_squared >= 4 * body_radius * body_radius) continue;
            const float distance = std::sqrt(distance_squared);
            const Vec2 away = distance > 0 ? gap * (1 / distance) : direction(static_cast<float>(j));
            const float share = body_radius - distance / 2;
            for (auto [fighter, push] : {std::pair{&a, away * -share}, std::pair{&b, away * share}}) {
                auto& body = fighter->entity.get<Body>();
                const Motion motion = freed({fighter->position + push, {body.vx, body.vy}});
                fighter->position = motion.position;
                body.x = motion.position.x;
                body.y = motion.position.y;
            }
        }
    }
}

void Match::shoot(const tidewire::Sim& sim) {
    if (sim.tick() == 0) return;  // a gun's 0 is "never"
    for (const Fighter& fighter : fighters_) {
        const auto* gun = fighter.entity.find<const Gun>();
        if (!fighter.alive || gun == nullptr || gun->fired_tick != sim.tick()) continue;
        const Vec2 velocity = direction(fighter.entity.find<const Body>()->angle) * shot_speed;
        // It begins in the middle of its owner, whom it cannot hit, so that a barrel in a wall shoots the wall.
        Shot shot{};
        shot.x = fighter.position.x;
        shot.y = fighter.position.y;
        shot.vx = velocity.x;
        shot.vy = velocity.y;
        shot.expires_tick = sim.tick() + ticks_of(shot_lifetime, sim.dt());
        sim.spawn_for(fighter.owner, shot);
    }
}

void Match::fly(const tidewire::Sim& sim) {
    order_fighters();  // they were pushed
    for (auto [entity, shot] : sim.view<Shot>()) {
        const tidewire::PlayerId shooter = entity.owner();
        const Vec2 from{shot.x, shot.y};
        const Vec2 to = from + Vec2{shot.vx, shot.vy} * sim.dt();
        const bool outside = to.x < 0 || to.y < 0 || to.x > arena_size || to.y > arena_size;
        std::optional<float> met = outside || sim.tick() >= shot.expires_tick ? std::optional(1.0F) : std::nullopt;
        for (const Rect& wall : walls) {
            const auto t = first_meeting(from, to, wall.grown(shot_radius));
            if (t && (!met || *t < *met)) met = t;
        }
        Fighter* victim = nullptr;
        constexpr float reach = body_radius + shot_radius;
        for (const Ordered& near : between(std::min(from.x, to.x) - reach, std::max(from.x, to.x) + reach)) {
            Fighter& fighter = fighters_[near.fighter];
            if (!fighter.alive || fighter.owner == shooter) continue;
            const auto t = first_meeting(from, to, fighter.position, reach);
            if (!t || (met && *t >= *met)) continue;
            met = t;
            victim = &fighter;
        }
        if (victim != nullptr) hit(*victim, shooter, sim);
        if (met) {
            entity.despawn();
        } else {
            shot.x = to.x;
            shot.y = to.y;
        }
    }
}

void Match::hit(Fighter& victim, tidewire::PlayerId shooter, const tidewire::Sim& sim) {
    auto& vitals = victim.entity.get<Vitals>();
    if (is_protected(vitals, sim.tick(), sim.dt())) return;
    vitals.hp = static_cast<std::uint8_t>(vitals.hp - std::min(vitals.hp, shot_damage));
    if (vitals.hp > 0) return;
    victim.alive = false;
    vitals.respawn_tick = sim.tick() + ticks_of(respawn_delay, sim.dt());
    auto& body = victim.entity.get<Body>();
    body.vx = 0;
    body.vy = 0;
    const auto counted = [](std::uint16_t& count) {
        if (count < std::numeric_limits<std::uint16_t>::max()) ++count;
    };
    counted(victim.entity.get<Score>().deaths);
    for (const Fighter& fighter : fighters_)
        if (fighter.owner == shooter) counted(fighter.entity.get<Score>().kills);
    sim.emit(Kill{.killer = shooter, .victim = victim.owner});
}

void Match::bring_back(const tidewire::Sim& sim) {
    for (Fighter& fighter : fighters_) {
        if (fighter.alive || sim.tick() < fighter.entity.find<const Vitals>()->respawn_tick) continue;
        fighter.position = spawn_place(fighter.entity.index(), sim.tick());
        fighter.alive = true;
        auto& body = fighter.entity.get<Body>();
        body.x = fighter.position.x;
        body.y = fighter.position.y;
        auto& vitals = fighter.entity.get<Vitals>();
        vitals.hp = hp_max;
        vitals.respawn_tick = sim.tick();
    }
}

/// The spawn point whose nearest living fighter is farthest; which of several good ones, and where exactly, is chance.
Vec2 Match::spawn_place(std::uint32_t index, tidewire::Tick tick) const {
    constexpr float far_enough = 500;
    const std::uint32_t chance = mixed(mixed(index, tick), seed_);
    Vec2 best;
    float best_merit = -1;
    for (std::uint32_t i = 0; i < spawn_points.size(); ++i) {
        float nearest = far_enough;
        for (const Fighter& fighter : fighters_)
            if (fighter.alive) nearest = std::min(nearest, length(fighter.position - spawn_points[i]));
        const float merit = nearest + 100 * fraction(mixed(chance, i));
        if (merit <= best_merit) continue;
        best_merit = merit;
        best = spawn_points[i];
    }
    const Vec2 spread{fraction(mixed(chance, 101)) * 2 - 1, fraction(mixed(chance, 102)) * 2 - 1};
    return best + spread * spawn_spread;
}

}  // namespace arena
