// A file is put aside before its room runs: a server that dies of it, or after it, does not bring back the same sessions twice.
#include "server/main/room_keeper.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "sdk/core/base/printable.h"
#include "server/save/save_format.h"

namespace tidewire::server {

namespace {

constexpr std::string_view tokens_name = "spent-tokens.twst";

}  // namespace

Result<std::unique_ptr<RoomKeeper>> RoomKeeper::open(Site& site, const std::string& path) {
    auto folder = SaveFolder::open(path);
    if (!folder) return Unexpected{std::move(folder).error()};
    std::unique_ptr<RoomKeeper> keeper(new RoomKeeper(site, std::move(*folder)));
    auto rooms = keeper->folder_.rooms();
    if (!rooms) return Unexpected{std::move(rooms).error()};
    for (const std::uint32_t room : *rooms) keeper->look_at(room);
    for (const RoomNumber room : keeper->saved()) site.directory.keep_number(room);
    site.save_room = [folder = &keeper->folder_](RoomNumber room, ByteSpan bytes) {
        return folder->write(static_cast<std::uint32_t>(room), bytes);
    };
    return keeper;
}

void RoomKeeper::look_at(std::uint32_t room) {
    const auto bytes = folder_.read(room);
    if (!bytes) return refuse(room, bytes.error().message);
    auto saved = parse_save(*bytes, site_->layout, {.entities_max = site_->options.entities_max});
    if (!saved) return refuse(room, saved.error().message);
    if (saved->number != room) return refuse(room, "it is of room " + std::to_string(saved->number));
    if (saved->opened_by == RoomOrigin::Client && !site_->options.client_rooms.allowed)
        return refuse(room, "a client has opened it, and clients may open no rooms now; let them (--client-rooms)");
    // Those that programs and clients have opened come behind them.
    if (saved->opened_by != RoomOrigin::Server && room <= site_->options.rooms)
        return refuse(room, "a program or a client has opened it, and its number is one of the server's own rooms now; lower rooms (--rooms) to " +
                                std::to_string(room - 1));
    if (saved->opened_by == RoomOrigin::Server && room > site_->options.rooms)
        return refuse(room, "it is of room " + std::to_string(room) + ", and rooms (--rooms) is " + std::to_string(site_->options.rooms));
    saved_.emplace(room, std::move(*saved));
}

void RoomKeeper::refuse(std::uint32_t room, const std::string& reason) {
    const Result<void> aside = folder_.refuse(room);
    news_.push_back({.kind = GateEvent::Kind::SaveFailed,
                     .room = RoomNumber{room},
                     .reason = printable(folder_.file_of(room)) + " is not restored: " + reason +
                               (aside ? "; it is kept as .refused" : "; " + aside.error().message)});
}

HostedRoom* RoomKeeper::restore(Shards& shards, RoomNumber number, const std::function<Game(RoomDescription&)>& make_game) {
    const auto found = saved_.find(static_cast<std::uint32_t>(number));
    if (found == saved_.end()) return nullptr;
    HostedRoom* const restored = restore(shards, found->second, make_game);
    // Its name is taken by itself now, or free.
    const std::lock_guard lock(mutex_);
    saved_.erase(found);
    return restored;
}

HostedRoom* RoomKeeper::restore(Shards& shards, const SavedGame& saved, const std::function<Game(RoomDescription&)>& make_game) {
    const std::uint32_t room = saved.number;
    const RoomNumber number{room};
    if (auto consumed = folder_.consume(room); !consumed) {
        refuse(room, consumed.error().message);
        return nullptr;
    }
    RoomSetup setup{.number = number, .room = saved.description, .game = {}};
    if (setup.room.name.empty()) setup.room.name = std::to_string(room);
    RoomDescription made = setup.room;
    setup.game = make_game(made);
    if (saved.description.name.empty()) setup.room = std::move(made);
    auto restored = shards.restore_room(std::move(setup), saved);
    if (!restored) {
        refuse(room, restored.error().message);
        return nullptr;
    }
    news_.push_back({.kind = GateEvent::Kind::RoomRestored,
                     .room = number,
                     .reason = printable(folder_.file_of(room)) + ", tick " + std::to_string(saved.room.tick) + ", " +
                               std::to_string(saved.sessions.size()) + " players may come back",
                     .room_name = (*restored)->description().name});
    return *restored;
}

bool RoomKeeper::has(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    return !name.empty() &&
           std::any_of(saved_.begin(), saved_.end(), [&](const auto& each) { return each.second.description.name == name; });
}

void RoomKeeper::restore_tokens(const Authenticator& authenticator) {
    if (!authenticator.restore || !folder_.has(tokens_name)) return;
    const std::string file = printable(folder_.file_of(tokens_name));
    const auto bytes = folder_.read(tokens_name);
    const Result<void> restored = bytes ? authenticator.restore(*bytes) : Result<void>(Unexpected{bytes.error()});
    if (restored) return;
    const Result<void> aside = folder_.refuse(tokens_name);
    news_.push_back({.kind = GateEvent::Kind::SaveFailed,
                     .reason = (bytes ? file + " " : std::string()) + restored.error().message +
                               ": single-use tokens that were used before this start let in once more until they expire" +
                               (aside ? "; it is kept as .refused" : "; " + aside.error().message)});
}

void RoomKeeper::save_tokens(const Authenticator& authenticator) {
    if (!authenticator.save) return;
    if (const auto written = folder_.write(tokens_name, authenticator.save()); !written)
        news_.push_back({.kind = GateEvent::Kind::SaveFailed,
                         .reason = written.error().message + ": the next server does not know which single-use tokens were used"});
}

std::vector<RoomNumber> RoomKeeper::saved() const {
    std::vector<RoomNumber> rooms;
    for (const auto& each : saved_) rooms.push_back(RoomNumber{each.first});
    return rooms;
}

}  // namespace tidewire::server
