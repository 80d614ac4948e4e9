// Links that players have, by name: for the bad-network key of a game, for badnet and for tests.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/net/link_model.h"

namespace tidewire::net {

struct LinkPreset {
    std::string_view name;   ///< As it is typed: "hotel-wifi".
    std::string_view title;  ///< As it is shown: "hotel Wi-Fi".
    LinkOptions up;          ///< From the player.
    LinkOptions down;        ///< To the player.
};

/// From the best to the worst.
std::span<const LinkPreset> link_presets();
/// Null when there is none of this name.
const LinkPreset* find_link_preset(std::string_view name);
/// "lan, cable, …": for messages that name what there is.
std::string link_preset_names();

}  // namespace tidewire::net
