// The presets of the link model, by name.
#include "tidewire/simulated_link.h"

#include <vector>

#include "sdk/net/link_presets.h"

namespace tidewire {

std::span<const SimulatedLink> simulated_links() {
    static const std::vector<SimulatedLink> links = [] {
        std::vector<SimulatedLink> all;
        for (const net::LinkPreset& preset : net::link_presets()) all.push_back({preset.name, preset.title});
        return all;
    }();
    return links;
}

}  // namespace tidewire
