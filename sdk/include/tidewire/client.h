// The client: connect, send input, draw what view() yields. No callbacks, no order of calls to remember, no thread to see: one of its own
// reads, answers and acknowledges whatever the program does, and the game's rules run in the program's calls alone.
//
//     tidewire::Client<game::Schema, Rules> net("ws://localhost:7777");
//     while (net.update()) { net.input({.dx = 1}); for (auto [entity, pos] : net.view<game::Pos>()) draw(pos); }
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "tidewire/bulk.h"
#include "tidewire/event.h"
#include "tidewire/latency.h"
#include "tidewire/options.h"
#include "tidewire/result.h"
#include "tidewire/rules.h"
#include "tidewire/simulated_link.h"
#include "tidewire/state.h"

namespace tidewire {

/// Reconnecting: the connection was lost in the midst of the game, and is tried for anew; update() goes on, and draws what was last known.
enum class ClientStatus : std::uint8_t { Connecting, Joining, Playing, Reconnecting, Closed };

/// For a player who waits: how the client tries to come back. See ReconnectOptions.
struct Reconnecting {
    std::uint32_t attempt = 0;           ///< The one that is on its way, or was the last; 0 before the first.
    std::chrono::milliseconds since{};    ///< Since the loss.
    std::chrono::milliseconds next_in{};  ///< Until the next attempt; 0 while one is on its way.
    std::string reason{};                 ///< Why the last attempt has failed; before the first, of the loss.
};

/// Figures for an overlay. Byte counts are of whole messages since the start.
struct ClientFigures {
    Tick tick = 0;                ///< Of the newest snapshot.
    std::uint64_t snapshots = 0;  ///< Applied since the start.
    std::uint64_t keyframes = 0;
    std::uint64_t desyncs =
        0;  ///< Times that the state was not what the server's hash says. It is set right by keyframes.
    std::string last_desync{};  ///< What differed the last time: tick, group, entity, component and field.
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t inputs_sent = 0;
    std::uint32_t entities = 0;                 ///< Alive in the newest snapshot.
    std::chrono::microseconds snapshot_age{0};  ///< By the synchronised clock.
    std::chrono::microseconds lateness{0};  ///< Of the newest snapshot, against the earliest of the last ten seconds.
    std::chrono::microseconds interpolation_delay{0};
    /// Snapshots that the server had sent beyond those that it knew to be here, when it sent the newest: of these a slow link may hold few.
    std::size_t unacknowledged = 0;
    double draw_tick = 0;  ///< What view() shows, with its fraction.
    /// What view() shows of one's own predicted components: a tick that the server has yet to run. 0 before the first input.
    double predicted_tick = 0;
    std::uint64_t corrections = 0;     ///< Snapshots that showed own entities other than they were predicted.
    std::uint64_t ticks_replayed = 0;  ///< Run again, mostly for corrections.
    /// How early the worst of the latest inputs came to the server, in ticks; below 0: too late. 0 before the server has said so.
    double input_lead = 0;
    /// The part by which the clock of inputs runs faster than time, to hold that lead; below 0: slower.
    double dilation = 0;
    std::uint64_t events_arrived = 0;    ///< Told as the server's word.
    std::uint64_t events_predicted = 0;  ///< Told by one's own rules, ahead of it.
    std::uint64_t events_confirmed = 0;  ///< Of those, said by the server too.
    std::uint64_t events_retracted = 0;  ///< And not.
    std::uint64_t events_unknown = 0;    ///< Passed over: the server's schema is newer.
};

/// Everything of the client that does not depend on the game's types.
class ClientBase {
public:
    /// Without `rules` nothing is predicted.
    ClientBase(const SchemaInfo& schema, std::string_view url, ClientOptions options, ApplyInput rules = {});
    ~ClientBase();
    ClientBase(ClientBase&&) noexcept;
    ClientBase& operator=(ClientBase&&) noexcept;

    /// The next frame of a program without a frame clock of its own: takes what arrived, moves the picture to now and waits until the next
    /// tick is due, so that it sends one input per tick. Before Playing it returns at least every 50 ms. False once the connection is
    /// closed: see error(). Who calls none of the three for a second is told nothing, as if by suspend(), until the next call; the player
    /// stays, and nothing of the lost time is made good but the last 150 ms of inputs.
    bool update();
    /// The same without waiting, for an engine that knows how long each of its frames is shown, in seconds of real time: the picture moves
    /// on by so much, evenly, and is held to the clock gently. Where it is off by more than 50 ms it jumps ahead, or waits.
    bool update(std::chrono::duration<double> frame);
    /// The same for a program that draws frames and does not know: the picture is that of the moment of the call.
    bool poll();

    /// Nobody looks: the server stops telling of its world and keeps the player, whose input is then none. For a hidden window or tab.
    void suspend();
    /// Somebody looks again: the next ticks bring the newest state.
    void resume();

    /// For development: from now on the connection is as bad as one of simulated_links(), both ways, beside what it is by itself. Nothing
    /// that is on its way is lost. By an empty name it is as it is. False, and nothing changes: there is none of this name.
    bool simulate_link(std::string_view name);
    /// Its name; empty: the link is as it is.
    std::string_view simulated_link() const;

    /// Leaves: a close frame is sent and answered within a second at most. The destructor does the same. A connection that is still to be
    /// made is given up at once.
    void close();

    ClientStatus status() const;
    /// 0 before Playing, and of a spectator.
    PlayerId player() const;
    /// See ClientOptions::spectate; false before Playing. A spectator's input() is nobody's, and its send() says so.
    bool spectates() const;
    /// How much later than the players a spectator sees the game.
    std::chrono::milliseconds spectator_delay() const;
    /// Where it plays: what it is called, and the code that friends need if it is private.
    RoomIdentity room() const;
    /// In Hz; 0 before Playing.
    int tick_rate() const;
    bool mine(const Entity& entity) const { return player() != 0 && entity.owner() == player(); }
    /// True once per tick of the server's rate: the moment to send an input. update() returns at these moments. Like all above it is what
    /// the last frame found.
    bool input_due() const;
    Latency latency() const;
    ClientFigures figures() const;
    /// The bulk transfer of the server's that is on its way, for a progress bar; empty when none is.
    std::optional<BulkProgress> bulk() const;
    /// The oldest one that is whole: a map, a replay. Those that are not taken count in ClientOptions::bulk_bytes_max; beyond it the
    /// connection ends.
    std::optional<Bulk> take_bulk();
    /// Empty but while status() is Reconnecting. Whoever closes the client then stays in the room until the server gives up the place.
    std::optional<Reconnecting> reconnecting() const;
    /// How often it came back.
    std::uint32_t resumes() const;
    /// Why the connection ended, in a sentence that names the remedy; empty while it lives and after close().
    const std::optional<Error>& error() const;
    /// When the server that ended it thinks another try worth it: it restarts, or is full. Wait so long and a random part of it more, for
    /// everybody else was told the same. Empty while it lives, and where the server has not said.
    std::optional<std::chrono::milliseconds> retry_after() const;

protected:
    void send_input(std::uint16_t type, const void* aggregate);
    World& drawn();
    Result<void> send_event(std::uint16_t type, const void* event);
    RequestId send_request(std::uint16_t type, const void* event);
    std::optional<Result<void>> take_reply(RequestId request, std::uint16_t type, void* event);
    std::span<const EventRecord> arrived_events(std::uint16_t type);
    std::span<const EventRecord> retracted_events(std::uint16_t type);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// `Schema` is made by the schema compiler. `Rules` runs on both ends: void operator()(Sim&, Entity, const INPUT&) const, for each
/// of the schema's inputs. Here it runs within update(), poll() and input(), and may call nothing of the client.
template <class Schema, class Rules>
class Client : public ClientBase {
public:
    using Input = typename Schema::Input;
    using Inputs = typename Schema::Inputs;
    static_assert(
        takes_inputs<Rules, Inputs>,
        "Rules needs void operator()(tidewire::Sim&, tidewire::Entity, const INPUT&) const for each INPUT of the "
        "schema: every struct that is marked (input)");

    /// Connects in the background; trouble with the URL or the server is in error() and makes update() false.
    explicit Client(std::string_view url, ClientOptions options = {}, Rules rules = {})
        : ClientBase(Schema::info(), url, std::move(options), to_apply_input(std::move(rules), Inputs{})) {}

    /// The input of the next tick, which is one input of one type. The last call before a tick counts, and it is held for the ticks
    /// after it until the next call. Where one is due it is sent at once.
    void input(const Input& value) { send_input(input_index<Input>, &value); }
    /// The same for the schema's other inputs.
    template <class T>
    void input(const T& value) {
        static_assert(is_input<T, Inputs>, "the schema has no such input: mark the struct as (input)");
        send_input(input_index<T>, &value);
    }

    /// Entities with all of these components, as they should be drawn now: between two snapshots, a little in the past. The components
    /// of one's own entities that the schema calls predicted are where one's inputs have brought them by the rules, ahead of the server;
    /// where it comes to something else they are set right, and drawn there smoothly as far as they have fields that are interpolated.
    template <class... Components>
    View<const Components...> view() {
        return View<const Components...>(drawn());
    }

    /// An event for the server, once and in order with all others. Errors name the remedy: before Playing, of a spectator, too large, too
    /// many at once (ClientOptions::events), or the link stands still.
    template <class T>
    Result<void> send(const T& event) {
        return send_event(event_type<T>(), &event);
    }
    /// The events of type T that came since the last frame, each once and in order: look once a frame, between update() or poll() and
    /// the next. What one's own rules emit is among them when they first run. Valid until the next update(), poll() or input().
    template <class T>
    Events<T> events() {
        return Events<T>(arrived_events(event_type<T>()));
    }
    /// The same of those that events() told as predicted and that the server's rules did not emit: take back what was shown of them.
    template <class T>
    Events<T> retracted() {
        return Events<T>(retracted_events(event_type<T>()));
    }
    /// An event that the server answers. If it cannot be sent, reply() says why.
    template <class T>
    RequestId request(const T& event) {
        return send_request(event_type<T>(), &event);
    }
    /// Empty while the server has not answered. Then, once, the answer or why there is none: the server's own sentence, or that it
    /// did not answer within ClientOptions::request_timeout.
    template <class T>
    std::optional<Result<T>> reply(RequestId request) {
        T event{};
        const std::optional<Result<void>> taken = take_reply(request, event_type<T>(), &event);
        if (!taken) return std::nullopt;
        if (!*taken) return Result<T>(Unexpected{taken->error()});
        return Result<T>(std::move(event));
    }

private:
    template <class T>
    static constexpr std::uint16_t event_type() {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        return event_index<T>;
    }
};

/// Prints the error, if there is one, to stderr. Returns the exit code of main(): 0 or 1.
int report(const std::optional<Error>& error);

}  // namespace tidewire
