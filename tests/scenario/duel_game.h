// The game of duel.fbs as its server runs it, and what its clients are told.
#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/scenario/duel_rules.h"
#include "tools/sim/virtual_server.h"

namespace tidewire::test {

inline ApplyInput duel_rules() { return to_apply_input(DuelRules{}, duel::Schema::Inputs{}); }

/// Chat goes to everybody, an item costs its number in coins, and there is no item 9.
struct Duel {
    Game game;
    std::vector<std::string> heard;  // by the server: "player text"
    std::function<void(ServerSim&)> after_tick;
    std::function<void(ServerSim&, Player)> joined;

    Duel() {
        game.schema = &duel::Schema::info();
        game.apply_input = duel_rules();
        game.on_join = [this](ServerSim& sim, Player player) {
            player.spawn(duel::Pos{});
            if (joined) joined(sim, player);
        };
        game.on_event.resize(5);
        game.on_event[event_index<duel::Chat>] = [this](ServerSim& sim, Player player, const void* event) {
            const auto& chat = *static_cast<const duel::Chat*>(event);
            heard.push_back(std::to_string(player.id()) + " " + chat.text);
            sim.broadcast(chat);
        };
        game.on_request.resize(5);
        game.on_request[event_index<duel::Buy>] = [](ServerSim&, Player, const void* event,
                                                     const EmitEvent& reply) -> Result<void> {
            const auto& buy = *static_cast<const duel::Buy*>(event);
            if (buy.item == 9) return unexpected(Blame::Caller, "there is no item 9");
            const duel::Bought bought{.item = buy.item, .coins = buy.item};
            reply(event_index<duel::Bought>, &bought);
            return {};
        };
        game.on_tick = [this](ServerSim& sim) {
            if (after_tick) after_tick(sim);
        };
    }
    Duel(const Duel&) = delete;
    Duel& operator=(const Duel&) = delete;
};

/// A player that predicts and gives this input, once it plays.
inline sim::VirtualClient& join_duel(sim::VirtualServer& server, net::LinkOptions link,
                                     std::function<duel::Move(std::uint32_t)> move, const std::string& address = "virtual") {
    sim::VirtualClient& client = server.connect_from(address, link);
    client.session().predict_by(duel_rules());
    client.input = [move = std::move(move)](std::uint32_t number, std::byte* aggregate) {
        const duel::Move given = move(number);
        std::memcpy(aggregate, &given, sizeof given);
    };
    while (client.session().state() != session::ClientState::Playing) server.run_for(std::chrono::milliseconds(10));
    return client;
}

/// The events of type T that a client was told of, of one kind.
template <class T>
std::vector<T> told(const sim::VirtualClient& client,
                    session::ReceivedEvent::Kind kind = session::ReceivedEvent::Kind::Arrived) {
    std::vector<T> all;
    for (const session::ReceivedEvent& event : client.game_events)
        if (event.kind == kind && event.type == event_index<T>)
            all.push_back(*static_cast<const T*>(event.value.get()));
    return all;
}

template <class T>
Result<void> send(sim::VirtualServer& server, sim::VirtualClient& client, const T& event) {
    return client.peer->send_event(event_index<T>, &event, server.now());
}

template <class T>
std::uint32_t request(sim::VirtualServer& server, sim::VirtualClient& client, const T& event) {
    return client.peer->send_request(event_index<T>, &event, server.now());
}

}  // namespace tidewire::test
