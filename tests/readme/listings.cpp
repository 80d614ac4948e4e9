// The listings of README.md that are no files of samples/hello, so that they compile: tidy_test.cpp finds each of their lines here.
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "game.h"
#include "tidewire/client.h"
#include "tidewire/room_browser.h"
#include "tidewire/server.h"

namespace readme {

struct Rules {
    void operator()(tidewire::Sim&, tidewire::Entity, const game::Move&) const {}
};

using Client = tidewire::Client<game::Schema, Rules>;
using Server = tidewire::Server<game::Schema, Rules>;

inline void print(const std::string& line) { std::puts(line.c_str()); }
inline void show(const game::Bought& bought) { std::printf("%u\n", static_cast<unsigned>(bought.item)); }
inline void complain(const tidewire::Error& error) { print(error.message); }
inline bool hits(const game::Gun& gun, const game::Pos& pos) { return gun.fired_tick != 0 && pos.x > 0; }
inline bool is_rude(const std::string& line) { return line.find("!!!") != std::string::npos; }
inline bool is_spam(const std::string& line) { return line.find("https://") != std::string::npos; }
inline void draw_banner(const std::string& line) { print(line); }
inline void hide(tidewire::ServerSim&, tidewire::PlayerId player) { std::printf("%u is away\n", player); }
inline void show(tidewire::ServerSim&, tidewire::PlayerId player) { std::printf("%u is back\n", player); }
inline void draw_bar(std::size_t received, std::size_t total) { std::printf("%zu of %zu\n", received, total); }
inline void tell_friends(const std::string& code) { print(code); }
inline void show(const std::vector<tidewire::ListedRoom>& rooms) { std::printf("%zu rooms\n", rooms.size()); }
inline void load_map(const std::string& name) { print(name); }
inline void load(std::uint32_t id, const std::vector<std::byte>& bytes) { std::printf("%u: %zu\n", id, bytes.size()); }

inline void greet(std::string_view name, const std::string& subject) { print(std::string(name) + " " + subject); }

struct Account {
    std::string id;
    std::string name;
};
struct Accounts {
    std::map<std::string, Account, std::less<>> all;
    const Account* find(std::string_view token) const {
        const auto found = all.find(token);
        return found == all.end() ? nullptr : &found->second;
    }
};
inline const Accounts known_accounts{};
inline const Accounts* const accounts = &known_accounts;

struct Match {
    tidewire::Tick last_tick = 0;
    void join(tidewire::ServerSim&, tidewire::Player player) const { player.spawn(game::Pos{}); }
    void advance(tidewire::ServerSim& sim) const {
        if (last_tick != 0 && sim.tick() >= last_tick) sim.close_room("the match is over");
    }
    void end_within(std::chrono::milliseconds left) { last_tick = static_cast<tidewire::Tick>(left.count() / 50); }
};

// clang-format off
void events_of_a_client(Client& net);
void events_of_a_client(Client& net) {
    if (auto sent = net.send(game::Chat{.line = "hello"}); !sent) complain(sent.error());  // client; too many at once are refused
    for (const auto& chat : net.events<game::Chat>()) print(chat->line);                   // each once, in every frame

    auto id = net.request(game::Buy{.item = 4});                                           // answered by an event or a sentence
    if (auto reply = net.reply<game::Bought>(id)) *reply ? show(**reply) : complain(reply->error());
}

void events_of_a_server(Server& server);
void events_of_a_server(Server& server) {
    server.on_event<game::Chat>([](auto& sim, tidewire::Player, const game::Chat& chat) { sim.broadcast(chat); });
    server.on_request<game::Buy>([](auto&, tidewire::Player, const game::Buy& buy) -> tidewire::Result<game::Bought> {
        if (buy.item > 9) return tidewire::unexpected(tidewire::Blame::Peer, "there is no such item");
        return game::Bought{.item = buy.item};
    });
}

void a_lost_connection(Client& net, Server& server);
void a_lost_connection(Client& net, Server& server) {
    while (net.update()) {
        if (const auto lost = net.reconnecting())
            draw_banner("Reconnecting, attempt " + std::to_string(lost->attempt));   // the last picture stays below it
    }
    report(net.error());                                        // no way back within ReconnectOptions::give_up_after

    server.on_disconnect([](tidewire::ServerSim& sim, tidewire::Player player, std::string_view) { hide(sim, player.id()); });
    server.on_reconnect([](tidewire::ServerSim& sim, tidewire::Player player) { show(sim, player.id()); });
}

void unwanted_players(Server& server);
void unwanted_players(Server& server) {
    server.silence_when_muted<game::Chat>();                    // of who is muted these do not reach the game
    server.on_event<game::Chat>([](auto& sim, tidewire::Player player, const game::Chat& chat) {
        if (is_rude(chat.line)) sim.mute(player.id(), std::chrono::minutes(5));
        if (is_spam(chat.line)) sim.ban(player.id(), std::chrono::hours(24), "advertising");   // and kick() without a time
    });
    server.on_idle([](tidewire::ServerSim& sim, tidewire::Player player) { hide(sim, player.id()); });
}

std::vector<std::byte> to_bytes(const std::vector<int>& scores);
tidewire::Result<void> from_bytes(std::span<const std::byte> saved, std::vector<int>& scores);
void restarts(Server& server, std::vector<int>& scores);
void restarts(Server& server, std::vector<int>& scores) {
    server.on_save([&](tidewire::ServerSim&) { return to_bytes(scores); },
                   [&](tidewire::ServerSim&, std::span<const std::byte> saved) -> tidewire::Result<void> { return from_bytes(saved, scores); });
}

void authentication(Server& server, const std::string& ticket);
void authentication(Server& server, const std::string& ticket) {
    server.on_authenticate([](const tidewire::JoinRequest& request) -> tidewire::Verdict {
        if (auto account = accounts->find(request.token)) return tidewire::Identity{.subject = account->id, .name = account->name};
        return tidewire::Refusal{tidewire::Refusal::Kind::Denied, "sign in first"};
    });
    server.on_join([](tidewire::Player player) { greet(player.name(), player.identity().subject); });

    tidewire::Client<game::Schema, Rules> net("wss://play.example", {.token = ticket});   // in the first message, never in the URL
}

void watches();
void watches() {
    tidewire::Client<game::Schema, Rules> net("wss://play.example", {.spectate = true});   // view() and events() as ever; mine() is nobody's
    draw_banner("Live, " + std::to_string(net.spectator_delay().count() / 1000) + " s ago");
}

void rewinds(Server& server);
void rewinds(Server& server) {
    server.on_tick([](tidewire::ServerSim& sim) {
        for (auto [shooter, gun] : sim.view<const game::Gun>()) {
            if (gun.fired_tick != sim.tick()) continue;
            sim.rewind(shooter.owner(), [&](const tidewire::Past& past) {
                for (auto [entity, pos] : past.view<game::Pos>())
                    if (entity != shooter && entity.alive() && hits(gun, pos)) entity.get<game::Health>().points -= 10;
            });
        }
    });
}

void interest(Server& server, tidewire::EntityId flag, std::uint32_t red);
void interest(Server& server, tidewire::EntityId flag, std::uint32_t red) {
    server.grid(&game::Pos::x, &game::Pos::y, {.cell_size = 64, .enter_radius = 128, .leave_radius = 160});
    server.on_tick([=](tidewire::ServerSim& sim) { sim.interest().place_for_team(flag, red); });
}

void rooms(Server& server);
void rooms(Server& server) {
    server.on_room([](tidewire::Room<game::Schema>& room) {
        auto match = std::make_shared<Match>();
        room.on_join([match](tidewire::ServerSim& sim, tidewire::Player player) { match->join(sim, player); });
        room.on_tick([match](tidewire::ServerSim& sim) { match->advance(sim); });
        room.on_drain([match](tidewire::ServerSim&, std::chrono::milliseconds left) { match->end_within(left); });
    });
}

void rooms_of_clients(Server& server);
void rooms_of_clients(Server& server) {
    tidewire::RoomWish duel{.properties = {{"mode", "duel"}}, .choice = tidewire::RoomChoice::JoinOrCreate, .seats = 2};
    tidewire::Client<game::Schema, Rules> net("ws://localhost:7777", {.room = duel});
    tell_friends(net.room().code);                              // of .is_private = true; they come with {.room = {.code = code}}

    tidewire::RoomBrowser browser("ws://localhost:7777");       // all public rooms and what becomes of them: --room-watchers-max 100
    while (browser.update()) show(browser.rooms());

    server.on_room([](tidewire::Room<game::Schema>& room) { load_map(room.description().properties["map"]); });
    server.on_create_room([](const tidewire::Identity& who, tidewire::RoomDescription& room) -> std::optional<tidewire::Refusal> {
        room.seats = room.properties["mode"] == "duel" ? 2 : 16;
        if (!who.subject.empty()) return std::nullopt;
        return tidewire::Refusal{tidewire::Refusal::Kind::NoNewRooms, "sign in to open rooms"};
    });
    if (auto opened = server.open_room({.name = "cup", .properties = {{"mode", "cup"}}}); !opened) complain(opened.error());
    auto place = server.reserve("cup");                         // for who brings it within 15 s as RoomWish::reservation
}

void bulk(Server& server, Client& net, const tidewire::BulkBytes& map_bytes);
void bulk(Server& server, Client& net, const tidewire::BulkBytes& map_bytes) {
    server.on_join([=](tidewire::ServerSim& sim, tidewire::Player player) { (void)sim.send_bulk(player.id(), 1, map_bytes); });
    if (auto progress = net.bulk()) draw_bar(progress->bytes_received, progress->bytes_total);
    if (auto map = net.take_bulk()) load(map->id, map->bytes);
}
// clang-format on

}  // namespace readme
