// A file is put aside before its room runs: a server that dies of it, or after it, does not bring back the same sessions twice.
#include "server/main/room_keeper.h"

#include <memory>
#include <utility>

#include "sdk/core/base/printable.h"
#include "server/save/save_format.h"

namespace tidewire::server {

Result<std::unique_ptr<RoomKeeper>> RoomKeeper::open(Site& site, const std::string& path) {
    auto folder = SaveFolder::open(path);
    if (!folder) return Unexpected{std::move(folder).error()};
    std::unique_ptr<RoomKeeper> keeper(new RoomKeeper(site, std::move(*folder)));
    auto rooms = keeper->folder_.rooms();
    if (!rooms) return Unexpected{std::move(rooms).error()};
    for (const std::uint32_t room : *rooms) keeper->look_at(room);
    site.save_room = [folder = &keeper->folder_](RoomNumber room, ByteSpan bytes) {
        return folder->write(static_cast<std::uint32_t>(room), bytes);
    };
    return keeper;
}

void RoomKeeper::look_at(std::uint32_t room) {
    if (room > site_->options.rooms)
        return refuse(room, "it is of room " + std::to_string(room) + ", and rooms (--rooms) is " + std::to_string(site_->options.rooms));
    const auto bytes = folder_.read(room);
    if (!bytes) return refuse(room, bytes.error().message);
    auto saved = parse_save(*bytes, site_->layout, {.entities_max = site_->options.entities_max});
    if (!saved) return refuse(room, saved.error().message);
    if (saved->number != room) return refuse(room, "it is of room " + std::to_string(saved->number));
    saved_.emplace(room, std::move(*saved));
}

void RoomKeeper::refuse(std::uint32_t room, const std::string& reason) {
    const Result<void> aside = folder_.refuse(room);
    news_.push_back({.kind = GateEvent::Kind::SaveFailed,
                     .room = RoomNumber{room},
                     .reason = printable(folder_.file_of(room)) + " is not restored: " + reason +
                               (aside ? "; it is kept as .refused" : "; " + aside.error().message)});
}

HostedRoom* RoomKeeper::restore(Shards& shards, std::uint32_t room, const std::function<Game()>& game) {
    const auto found = saved_.find(room);
    if (found == saved_.end()) return nullptr;
    const SavedGame saved = std::move(found->second);
    saved_.erase(found);
    if (auto consumed = folder_.consume(room); !consumed) {
        refuse(room, consumed.error().message);
        return nullptr;
    }
    auto restored = shards.restore_room({.number = RoomNumber{room}, .game = game()}, saved);
    if (!restored) {
        refuse(room, restored.error().message);
        return nullptr;
    }
    news_.push_back({.kind = GateEvent::Kind::RoomRestored,
                     .room = RoomNumber{room},
                     .reason = printable(folder_.file_of(room)) + ", tick " + std::to_string(saved.room.tick) + ", " +
                               std::to_string(saved.sessions.size()) + " players may come back"});
    return *restored;
}

HostedRoom& RoomKeeper::open_room(Shards& shards, RoomNumber number, const std::function<Game()>& game) {
    if (HostedRoom* const restored = restore(shards, static_cast<std::uint32_t>(number), game)) return *restored;
    return shards.open_room({.number = number, .game = game()});
}

}  // namespace tidewire::server
