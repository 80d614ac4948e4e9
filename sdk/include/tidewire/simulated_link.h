// For development: links that players have, which a client can put in front of its own.
#pragma once

#include <span>
#include <string_view>

namespace tidewire {

struct SimulatedLink {
    std::string_view name;   ///< For Client::simulate_link() and ClientOptions: "hotel-wifi".
    std::string_view title;  ///< To be shown: "hotel Wi-Fi".
};

/// From the best to the worst: LAN, cable, DSL, 4G, 3G, train, hotel Wi-Fi. Delay, rate, and the stalls that losses cost a TCP stream.
std::span<const SimulatedLink> simulated_links();

}  // namespace tidewire
