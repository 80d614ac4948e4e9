// What there is to see at one moment, taken from the network client.
#include "samples/arena/client/scene.h"

#include <algorithm>
#include <iterator>

namespace arena {

namespace {

std::string name_of(const Look& look, std::uint32_t index) {
    std::string name;
    for (const std::uint8_t byte : look.name) {
        if (byte == 0) break;
        name.push_back(static_cast<char>(byte));
    }
    if (name.empty()) name = (look.bot ? "bot " : "player ") + std::to_string(index);
    return name;
}

}  // namespace

const SeenFighter* Scene::own() const {
    const auto found = std::find_if(fighters.begin(), fighters.end(), [](const SeenFighter& f) { return f.own; });
    return found == fighters.end() ? nullptr : &*found;
}

const SeenFighter* Scene::best() const {
    const auto found = std::max_element(fighters.begin(), fighters.end(), [](const SeenFighter& a, const SeenFighter& b) {
        return a.kills < b.kills;
    });
    return found == fighters.end() ? nullptr : &*found;
}

Scene scene_of(Net& net) {
    Scene scene;
    scene.status = net.status();
    if (net.tick_rate() > 0) scene.dt = 1.0F / static_cast<float>(net.tick_rate());
    const tidewire::ClientFigures figures = net.figures();
    scene.draw_tick = figures.draw_tick;
    const auto seconds_between = [&](tidewire::Tick from, double to) {
        return static_cast<float>(to - static_cast<double>(from)) * scene.dt;
    };
    for (auto [entity, body, gun, vitals, score, look] : net.view<Body, Gun, Vitals, Score, Look>()) {
        SeenFighter& fighter = scene.fighters.emplace_back();
        fighter.index = entity.index();
        fighter.player = entity.owner();
        fighter.position = {body.x, body.y};
        fighter.velocity = {body.vx, body.vy};
        fighter.angle = body.angle;
        fighter.hp = vitals.hp;
        fighter.own = net.mine(entity);
        const float since_respawn = seconds_between(vitals.respawn_tick, scene.draw_tick);
        (fighter.alive() ? fighter.since_spawn : fighter.respawn_in) =
            std::max(0.0F, fighter.alive() ? since_respawn : -since_respawn);
        // One's own gun is predicted: its flash is there with the key.
        const bool ahead = fighter.own && figures.predicted_tick > 0;
        if (gun.fired_tick != 0)
            fighter.since_shot =
                std::max(0.0F, seconds_between(gun.fired_tick, ahead ? figures.predicted_tick : scene.draw_tick));
        fighter.kills = score.kills;
        fighter.deaths = score.deaths;
        fighter.hue = look.hue;
        fighter.name = name_of(look, entity.index());
    }
    for (auto [entity, shot] : net.view<Shot>())
        scene.shots.push_back(
            {.id = entity.id(), .position = {shot.x, shot.y}, .velocity = {shot.vx, shot.vy}, .own = net.mine(entity)});
    return scene;
}

}  // namespace arena
