// A game as the server runs it: its schema, its rules and what it wants to be told. Server<Schema, Rules> fills this in.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidewire/identity.h"
#include "tidewire/interest.h"
#include "tidewire/outbox.h"
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
    /// What it refers to must outlive it.
    Player(World& world, PlayerId id, std::string_view name, bool bot, const Identity& identity)
        : world_(&world), id_(id), name_(name), bot_(bot), identity_(&identity) {}

    PlayerId id() const { return id_; }
    /// To be shown: of the identity, where that has one, otherwise what the player asked for.
    std::string_view name() const { return name_; }
    bool bot() const { return bot_; }
    /// Who it is for good, as the authenticator found out (Server::on_authenticate): empty texts for bots and anonymous players.
    const Identity& identity() const { return *identity_; }

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
    const Identity* identity_;
};

/// A Sim with what only a server has.
class ServerSim : public Sim {
public:
    struct Parts {
        Interest* interest;
        Outbox* outbox;
        server::Room* room;
        const EmitEvent* emit;
    };
    ServerSim(World& world, Tick tick, float dt, Parts parts) : Sim(world, tick, dt, true, parts.emit), parts_(parts) {}

    /// Who is told of what.
    Interest& interest() const { return *parts_.interest; }
    /// What the calls below are made of.
    Outbox& outbox() const { return *parts_.outbox; }

    /// Events reach a client before the state of the tick that they are sent in.
    template <class T>
    void send(PlayerId player, const T& event) const {
        outbox().to_player(player, type_of<T>(), &event);
    }
    template <class T>
    void send(const Player& player, const T& event) const {
        send(player.id(), event);
    }
    template <class T>
    void broadcast(const T& event) const {
        outbox().to_everybody(type_of<T>(), &event);
    }
    /// To those who are told of the entity, by the interest groups, and to its owner.
    template <class T>
    void send_near(const Entity& entity, const T& event) const {
        outbox().to_near(entity.id(), type_of<T>(), &event);
    }
    /// To those who subscribed to the group, or own something in it.
    template <class T>
    void send_group(Group group, const T& event) const {
        outbox().to_group(group, type_of<T>(), &event);
    }
    template <class T>
    void send_team(std::uint32_t team, const T& event) const {
        outbox().to_team(team, type_of<T>(), &event);
    }

    /// Calls look(past), a void(const Past&), with the world as the player saw it when it made the input that counts in this tick: for
    /// shots that hit at once, in on_tick. A bot sees the present, and so does who has not been told of anything yet. Precondition: no
    /// other rewind is being looked at.
    template <class Look>
    RewindReport rewind(PlayerId player, Look&& look) const {
        const Past past = past_of(player);
        look(past);
        return past.report();
    }

    /// The room is over after this tick: its players are sent away with this reason, and nobody joins it any more. Not for trouble: a
    /// callback that throws ends its room as one that has failed, and no other.
    void close_room(std::string reason) const;

    // Whom the game does not want. Done when the callback that says so is over; for no human of the room nothing happens.
    /// Sends the player away with close code 4040 and this reason, of which 120 bytes are told. It cannot come back by its token.
    void kick(PlayerId player, std::string reason) const;
    /// The same with 4041, and neither its identity, or its address where it is anonymous, may come in again for so long, a hundred years at
    /// most: into no room of the server. Addresses of this machine and of trusted proxies, who speak for others, cannot be banned: that is a kick.
    void ban(PlayerId player, std::chrono::seconds time, std::string reason) const;
    /// For so long the game does not get what silence_when_muted() names from this player, whose requests of that kind are refused with a
    /// sentence; 0: it may speak again. It lasts as long as the player is in the room, over lost connections and saves of the room.
    void mute(PlayerId player, std::chrono::milliseconds time) const;
    bool muted(PlayerId player) const;

    /// Sends the player something large beside the state: a map, a replay. It goes in parts that yield to the state, one transfer after
    /// another, and Client::take_bulk() gives it out whole, with this `id`. Errors: no bytes, no human of this number, or more than
    /// ServerOptions::bulk_bytes_max would wait for the player.
    Result<void> send_bulk(PlayerId player, std::uint32_t id, std::vector<std::byte> bytes) const;
    Result<void> send_bulk(PlayerId player, std::uint32_t id, BulkBytes bytes) const;

private:
    Past past_of(PlayerId player) const;

    template <class T>
    static std::uint16_t type_of() {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        return event_index<T>;
    }

    Parts parts_;
};

/// Takes a client's event, which is of schema.events[type] by its place in a list.
using TakeEvent = std::function<void(ServerSim&, Player, const void* event)>;
/// Answers a client's request: calls `reply` once, or says why not.
using AnswerRequest = std::function<Result<void>(ServerSim&, Player, const void* request, const EmitEvent& reply)>;

/// Untyped: aggregates are bytes here. A room calls these one at a time: inputs, on_tick and bot_input in its tick; on_join,
/// on_leave, on_disconnect and on_reconnect when a player comes or goes, between ticks, with the Sim of the last finished one.
struct Game {
    const SchemaInfo* schema = nullptr;
    InterestOptions interest{};
    /// The rules.
    ApplyInput apply_input;
    std::function<void(ServerSim&, Player)> on_join;
    /// Before the player's entities go.
    std::function<void(ServerSim&, Player)> on_leave;
    /// The player's connection is lost, for this reason. It stays in the room, without inputs, until it comes back or leaves after
    /// ServerOptions::resume_within.
    std::function<void(ServerSim&, Player, std::string_view reason)> on_disconnect{};
    std::function<void(ServerSim&, Player)> on_reconnect{};
    /// By type, as far as the game asks for them: in the order in which they came, at the start of the tick, before all inputs.
    std::vector<TakeEvent> on_event{};
    std::vector<AnswerRequest> on_request{};
    /// By type: those that do not reach the game from a player who is muted.
    std::vector<bool> silenced{};
    /// The player has done nothing for IdleOptions::after, and something again.
    std::function<void(ServerSim&, Player)> on_idle{};
    std::function<void(ServerSim&, Player)> on_active{};
    /// Once a tick, after all inputs.
    std::function<void(ServerSim&)> on_tick;
    /// The server is stopping, and the room has so long left. It ends at once where this is absent.
    std::function<void(ServerSim&, std::chrono::milliseconds left)> on_drain{};
    /// What the game knows beyond components and players, when the room is saved after its last tick (ServerOptions::save_directory). With
    /// on_restore, of which an error means that these bytes are of no use: it changes nothing then. A game without the two is not saved.
    std::function<std::vector<std::byte>(ServerSim&)> on_save{};
    std::function<Result<void>(ServerSim&, std::span<const std::byte>)> on_restore{};
    /// The input of a bot's entity for this tick, written to `input` (of schema->inputs[0]); zeros when absent.
    std::function<void(Sim&, Entity, std::byte* input)> bot_input;
};

}  // namespace tidewire
