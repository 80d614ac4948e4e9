// Who brought down whom.
#include "samples/arena/client/kill_feed.h"

#include <algorithm>

namespace arena {

namespace {

constexpr float line_seconds = 6;
constexpr float fading_seconds = 1;
constexpr std::size_t lines_max = 5;

KillFeed::Name name_of(std::uint32_t player, const Scene& scene) {
    for (const SeenFighter& fighter : scene.fighters)
        if (fighter.player == player) return {fighter.name, fighter.hue, fighter.own};
    return {"somebody", 0, false};
}

}  // namespace

float KillFeed::Line::visible() const { return std::clamp((line_seconds - age) / fading_seconds, 0.0F, 1.0F); }

void KillFeed::update(float seconds) {
    for (Line& line : lines_) line.age += seconds;
    std::erase_if(lines_, [](const Line& line) { return line.age >= line_seconds; });
}

void KillFeed::add(const Kill& kill, const Scene& scene) {
    if (lines_.size() == lines_max) lines_.erase(lines_.begin());
    lines_.push_back({name_of(kill.killer, scene), name_of(kill.victim, scene)});
}

}  // namespace arena
