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
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tidewire/authenticate.h"
#include "tidewire/ban.h"
#include "tidewire/game.h"
#include "tidewire/result.h"
#include "tidewire/room.h"
#include "tidewire/room_description.h"
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

    /// Decides who comes in, instead of ServerOptions::admission: one of the ready-made authenticators, or the game's own. Before listen().
    ///
    ///     server.on_authenticate([](const tidewire::JoinRequest& request) -> tidewire::Verdict {
    ///         if (auto account = accounts->find(request.token)) return tidewire::Identity{.subject = account->id, .name = account->name};
    ///         return tidewire::Refusal{tidewire::Refusal::Kind::Denied, "sign in first"};
    ///     });
    void on_authenticate(Authenticator authenticator) { authenticator_ = std::move(authenticator); }
    void on_authenticate(Authenticate authenticate) { authenticator_ = {.authenticate = std::move(authenticate)}; }

    /// Decides on the rooms that clients want to open, where ServerOptions::client_rooms lets them. Before listen().
    void on_create_room(AllowRoom allow) { allow_room_ = std::move(allow); }

    // Rooms beside those of ServerOptions::rooms, each with a game of its own by on_room(). From any thread, once listen() succeeded.
    /// Errors: another open room, or a saved one that run() restores, has its name, or a text or a number of it does not work. Before run() has
    /// opened the rooms of ServerOptions::rooms their names are yet unknown: one that takes such a name makes run() fail.
    Result<void> open_room(RoomDescription room);
    /// Its players are sent away with this reason (1000). Errors: there is none of this name.
    Result<void> close_room(std::string_view name, std::string_view reason);
    /// Keeps a place for who brings the text that this returns as RoomWish::reservation: for a player whom a matchmaker has just told to come.
    /// Errors: there is no such room, or no place free.
    Result<std::string> reserve(std::string_view room, std::chrono::milliseconds within = std::chrono::seconds(15));

    /// Checks the options and binds the port. Errors name the remedy: port in use, option out of range.
    Result<void> listen();
    /// The bound port; 0 before listen().
    std::uint16_t port() const;
    /// Runs until stop(), or until the last room has ended. Precondition: listen() succeeded. Errors: the last room has failed, for the
    /// reason that the sentence says.
    Result<void> run();
    /// Nobody joins any more, rooms end as they like within ServerOptions::drain_max (see on_drain()), and clients get close code 1001. A
    /// second call ends at once. Safe from another thread or a signal handler, though not while listen() runs.
    void stop();
    /// Reads the certificate and the keys of the authenticator again, for new connections and joins; the others go on as they are, and so
    /// does everybody with what was there before when the files are unusable. Safe from another thread or a signal handler.
    void reload();

    // Whom the operator does not want. From any thread, also before run() and between runs, after listen() succeeded; done by the next tick
    // of the room. What a game itself wants stands in ServerSim.
    void kick(std::uint32_t room, PlayerId player, std::string reason);
    /// See ServerSim::mute().
    void mute(std::uint32_t room, PlayerId player, std::chrono::milliseconds time);
    /// Whoever is in a room already is sent away. Errors are the caller's, with the remedy.
    Result<BanId> ban(Ban ban);
    /// False when there is none.
    bool lift_ban(BanId id);
    /// Those that are not over.
    std::vector<ListedBan> bans() const;

protected:
    Game game_;
    Authenticator authenticator_;
    AllowRoom allow_room_;
    std::function<void(Game&, std::uint32_t number, RoomDescription& description)> make_room_;

private:
    friend int run_dedicated(ServerBase& server, int argc, const char* const* argv);

    Game make_game(std::uint32_t number, RoomDescription& description) const;
    Result<void> check_room(const RoomDescription& room) const;

    struct State;
    ServerOptions options_;
    std::unique_ptr<State> state_;
};

/// `Schema` is made by the schema compiler. `Rules` runs on both ends: void operator()(Sim&, Entity, const INPUT&) const, for each
/// of the schema's inputs.
template <class Schema, class Rules>
class Server : public ServerBase, public GameCallbacks<Server<Schema, Rules>, Schema> {
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

    /// Each of ServerOptions::rooms has a game of its own, that `callback`, a void(Room<Schema>&), makes: with callbacks that share nothing
    /// that changes with those of other rooms. It begins with the server's own. Called before the first tick, in the thread of run(); for
    /// rooms that are opened later in the thread that will run them, one after another.
    template <class Callback>
    void on_room(Callback callback) {
        make_room_ = [callback = std::move(callback)](Game& game, std::uint32_t number, RoomDescription& description) {
            Room<Schema> room(std::move(game), number, std::move(description));
            callback(room);
            game = std::move(room.game());
            description = std::move(room.description());
        };
    }

private:
    friend class GameCallbacks<Server<Schema, Rules>, Schema>;
};

}  // namespace tidewire
