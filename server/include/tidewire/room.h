// What a game does in a room: callbacks, by the types of its schema. A server of one room has them itself; of many, each room has its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tidewire/game.h"
#include "tidewire/result.h"
#include "tidewire/room_description.h"

namespace tidewire {

/// `Self` has a Game game_. A room calls back in one thread at a time; rooms of their own run at the same time, so that they must not
/// share what they change. A callback that throws ends its room, as one that has failed.
template <class Self, class Schema>
class GameCallbacks {
public:
    /// Clients are told of what is near them only, by two coordinates of a component: grid(&game::Pos::x, &game::Pos::y). listen()
    /// checks the options and the fields, which must be quantised numbers.
    template <class Component, class X, class Y>
    void grid(X Component::*x, Y Component::*y, GridOptions options = {}) {
        static_assert(std::is_arithmetic_v<X> && std::is_arithmetic_v<Y>, "the grid lies along two numbers");
        game().interest = {.grid = options,
                          .component = component_index<Component>,
                          .x_offset = offset_of(x),
                          .y_offset = offset_of(y)};
    }

    /// `callback` is void(Player), void(Sim&, Player) or void(ServerSim&, Player).
    template <class Callback>
    void on_join(Callback callback) {
        game().on_join = with_or_without_sim(std::move(callback));
    }
    template <class Callback>
    void on_leave(Callback callback) {
        game().on_leave = with_or_without_sim(std::move(callback));
    }
    /// The player's connection is lost. It stays, without inputs, and comes back, or leaves after ServerOptions::resume_within.
    void on_disconnect(std::function<void(ServerSim&, Player, std::string_view reason)> callback) {
        game().on_disconnect = std::move(callback);
    }
    /// It is connected again; what it missed it is told by itself. `callback` as on_join's.
    template <class Callback>
    void on_reconnect(Callback callback) {
        game().on_reconnect = with_or_without_sim(std::move(callback));
    }
    /// After all inputs of the tick: the rest of the world moves.
    /// `callback` takes a ServerSim& or a Sim&.
    void on_tick(std::function<void(ServerSim&)> callback) { game().on_tick = std::move(callback); }
    /// A client's event of type T: `callback` is void(ServerSim&, Player, const T&). At the start of the tick, before its inputs. Types
    /// that nobody asked for are counted, and dropped.
    template <class T>
    void on_event(std::function<void(ServerSim&, Player, const T&)> callback) {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        at(game().on_event, event_index<T>) = [callback = std::move(callback)](ServerSim& sim, Player player,
                                                                              const void* event) {
            callback(sim, player, *static_cast<const T*>(event));
        };
    }
    /// A client's request of type T: `callback` is Result<REPLY>(ServerSim&, Player, const T&), where REPLY is an event of the schema.
    /// The client reads the sentence of an error.
    template <class T, class Callback>
    void on_request(Callback callback) {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        at(game().on_request, event_index<T>) = [callback = std::move(callback)](
                                                   ServerSim& sim, Player player, const void* request,
                                                   const EmitEvent& reply) -> Result<void> {
            const auto result = callback(sim, player, *static_cast<const T*>(request));
            if (!result) return Unexpected{result.error()};
            reply(event_index<std::decay_t<decltype(*result)>>, &*result);
            return {};
        };
    }
    /// Events and requests of type T are words to others: those of a player who is muted (ServerSim::mute()) are dropped, and counted.
    template <class T>
    void silence_when_muted() {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        at(game().silenced, event_index<T>) = true;
    }
    /// The player has done nothing for ServerOptions::idle.after: no input that differs from the one before, no event and no request. Then
    /// something again: on_active(). In the tick, behind the player's input. `callback` as on_join's.
    template <class Callback>
    void on_idle(Callback callback) {
        game().on_idle = with_or_without_sim(std::move(callback));
    }
    template <class Callback>
    void on_active(Callback callback) {
        game().on_active = with_or_without_sim(std::move(callback));
    }
    /// What a bot does with one of its entities in this tick: the first of the schema's inputs.
    void on_bot(std::function<typename Schema::Input(Sim&, Entity)> callback) {
        game().bot_input = [callback = std::move(callback)](Sim& sim, Entity entity, std::byte* input) {
            *static_cast<typename Schema::Input*>(static_cast<void*>(input)) = callback(sim, entity);
        };
    }
    /// The server is stopping: within `left` the room should end by ServerSim::close_room(), and is ended then. Without this callback it
    /// ends at once.
    void on_drain(std::function<void(ServerSim&, std::chrono::milliseconds left)> callback) {
        game().on_drain = std::move(callback);
    }

    /// The room outlives the server where ServerOptions::save_directory says so: `save` gives what the game knows beyond components and
    /// players, after the room's last tick, and `restore` takes it before the first of another process, when entities and players are as
    /// they were. Its error means that the bytes are of no use; it changes nothing then, and the room begins anew. Players come back by
    /// themselves: on_disconnect() is called for each when it was restored, and on_reconnect() or on_leave() later. A game with on_drain()
    /// has its time first; a room that it closes then is over, and not saved. So is one whose file cannot be written: on_leave() is called
    /// behind `save` then. A file is restored by a server of the very same schema only; of another it is put aside.
    void on_save(std::function<std::vector<std::byte>(ServerSim&)> save,
                 std::function<Result<void>(ServerSim&, std::span<const std::byte>)> restore) {
        game().on_save = std::move(save);
        game().on_restore = std::move(restore);
    }

private:
    Game& game() { return static_cast<Self&>(*this).game_; }
    template <class Callbacks>
    static decltype(auto) at(Callbacks& callbacks, std::uint16_t type) {
        if (callbacks.size() <= type) callbacks.resize(type + std::size_t{1});
        return callbacks[type];
    }
    template <class Component, class T>
    static std::uint16_t offset_of(T Component::*member) {
        const Component component{};
        const auto* const begin = static_cast<const char*>(static_cast<const void*>(&component));
        return static_cast<std::uint16_t>(static_cast<const char*>(static_cast<const void*>(&(component.*member))) -
                                          begin);
    }
    template <class Callback>
    static std::function<void(ServerSim&, Player)> with_or_without_sim(Callback callback) {
        if constexpr (std::is_invocable_v<Callback, ServerSim&, Player>) {
            return callback;
        } else {
            return [callback = std::move(callback)](ServerSim&, Player player) { callback(player); };
        }
    }
};

/// One of several rooms, as Server::on_room() gets it.
template <class Schema>
class Room : public GameCallbacks<Room<Schema>, Schema> {
public:
    Room(Game game, std::uint32_t number, RoomDescription description)
        : game_(std::move(game)), number_(number), description_(std::move(description)) {}

    /// From 1.
    std::uint32_t number() const { return number_; }
    /// What it is called and what it says of itself, to be played by: its map, its mode. Of those of ServerOptions::rooms it is what this
    /// makes of it, by which clients find it.
    RoomDescription& description() { return description_; }
    Game& game() { return game_; }

private:
    friend class GameCallbacks<Room<Schema>, Schema>;
    Game game_;
    std::uint32_t number_;
    RoomDescription description_;
};

}  // namespace tidewire
