// A game as the server runs it: its schema, its rules and what it wants to be told. Server<Schema, Rules> fills this in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tidewire/interest.h"
#include "tidewire/result.h"
#include "tidewire/rewind.h"
#include "tidewire/rules.h"
#include "tidewire/schema.h"
#include "tidewire/state.h"

namespace tidewire {

namespace server {
class Room;
}

/// Shared, since the same map goes to many players and stays until the last of them has it.
using BulkBytes = std::shared_ptr<const std::vector<std::byte>>;

/// A player of a room, human or bot. A handle, valid during the callback that it was given to and until the player leaves.
class Player {
public:
    Player(World& world, PlayerId id, std::string_view name, bool bot)
        : world_(&world), id_(id), name_(name), bot_(bot) {}

    PlayerId id() const { return id_; }
    std::string_view name() const { return name_; }
    bool bot() const { return bot_; }

    /// An entity of this player's. It is despawned when the player leaves. A dead handle when the world is full.
    template <class... Components>
    Entity spawn(const Components&... components) const {
        return Sim(*world_, 0, 0).spawn_for(id_, components...);
    }

private:
    World* world_;
    PlayerId id_;
    std::string_view name_;
    bool bot_;
};

/// A Sim with what only a server has.
class ServerSim : public Sim {
public:
    ServerSim(World& world, Tick tick, float dt, Interest& interest, server::Room& room)
        : Sim(world, tick, dt), interest_(&interest), room_(&room) {}

    /// Who is told of what.
    Interest& interest() const { return *interest_; }

    /// Calls look(past), a void(const Past&), with the world as the player saw it when it made the input that counts in this tick: for
    /// shots that hit at once, in on_tick. A bot sees the present, and so does who has not been told of anything yet. Precondition: no
    /// other rewind is being looked at.
    template <class Look>
    RewindReport rewind(PlayerId player, Look&& look) const {
        const Past past = past_of(player);
        look(past);
        return past.report();
    }

    /// Sends the player something large beside the state: a map, a replay. It goes in parts that yield to the state, one transfer after
    /// another, and Client::take_bulk() gives it out whole, with this `id`. Errors: no bytes, no human of this number, or more than
    /// ServerOptions::bulk_bytes_max would wait for the player.
    Result<void> send_bulk(PlayerId player, std::uint32_t id, std::vector<std::byte> bytes) const;
    Result<void> send_bulk(PlayerId player, std::uint32_t id, BulkBytes bytes) const;

private:
    Past past_of(PlayerId player) const;

    Interest* interest_;
    server::Room* room_;
};

/// Untyped: aggregates are bytes here. A room calls these one at a time: inputs, on_tick and bot_input in its tick; on_join and
/// on_leave when a player comes or goes, between ticks, with the Sim of the last finished one.
struct Game {
    const SchemaInfo* schema = nullptr;
    InterestOptions interest{};
    /// The rules.
    ApplyInput apply_input;
    std::function<void(ServerSim&, Player)> on_join;
    /// Before the player's entities go.
    std::function<void(ServerSim&, Player)> on_leave;
    /// Once a tick, after all inputs.
    std::function<void(ServerSim&)> on_tick;
    /// The input of a bot's entity for this tick, written to `input` (of schema->inputs[0]); zeros when absent.
    std::function<void(Sim&, Entity, std::byte* input)> bot_input;
};

}  // namespace tidewire
