// What fits into messages, and into the queue of a connection.
#include "server/room/resources.h"

#include "sdk/core/wire/codec.h"

namespace tidewire::server {

std::optional<std::string> refuse_resources(const RoomResources& resources, std::size_t transmit_bytes_max) {
    const std::size_t tables = resources.code_tables.id() == 0 ? 0 : resources.code_tables.bytes().size();
    constexpr std::size_t most = wire::Limits{}.resource_bytes_max;
    if (tables > most)
        return "code tables of " + std::to_string(tables) + " bytes; at most " + std::to_string(most) +
               " can be sent to clients";
    const std::size_t both = tables + (resources.dictionary ? resources.dictionary->bytes().size() : 0);
    // Both go out at once, behind a Welcome.
    constexpr std::size_t heads_bytes_max = 1024;
    if (both == 0 || both + heads_bytes_max <= transmit_bytes_max) return std::nullopt;
    return "code tables and dictionary have " + std::to_string(both) +
           " bytes together, more than transmit_bytes_max holds; raise it, or train smaller ones";
}

}  // namespace tidewire::server
