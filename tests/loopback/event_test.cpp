// Events through the facades, over sockets. Waiting is counted in updates, which take one tick each.
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/scenario/duel_rules.h"
#include "tidewire/client.h"
#include "tidewire/server.h"

using namespace tidewire;
using tidewire::test::DuelRules;

namespace {

using DuelClient = Client<duel::Schema, DuelRules>;

constexpr int updates_max = 600;  // at 60 Hz: ten seconds

class DuelServer {
public:
    DuelServer() : server_({.address = "127.0.0.1", .port = 0, .tick_rate = 60}) {
        server_.on_join([](Player player) { player.spawn(duel::Pos{}); });
        server_.on_event<duel::Chat>([](ServerSim& sim, Player, const duel::Chat& chat) { sim.broadcast(chat); });
        server_.on_request<duel::Buy>([](ServerSim& sim, Player player, const duel::Buy& buy) -> Result<duel::Bought> {
            if (buy.item == 9) return unexpected(Blame::Caller, "there is no item 9");
            sim.send(player, duel::Later{.number = buy.item});
            return duel::Bought{.item = buy.item, .coins = 40};
        });
        REQUIRE(server_.listen());
        thread_ = std::thread([this] { (void)server_.run(); });
    }
    ~DuelServer() {
        server_.stop();
        thread_.join();
    }
    DuelServer(const DuelServer&) = delete;
    DuelServer& operator=(const DuelServer&) = delete;

    std::string url() const { return "ws://127.0.0.1:" + std::to_string(server_.port()); }

private:
    Server<duel::Schema, DuelRules> server_;
    std::thread thread_;
};

template <class Done>
bool update_until(DuelClient& client, Done done) {
    for (int i = 0; i < updates_max; ++i) {
        if (done()) return true;
        if (!client.update()) return false;
    }
    return false;
}

}  // namespace

TEST_CASE("lines that one client sends are there at another, once and in order", "[loopback][event]") {
    DuelServer server;
    DuelClient ann(server.url());
    DuelClient ben(server.url());
    REQUIRE(update_until(ann, [&] { return ann.figures().snapshots > 0; }));
    REQUIRE(update_until(ben, [&] { return ben.figures().snapshots > 0; }));
    std::vector<std::string> read;
    std::uint32_t said = 0;
    CHECK(update_until(ben, [&] {
        if (said < 20) CHECK(ann.send(duel::Chat{.text = "line " + std::to_string(++said), .number = said}));
        (void)ann.poll();
        for (const auto& chat : ben.events<duel::Chat>()) {
            read.push_back(chat->text);
            CHECK(chat->number == read.size());
            CHECK(chat.player() == 0);
            CHECK_FALSE(chat.predicted());
        }
        return read.size() == 20;
    }));
    CHECK(read.back() == "line 20");
}

TEST_CASE("a request is answered through the facade, by a reply or a sentence", "[loopback][event]") {
    DuelServer server;
    DuelClient client(server.url());
    REQUIRE(update_until(client, [&] { return client.figures().snapshots > 0; }));
    const RequestId good = client.request(duel::Buy{.item = 4});
    const RequestId bad = client.request(duel::Buy{.item = 9});
    std::optional<Result<duel::Bought>> bought;
    std::optional<Result<duel::Bought>> refused;
    bool later = false;
    CHECK(update_until(client, [&] {
        if (!bought) bought = client.reply<duel::Bought>(good);
        if (!refused) refused = client.reply<duel::Bought>(bad);
        later = later || !client.events<duel::Later>().empty();
        return bought && refused;
    }));
    REQUIRE(bought->has_value());
    CHECK((*bought)->coins == 40);
    CHECK(later);
    REQUIRE_FALSE(refused->has_value());
    CHECK(refused->error().message == "there is no item 9");
}

TEST_CASE("what one's own rules emit is there in the frame of its input, and is confirmed", "[loopback][event]") {
    DuelServer server;
    DuelClient client(server.url());
    REQUIRE(
        update_until(client, [&] { return client.figures().predicted_tick > 0 || (client.input({.dx = 1}), false); }));
    std::size_t fired = 0;
    std::size_t retracted = 0;
    CHECK(update_until(client, [&] {
        client.input({.dx = 0, .fire = client.figures().events_predicted < 10});
        for (const auto& shot : client.events<duel::Fired>()) {
            CHECK(shot.player() == client.player());
            ++fired;
        }
        for ([[maybe_unused]] const auto& shot : client.retracted<duel::Fired>()) ++retracted;
        const ClientFigures figures = client.figures();
        return figures.events_predicted >= 10 &&
               figures.events_confirmed + figures.events_retracted == figures.events_predicted;
    }));
    CHECK(fired >= 10);
    CHECK(client.figures().events_retracted == retracted);
}
