// Waits for the whole list, prints it and leaves.
#include "samples/arena/client/list_rooms.h"

#include <chrono>
#include <cstdio>

#include "samples/arena/client/complaint.h"
#include "tidewire/room_browser.h"

namespace arena {

int list_rooms(const Options& options) {
    tidewire::RoomBrowser browser(options.url, {.proxy = options.proxy, .tls = {.ca_file = options.ca_file}});
    while (!browser.complete())
        if (!browser.update(std::chrono::milliseconds(100))) return complain(browser.error()->message);
    for (const tidewire::ListedRoom& room : browser.rooms())
        std::printf("%s: %u of %u\n", one_line(room.name).c_str(), room.players, room.seats);
    return 0;
}

}  // namespace arena
