// Each is a line or two: what a thing does is the guest's, the room's or the scene's to know.
#include "tools/sim/storm/actions.h"

#include <array>

#include "sdk/net/link_presets.h"

namespace tidewire::sim {

namespace {

using std::chrono::milliseconds;

Duration up_to(Scene& scene, std::uint32_t most_ms) { return milliseconds(1 + scene.random().below(most_ms)); }

/// To somebody who is there.
template <class Do>
bool with_guest(Scene& scene, std::string_view what, const Do& act) {
    Guest* const guest = scene.any_guest();
    if (guest == nullptr) return false;
    scene.journal().note(guest->name() + ": " + std::string(what));
    act(*guest);
    return true;
}

/// In a room that runs.
template <class Do>
bool with_room(Scene& scene, std::string_view what, const Do& act) {
    StormRoom* const room = scene.any_room();
    if (room == nullptr) return false;
    scene.journal().note(room->name() + ": " + std::string(what));
    act(*room);
    return true;
}

bool join(Scene& scene) {
    std::size_t here = 0;
    for (const auto& guest : scene.guests()) here += guest->gone() ? 0U : 1U;
    if (here >= scene.guests_max()) return false;
    const std::uint32_t manner = scene.random().below(16);
    scene.join(manner == 0   ? Scene::Manner::NoToken
               : manner == 1 ? Scene::Manner::Garbled
                             : Scene::Manner::Honest);
    return true;
}

bool change_link(Scene& scene) {
    return with_guest(scene, "another kind of link", [&](Guest& guest) {
        const auto presets = net::link_presets();
        const net::LinkPreset& preset = presets[scene.random().below(static_cast<std::uint32_t>(presets.size()))];
        net::LinkOptions up = preset.up;
        net::LinkOptions down = preset.down;
        up.held_bytes_max = down.held_bytes_max = guest.plan().up.held_bytes_max;
        guest.change_link(up, down, scene.now());
    });
}

bool end_room(Scene& scene, bool fails) {
    // Somebody should have somewhere to be.
    if (scene.rooms().size() > 12) return false;
    const bool ended = with_room(scene, fails ? "fails" : "closes", [&](StormRoom& room) {
        if (fails)
            room.fail();
        else
            room.close("the match is over");
    });
    if (ended) scene.open_room();
    return ended;
}

constexpr std::array table{
    // Who comes and goes.
    Action{"join", 16, join},
    Action{"leave", 4, [](Scene& scene) { return with_guest(scene, "leaves", [&](Guest& guest) { guest.leave(scene.now()); }); }},
    Action{"intrude", 8,
           [](Scene& scene) {
               scene.intrude();
               return true;
           }},
    // What networks do.
    Action{"reset", 8, [](Scene& scene) { return with_guest(scene, "reset", [&](Guest& guest) { guest.reset(scene.now()); }); }},
    Action{"reset here", 4,
           [](Scene& scene) { return with_guest(scene, "reset, known here", [&](Guest& guest) { guest.reset_here(scene.now()); }); }},
    Action{"reset there", 4,
           [](Scene& scene) { return with_guest(scene, "reset, known there", [&](Guest& guest) { guest.reset_there(scene.now()); }); }},
    Action{"cut", 4, [](Scene& scene) { return with_guest(scene, "no network", [&](Guest& guest) { guest.cut(scene.now()); }); }},
    Action{"restore", 12,
           [](Scene& scene) {
               for (const auto& guest : scene.guests()) {
                   if (guest->gone() || guest->connected()) continue;
                   scene.journal().note(guest->name() + ": a network again");
                   guest->restore(scene.now());
                   return true;
               }
               return false;
           }},
    Action{"stall", 6,
           [](Scene& scene) {
               return with_guest(scene, "stalls", [&](Guest& guest) { guest.stall(scene.now() + up_to(scene, 5000), scene.now()); });
           }},
    Action{"change link", 3, change_link},
    // What programs do.
    Action{"read nothing", 3,
           [](Scene& scene) {
               return with_guest(scene, "reads nothing", [&](Guest& guest) { guest.read(Guest::Reading::Nothing, scene.now()); });
           }},
    Action{"trickle", 2,
           [](Scene& scene) {
               return with_guest(scene, "reads a little", [&](Guest& guest) { guest.read(Guest::Reading::Trickle, scene.now()); });
           }},
    Action{"read all", 10,
           [](Scene& scene) {
               return with_guest(scene, "reads", [&](Guest& guest) { guest.read(Guest::Reading::All, scene.now()); });
           }},
    Action{"hang", 4,
           [](Scene& scene) {
               return with_guest(scene, "hangs", [&](Guest& guest) { guest.hang(scene.now() + up_to(scene, 6000), scene.now()); });
           }},
    Action{"suspend", 3, [](Scene& scene) { return with_guest(scene, "suspends", [&](Guest& guest) { guest.suspend(scene.now()); }); }},
    Action{"resume", 8, [](Scene& scene) { return with_guest(scene, "resumes", [&](Guest& guest) { guest.resume(scene.now()); }); }},
    // What games do.
    Action{"burst", 4,
           [](Scene& scene) {
               return with_room(scene, "says much at once", [&](StormRoom& room) { room.send_burst(1 + scene.random().below(60)); });
           }},
    Action{"bulk", 4,
           [](Scene& scene) {
               return with_guest(scene, "is sent a transfer", [&](Guest& guest) {
                   if (guest.room() != nullptr) guest.room()->send_bulk(guest.player(), 1 + scene.random().below(50'000));
               });
           }},
    Action{"open room", 1,
           [](Scene& scene) { return scene.rooms().size() < 6 && scene.open_room() != nullptr; }},
    Action{"close room", 1, [](Scene& scene) { return end_room(scene, false); }},
    Action{"fail room", 1, [](Scene& scene) { return end_room(scene, true); }},
    // What operators do.
    Action{"drain", 1,
           [](Scene& scene) {
               if (scene.random().below(2) == 0) return false;
               scene.drain();
               return true;
           }},
    Action{"kill", 1,
           [](Scene& scene) {
               if (scene.random().below(2) == 0) return false;
               scene.kill();
               return true;
           }},
};

}  // namespace

std::span<const Action> actions() { return table; }

const Action& draw_action(SeededRandom& random) {
    std::uint32_t sum = 0;
    for (const Action& action : table) sum += action.weight;
    std::uint32_t left = random.below(sum);
    for (const Action& action : table) {
        if (left < action.weight) return action;
        left -= action.weight;
    }
    return table.back();
}

}  // namespace tidewire::sim
