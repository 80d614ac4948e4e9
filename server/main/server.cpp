// A server in one process: checks what was asked for, binds, and lets shards run the rooms.
#include "tidewire/server.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/room_texts.h"
#include "sdk/net/socket_options.h"
#include "sdk/net/system.h"
#include "server/gate/fronts.h"
#include "server/gate/http.h"
#include "server/main/ban_keeper.h"
#include "server/main/file_errand.h"
#include "server/main/server_state.h"
#include "server/room/interest_grid.h"
#include "server/room/interest_ids.h"
#include "server/room/recorder.h"
#include "server/runtime/shards.h"

namespace tidewire {

namespace {

struct Range {
    const char* name;  // of the option
    const char* flag;  // of the program
    std::uint64_t value;
    std::uint64_t min;
    std::uint64_t max;
};

Unexpected refuse(std::string reason) { return unexpected(Blame::Caller, std::move(reason)); }

/// "tick_rate (--tick-rate)": one sentence for programs and for command lines.
std::string with_flag(const Range& range) { return std::string(range.name) + " (" + range.flag + ")"; }

Result<void> check(const EventRate& rate) {
    struct RateRange {
        const char* name;
        const char* flag;
        double value;
        std::uint32_t min;
        std::uint32_t max;
    };
    constexpr std::uint32_t bytes_max = 64 * 1024 * 1024;
    const RateRange ranges[] = {
        {"client_events.per_second", "--client-events-per-second", rate.per_second, 0, 1'000'000},
        {"client_events.burst", "--client-events-burst", rate.burst, 1, 1'000'000},
        {"client_events.bytes_per_second", "--client-event-bytes-per-second", rate.bytes_per_second, 0, bytes_max},
        {"client_events.bytes_burst", "--client-event-bytes-burst", rate.bytes_burst, 1, bytes_max},
    };
    for (const RateRange& range : ranges)
        // What is no number is in no range.
        if (!(range.value >= range.min && range.value <= range.max))
            return refuse(std::string(range.name) + " (" + range.flag + ") must be from " + std::to_string(range.min) + " to " +
                          std::to_string(range.max) + ": a client that sends more is sent away; take more than its ClientOptions::events");
    return {};
}

/// What only makes sense beside something else. The ranges are checked already.
Result<void> check_together(const ServerOptions& options) {
    const std::uint64_t humans = std::uint64_t{options.rooms} * (options.players_max - options.bots);
    if (options.connections_limit() < humans)
        return refuse(
            "connections_max (--connections-max) is " + std::to_string(options.connections_max) + ", too few for the " +
            std::to_string(humans) +
            " places that players_max (--players-max) has for humans; raise the one, lower the other, or leave "
            "connections_max at 0");
    if (options.proxy_protocol && options.trusted_proxies.empty())
        return refuse(
            "proxy_protocol (--proxy-protocol) needs trusted_proxies (--trusted-proxy): say from which network "
            "the proxies come, as 10.0.0.0/8");
    for (const std::string& origin : options.origins)
        if (!server::is_origin(origin))
            return refuse("\"" + printable(origin) +
                          "\" is no origin (--origin): write scheme://host or scheme://host:port without a path, as "
                          "https://example.com, or * for all");
    return {};
}

Result<void> check(const ServerOptions& options) {
    constexpr std::uint64_t idle_max = 7 * 86'400'000;
    const Range ranges[] = {
        {"tick_rate", "--tick-rate", static_cast<std::uint64_t>(options.tick_rate < 0 ? 0 : options.tick_rate), 1, 128},
        {"players_max", "--players-max", options.players_max, 1, server::private_groups_max},
        {"rooms", "--rooms", options.rooms, 1, 4096},
        {"shards", "--shards", options.shards, 0, 64},
        {"client_rooms.rooms_max", "--client-rooms-max", options.client_rooms.rooms_max, 0, 4096},
        {"client_rooms.empty_for in ms", "--room-empty-seconds",
         static_cast<std::uint64_t>(options.client_rooms.empty_for.count()), 100, 86'400'000},
        {"client_rooms.watchers_max", "--room-watchers-max", options.client_rooms.watchers_max, 0, 100'000},
        {"retry_after in ms", "--retry-after-ms", static_cast<std::uint64_t>(options.retry_after.count()), 0, 3'600'000},
        {"resume_within in ms", "--resume-seconds", static_cast<std::uint64_t>(options.resume_within.count()), 0, 3'600'000},
        {"unread_timeout in ms", "--unread-timeout-ms", static_cast<std::uint64_t>(options.unread_timeout.count()), 100, 3'600'000},
        {"drain_max in ms", "--drain-seconds", static_cast<std::uint64_t>(options.drain_max.count()), 0, 86'400'000},
        {"spectators_max", "--spectators-max", options.spectators_max, 0, 65'536},
        {"spectator_delay in ms", "--spectator-delay-seconds", static_cast<std::uint64_t>(options.spectator_delay.count()), 0, 3'600'000},
        {"spectator_bytes_max", "--spectator-bytes-max", options.spectator_bytes_max, 1024 * 1024, 1024 * 1024 * 1024 - 1},
        {"idle.after in ms", "--idle-seconds", static_cast<std::uint64_t>(options.idle.after.count()), 0, idle_max},
        {"idle.kick_after in ms", "--idle-kick-seconds", static_cast<std::uint64_t>(options.idle.kick_after.count()), 0, idle_max},
        {"idle.hidden_kick_after in ms", "--hidden-kick-seconds",
         static_cast<std::uint64_t>(options.idle.hidden_kick_after.count()), 0, idle_max},
        {"connections_max", "--connections-max", options.connections_max, 0, 1'000'000},
        {"connections_per_address_max", "--connections-per-address-max", options.connections_per_address_max, 0, 1'000'000},
        {"entities_max", "--entities-max", options.entities_max, 1, 65536},
        {"bots", "--bots", options.bots, 0, options.players_max},
        {"catch_up_ticks_max", "--catch-up-ticks-max",
         static_cast<std::uint64_t>(options.catch_up_ticks_max < 0 ? 0 : options.catch_up_ticks_max), 1, 1000},
        {"snapshots_held", "--snapshots-held", options.snapshots_held, 2, 4096},
        {"ticks_held_for_joins_max", "--ticks-held-for-joins-max", options.ticks_held_for_joins_max, 0, 4096},
        {"rewind.depth in ms", "--rewind-depth-ms", static_cast<std::uint64_t>(options.rewind.depth.count()), 0,
         static_cast<std::uint64_t>(RewindOptions::depth_max.count())},
        {"rewind.doubt in ms", "--rewind-doubt-ms", static_cast<std::uint64_t>(options.rewind.doubt.count()), 0, 1000},
        {"rewind.doubt_ticks", "--rewind-doubt-ticks", static_cast<std::uint64_t>(options.rewind.doubt_ticks), 0, 128},
        {"keyframe_bytes_max", "--keyframe-bytes-max", options.keyframe_bytes_max, 1024, 64 * 1024 * 1024},
        {"client_bytes_per_tick", "--client-bytes-per-tick", options.client_bytes_per_tick, 0, 64 * 1024 * 1024},
        {"events_unsent_max", "--events-unsent-max", options.events_unsent_max, 1, 1'000'000},
        {"event_bytes_unsent_max", "--event-bytes-unsent-max", options.event_bytes_unsent_max, 1024, 64 * 1024 * 1024},
        {"transmit_bytes_max", "--transmit-bytes-max", options.transmit_bytes_max, 1024, 64 * 1024 * 1024},
        {"first_flight_bytes", "--first-flight-bytes", options.first_flight_bytes, 1024, 64 * 1024 * 1024},
        {"bulk_bytes_max", "--bulk-bytes-max", options.bulk_bytes_max, 0, 1024 * 1024 * 1024},
    };
    for (const Range& range : ranges) {
        if (range.value >= range.min && range.value <= range.max) continue;
        return refuse(with_flag(range) + " must be from " + std::to_string(range.min) + " to " +
                      std::to_string(range.max) +
                      (range.name == std::string("bots") ? ", which is players_max (--players-max)" : ""));
    }
    if (auto checked = check(options.client_events); !checked) return checked;
    return check_together(options);
}

/// Errors name the file and what is wrong with it.
Result<Bytes> read_file(const std::string& path, const char* option) {
    std::ifstream stream(path, std::ios::binary);
    std::error_code error;
    if (!stream || std::filesystem::is_directory(path, error))
        return unexpected(Blame::Machine, std::string(option) + ": cannot read \"" + printable(path) + "\"");
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    const ByteSpan bytes = as_bytes(text);
    return Bytes(bytes.begin(), bytes.end());
}

Result<server::RoomResources> load_resources(const ServerOptions& options, const SchemaInfo& schema) {
    server::RoomResources resources;
    if (!options.code_tables_file.empty()) {
        const auto bytes = read_file(options.code_tables_file, "code_tables_file (--code-tables)");
        if (!bytes) return Unexpected{bytes.error()};
        auto tables = replication::CodeTables::parse(*bytes);
        if (!tables)
            return refuse("code_tables_file (--code-tables): \"" + printable(options.code_tables_file) +
                          "\": " + tables.error().message);
        if (tables->schema_hash() != 0 && tables->schema_hash() != schema.hash)
            return refuse("code_tables_file (--code-tables): \"" + printable(options.code_tables_file) +
                          "\" was trained for another schema; record a room of this game and train them again");
        resources.code_tables = std::move(*tables);
    }
    if (!options.dictionary_file.empty()) {
        const auto bytes = read_file(options.dictionary_file, "dictionary_file (--dictionary)");
        if (!bytes) return Unexpected{bytes.error()};
        auto dictionary = wire::Dictionary::parse(*bytes);
        if (!dictionary)
            return refuse("dictionary_file (--dictionary): \"" + printable(options.dictionary_file) +
                          "\": " + dictionary.error().message);
        resources.dictionary = std::move(*dictionary);
    }
    if (auto refusal = server::refuse_resources(resources, options.transmit_bytes_max))
        return refuse(std::move(*refusal));
    return resources;
}

/// Of one room it is the file itself; of many each has its own, with the number behind the name.
std::string record_path(const ServerOptions& options, std::uint32_t room) {
    return options.rooms == 1 ? options.record_file : options.record_file + "." + std::to_string(room);
}

std::uint32_t shard_count(const ServerOptions& options) {
    if (options.shards != 0) return options.shards;
    return std::max(1U, std::min(64U, std::thread::hardware_concurrency()));
}

/// Keeps what its room says in a file, as long as that can be written.
class RoomRecording {
public:
    RoomRecording(server::Room& room, const server::RoomResources& resources, server::RecordFile file,
                  const std::function<void(const Error&)>& on_failed)
        : recorder_(room, resources), file_(std::move(file)), on_failed_(&on_failed) {}

    void record_tick() {
        if (!file_) return;
        bytes_.clear();
        Result<void> recorded = recorder_.record(bytes_);
        if (recorded) recorded = file_->write(bytes_);
        if (recorded) return;
        file_.reset();
        if (*on_failed_) (*on_failed_)(recorded.error());
    }

private:
    server::Recorder recorder_;
    std::optional<server::RecordFile> file_;
    const std::function<void(const Error&)>* on_failed_;
    Bytes bytes_;  // of the tick at hand
};

}  // namespace

ServerBase::ServerBase(ServerOptions options) : options_(std::move(options)), state_(std::make_unique<State>()) {}

ServerBase::~ServerBase() = default;
ServerBase::ServerBase(ServerBase&&) noexcept = default;
ServerBase& ServerBase::operator=(ServerBase&&) noexcept = default;

Result<void> ServerBase::listen() {
    if (auto checked = check(options_); !checked) return checked;
    if ((options_.rooms > 1 || options_.client_rooms.allowed) && !make_room_)
        return refuse((options_.rooms > 1 ? "rooms (--rooms) is " + std::to_string(options_.rooms)
                                          : std::string("clients may open rooms (--client-rooms)")) +
                      ", and this game does not say how a room gets a game of its own: give it Server::on_room()");
    if (game_.interest.grid)
        if (auto grid = server::InterestGrid::create(game_.interest, *game_.schema); !grid)
            return Unexpected{grid.error()};
    if (auto fronts = server::Fronts::parse(options_.trusted_proxies); !fronts) return Unexpected{fronts.error()};
    if (auto readers = server::Fronts::parse(options_.metrics_from); !readers)
        return refuse("metrics_from (--metrics-from): " + readers.error().message);
    auto admission = server::choose_authenticator(options_, authenticator_);
    if (!admission) return Unexpected{std::move(admission).error()};
    auto resources = load_resources(options_, *game_.schema);
    if (!resources) return Unexpected{resources.error()};
    std::optional<net::TlsContext> tls;
    if (options_.tls.enabled()) {
        auto context = net::TlsContext::server(options_.tls);
        if (!context) return Unexpected{context.error()};
        tls = std::move(*context);
    }
    auto site = std::make_unique<server::Site>(*game_.schema, options_, std::move(*resources),
                                               server::AdmissionSetup{.authenticator = admission->authenticator, .allow_room = allow_room_},
                                               net::system_random());
    if (!options_.bans_file.empty())
        if (auto loaded = server::load_bans(options_.bans_file, site->bans); !loaded) return loaded;
    // Before the port opens: whoever comes then finds the rooms as they were.
    std::unique_ptr<server::RoomKeeper> keeper;
    if (!options_.save_directory.empty()) {
        state_->keeper.reset();  // of a run before, which would keep this one out of its folder
        auto opened = server::RoomKeeper::open(*site, options_.save_directory);
        if (!opened) return Unexpected{std::move(opened).error()};
        keeper = std::move(*opened);
        keeper->restore_tokens(admission->authenticator);
    }
    auto listener = net::Listener::listen(options_.address, options_.port, net::SocketOptions::for_play());
    if (!listener) return Unexpected{std::move(listener).error()};
    const std::uint16_t port = listener->port();
    auto shards = server::Shards::create(*site, shard_count(options_), std::move(*listener),
                                         {.drain_max = options_.drain_max});
    if (!shards) return Unexpected{std::move(shards).error()};
    if (tls) (*shards)->set_tls(*tls);
    // Last: who cannot listen empties no file.
    std::vector<server::RecordFile> files;
    for (std::uint32_t room = 1; !options_.record_file.empty() && room <= options_.rooms; ++room) {
        auto file = server::RecordFile::create(record_path(options_, room));
        if (!file) return Unexpected{std::move(file).error()};
        files.push_back(std::move(*file));
    }
    state_->signalled = nullptr;
    state_->shards = std::move(*shards);
    state_->keeper = std::move(keeper);
    state_->site = std::move(site);
    state_->admission = std::move(*admission);
    state_->record_files = std::move(files);
    state_->port = port;
    state_->signalled = state_->shards.get();
    return {};
}

std::uint16_t ServerBase::port() const { return state_->port; }

Result<void> ServerBase::run() {
    assert(state_->shards && "listen() comes first");
    server::Shards& shards = *state_->shards;
    std::vector<std::unique_ptr<RoomRecording>> recordings;
    state_->site->make_game = [this](server::RoomNumber number, RoomDescription room) {
        const std::lock_guard lock(state_->making_room);
        return make_game(static_cast<std::uint32_t>(number), room);
    };
    const auto restore = [&](server::RoomNumber number) {
        return state_->keeper->restore(shards, number, [&](RoomDescription& room) {
            return make_game(static_cast<std::uint32_t>(number), room);
        });
    };
    const auto open = [&](std::uint32_t number) -> Result<server::HostedRoom*> {
        const server::RoomNumber room{number};
        if (server::HostedRoom* const restored = state_->keeper ? restore(room) : nullptr) return restored;
        RoomDescription description{.name = std::to_string(number)};
        Game game = make_game(number, description);
        if (auto checked = check_room(description); !checked) return Unexpected{checked.error()};
        if (state_->site->directory.has(description.name))
            return refuse("two rooms are called \"" + printable(description.name) + "\": give each its own name in on_room()");
        return &shards.open_room({.number = room, .room = std::move(description), .game = std::move(game)});
    };
    for (std::uint32_t number = 1; number <= options_.rooms; ++number) {
        const auto opened = open(number);
        if (!opened) return Unexpected{opened.error()};
        server::HostedRoom& room = **opened;
        if (state_->record_files.empty()) continue;
        recordings.push_back(std::make_unique<RoomRecording>(room.room(), state_->site->resources,
                                                             std::move(state_->record_files[number - 1]),
                                                             state_->on_record_failed));
        room.set_on_tick([recording = recordings.back().get()] { recording->record_tick(); });
    }
    state_->record_files.clear();
    if (state_->keeper)
        for (const server::RoomNumber number : state_->keeper->saved()) restore(number);
    const auto tell_news = [&] {
        if (state_->keeper && state_->on_event)
            for (const server::GateEvent& news : state_->keeper->take_news()) state_->on_event(news);
    };
    tell_news();
    std::optional<server::FileErrand> keys;
    if (state_->admission.authenticator.reload)
        keys.emplace(state_->admission.authenticator.reload, [this](const Result<void>& read) {
            if (state_->on_reload) state_->on_reload("keys", read);
        });
    std::optional<server::BanKeeper> bans;
    if (!options_.bans_file.empty()) bans.emplace(options_.bans_file, state_->site->bans, state_->on_bans_failed);
    std::string failure;  // of the last room that has failed
    const auto ran = shards.run({.on_event =
                    [&](const server::GateEvent& event) {
                        if (event.kind == server::GateEvent::Kind::RoomFailed) failure = event.reason;
                        if (state_->on_event) state_->on_event(event);
                    },
                .on_reload =
                    [&] {
                        if (keys) keys->request();
                        if (state_->on_reload_asked) state_->on_reload_asked();
                        return state_->reload(options_.tls);
                    }});
    if (state_->keeper) state_->keeper->save_tokens(state_->admission.authenticator);
    tell_news();
    if (!ran) return Unexpected{ran.error()};
    state_->gate_counters = shards.counters();
    state_->room_counters = shards.room_counters();
    if (!failure.empty() && !shards.stopped_by_caller())
        return unexpected(Blame::Caller, "the last room has failed: " + failure);
    return {};
}

Game ServerBase::make_game(std::uint32_t number, RoomDescription& description) const {
    Game game = game_;
    if (make_room_) make_room_(game, number, description);
    return game;
}

Result<void> ServerBase::check_room(const RoomDescription& room) const {
    if (const auto refusal = refuse_room_texts(room.name, room.properties, room.code)) return refuse(*refusal);
    if (room.seats != 0 && (room.seats <= options_.bots || room.seats > options_.players_max))
        return refuse("a room has more seats than there are bots, and at most as many as players_max (--players-max)");
    return {};
}

Result<void> ServerBase::open_room(RoomDescription room) {
    if (!state_->site) return refuse("rooms are opened while the server runs: call listen() and run() first");
    if (!make_room_) return refuse("this game does not say how a room gets a game of its own: give it Server::on_room()");
    if (auto checked = check_room(room); !checked) return checked;
    // Between listen() and run().
    if (state_->keeper && state_->keeper->has(room.name))
        return refuse("a room called \"" + printable(room.name) + "\" was saved, and run() restores it; take another name");
    if (room.seats == 0) room.seats = options_.players_max;
    const auto placed = state_->site->directory.order({.room = std::move(room), .bots = options_.bots});
    if (const auto* const refusal = std::get_if<Refusal>(&placed)) return refuse(refusal->message);
    state_->site->wake(std::get<server::RoomPlace>(placed).shard);
    return {};
}

Result<void> ServerBase::close_room(std::string_view name, std::string_view reason) {
    const auto place = state_->site ? state_->site->directory.order_end(name, reason) : std::nullopt;
    if (!place) return refuse("there is no open room called \"" + printable(name) + "\"");
    state_->site->wake(place->shard);
    return {};
}

Result<std::string> ServerBase::reserve(std::string_view room, std::chrono::milliseconds within) {
    if (!state_->site) return refuse("places are kept while the server runs: call listen() and run() first");
    auto kept = state_->site->directory.reserve(room, net::now() + within);
    if (const auto* const refusal = std::get_if<Refusal>(&kept)) return refuse(refusal->message);
    return std::move(std::get<std::string>(kept));
}

void ServerBase::stop() {
    if (server::Shards* const shards = state_->signalled.load()) shards->stop();
}

void ServerBase::reload() {
    if (server::Shards* const shards = state_->signalled.load()) shards->reload();
}

}  // namespace tidewire
