// The authoritative server: it ticks, applies inputs by the game's rules and tells every client what changed.
//
//     tidewire::Server<game::Schema, Rules> server({.tick_rate = 30});
//     server.on_join([](tidewire::Player player) { player.spawn(game::Pos{}); });
//     return tidewire::run_dedicated(server, argc, argv);
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "tidewire/game.h"
#include "tidewire/result.h"
#include "tidewire/rules.h"
#include "tidewire/server_options.h"

namespace tidewire {

class ServerBase;

/// The standard dedicated server: flags (--help lists them), SIGINT and SIGTERM, one line when it is ready.
/// Returns the exit code of main(): 0 after a clean stop, 1 on a failure, 2 on unusable flags.
int run_dedicated(ServerBase& server, int argc, const char* const* argv);

/// Everything of the server that does not depend on the game's types.
class ServerBase {
public:
    explicit ServerBase(ServerOptions options);
    ~ServerBase();
    ServerBase(ServerBase&&) noexcept;
    ServerBase& operator=(ServerBase&&) noexcept;

    ServerOptions& options() { return options_; }

    /// Checks the options and binds the port. Errors name the remedy: port in use, option out of range.
    Result<void> listen();
    /// The bound port; 0 before listen().
    std::uint16_t port() const;
    /// Runs until stop(), which may come from another thread or a signal handler; clients get close code 1001.
    /// Precondition: listen() succeeded.
    Result<void> run();
    void stop();
    /// Reads certificate and key again for new connections; the others go on with what they have, and so does everybody when the
    /// files are unusable. Safe from another thread or a signal handler.
    void reload_certificate();

protected:
    Game game_;

private:
    friend int run_dedicated(ServerBase& server, int argc, const char* const* argv);

    struct State;
    ServerOptions options_;
    std::unique_ptr<State> state_;
};

/// `Schema` is made by the schema compiler. `Rules` runs on both ends: void operator()(Sim&, Entity, const INPUT&) const, for each
/// of the schema's inputs.
template <class Schema, class Rules>
class Server : public ServerBase {
public:
    using Input = typename Schema::Input;
    using Inputs = typename Schema::Inputs;
    static_assert(
        takes_inputs<Rules, Inputs>,
        "Rules needs void operator()(tidewire::Sim&, tidewire::Entity, const INPUT&) const for each INPUT of the "
        "schema: every struct that is marked (input)");

    explicit Server(ServerOptions options = {}, Rules rules = {}) : ServerBase(std::move(options)) {
        game_.schema = &Schema::info();
        game_.apply_input = to_apply_input(std::move(rules), Inputs{});
    }

    /// Clients are told of what is near them only, by two coordinates of a component: grid(&game::Pos::x, &game::Pos::y). listen()
    /// checks the options and the fields, which must be quantised numbers.
    template <class Component, class X, class Y>
    void grid(X Component::*x, Y Component::*y, GridOptions options = {}) {
        static_assert(std::is_arithmetic_v<X> && std::is_arithmetic_v<Y>, "the grid lies along two numbers");
        game_.interest = {.grid = options,
                          .component = component_index<Component>,
                          .x_offset = offset_of(x),
                          .y_offset = offset_of(y)};
    }

    /// `callback` is void(Player), void(Sim&, Player) or void(ServerSim&, Player).
    template <class Callback>
    void on_join(Callback callback) {
        game_.on_join = with_or_without_sim(std::move(callback));
    }
    template <class Callback>
    void on_leave(Callback callback) {
        game_.on_leave = with_or_without_sim(std::move(callback));
    }
    /// After all inputs of the tick: the rest of the world moves.
    /// `callback` takes a ServerSim& or a Sim&.
    void on_tick(std::function<void(ServerSim&)> callback) { game_.on_tick = std::move(callback); }
    /// A client's event of type T: `callback` is void(ServerSim&, Player, const T&). At the start of the tick, before its inputs. Types
    /// that nobody asked for are counted, and dropped.
    template <class T>
    void on_event(std::function<void(ServerSim&, Player, const T&)> callback) {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        at(game_.on_event, event_index<T>) = [callback = std::move(callback)](ServerSim& sim, Player player,
                                                                              const void* event) {
            callback(sim, player, *static_cast<const T*>(event));
        };
    }
    /// A client's request of type T: `callback` is Result<REPLY>(ServerSim&, Player, const T&), where REPLY is an event of the schema.
    /// The client reads the sentence of an error.
    template <class T, class Callback>
    void on_request(Callback callback) {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        at(game_.on_request, event_index<T>) = [callback = std::move(callback)](
                                                   ServerSim& sim, Player player, const void* request,
                                                   const EmitEvent& reply) -> Result<void> {
            const auto result = callback(sim, player, *static_cast<const T*>(request));
            if (!result) return Unexpected{result.error()};
            reply(event_index<std::decay_t<decltype(*result)>>, &*result);
            return {};
        };
    }
    /// What a bot does with one of its entities in this tick: the first of the schema's inputs.
    void on_bot(std::function<Input(Sim&, Entity)> callback) {
        game_.bot_input = [callback = std::move(callback)](Sim& sim, Entity entity, std::byte* input) {
            *static_cast<Input*>(static_cast<void*>(input)) = callback(sim, entity);
        };
    }

private:
    template <class Callbacks>
    static auto& at(Callbacks& callbacks, std::uint16_t type) {
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

}  // namespace tidewire
