// A server in one process: checks what was asked for, binds, and lets one shard run one gate.
#include "tidewire/server.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/net/system.h"
#include "server/gate/fronts.h"
#include "server/gate/http.h"
#include "server/main/server_state.h"
#include "server/room/interest_grid.h"
#include "server/room/interest_ids.h"
#include "server/room/recorder.h"
#include "server/runtime/shard.h"

namespace tidewire {

namespace {

struct Range {
    const char* name;  // of the option; the flag has hyphens
    bool flag;
    std::uint64_t value;
    std::uint64_t min;
    std::uint64_t max;
};

Unexpected refuse(std::string reason) { return unexpected(Blame::Caller, std::move(reason)); }

/// "tick_rate (--tick-rate)": one sentence for programs and for command lines.
std::string with_flag(const Range& range) {
    std::string text = range.name;
    if (!range.flag) return text;
    std::string flag = text;
    std::replace(flag.begin(), flag.end(), '_', '-');
    return text + " (--" + flag + ")";
}

/// What only makes sense beside something else. The ranges are checked already.
Result<void> check_together(const ServerOptions& options) {
    const std::uint32_t humans = options.players_max - options.bots;
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
    const Range ranges[] = {
        {"tick_rate", true, static_cast<std::uint64_t>(options.tick_rate < 0 ? 0 : options.tick_rate), 1, 128},
        {"players_max", true, options.players_max, 1, server::private_groups_max},
        {"connections_max", true, options.connections_max, 0, 1'000'000},
        {"entities_max", false, options.entities_max, 1, 65536},
        {"bots", true, options.bots, 0, options.players_max},
        {"catch_up_ticks_max", false,
         static_cast<std::uint64_t>(options.catch_up_ticks_max < 0 ? 0 : options.catch_up_ticks_max), 1, 1000},
        {"snapshots_held", false, options.snapshots_held, 2, 4096},
        {"ticks_held_for_joins_max", false, options.ticks_held_for_joins_max, 0, 4096},
        {"rewind.depth in ms", false, static_cast<std::uint64_t>(options.rewind.depth.count()), 0,
         static_cast<std::uint64_t>(RewindOptions::depth_max.count())},
        {"rewind.doubt in ms", false, static_cast<std::uint64_t>(options.rewind.doubt.count()), 0, 1000},
        {"rewind.doubt_ticks", false, static_cast<std::uint64_t>(options.rewind.doubt_ticks), 0, 128},
        {"keyframe_bytes_max", false, options.keyframe_bytes_max, 1024, 64 * 1024 * 1024},
        {"client_bytes_per_tick", false, options.client_bytes_per_tick, 0, 64 * 1024 * 1024},
        {"events_unsent_max", false, options.events_unsent_max, 1, 1'000'000},
        {"event_bytes_unsent_max", false, options.event_bytes_unsent_max, 1024, 64 * 1024 * 1024},
        {"transmit_bytes_max", false, options.transmit_bytes_max, 1024, 64 * 1024 * 1024},
        {"first_flight_bytes", false, options.first_flight_bytes, 1024, 64 * 1024 * 1024},
        {"bulk_bytes_max", false, options.bulk_bytes_max, 0, 1024 * 1024 * 1024},
    };
    for (const Range& range : ranges) {
        if (range.value >= range.min && range.value <= range.max) continue;
        return refuse(with_flag(range) + " must be from " + std::to_string(range.min) + " to " +
                      std::to_string(range.max) +
                      (range.name == std::string("bots") ? ", which is players_max (--players-max)" : ""));
    }
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

}  // namespace

ServerBase::ServerBase(ServerOptions options) : options_(std::move(options)), state_(std::make_unique<State>()) {}

ServerBase::~ServerBase() = default;
ServerBase::ServerBase(ServerBase&&) noexcept = default;
ServerBase& ServerBase::operator=(ServerBase&&) noexcept = default;

Result<void> ServerBase::listen() {
    if (auto checked = check(options_); !checked) return checked;
    if (game_.interest.grid)
        if (auto grid = server::InterestGrid::create(game_.interest, *game_.schema); !grid)
            return Unexpected{grid.error()};
    if (auto fronts = server::Fronts::parse(options_.trusted_proxies); !fronts) return Unexpected{fronts.error()};
    auto resources = load_resources(options_, *game_.schema);
    if (!resources) return Unexpected{resources.error()};
    state_->resources = std::move(*resources);
    if (options_.tls.enabled()) {
        auto tls = net::TlsContext::server(options_.tls);
        if (!tls) return Unexpected{tls.error()};
        state_->tls = std::move(*tls);
    }
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{std::move(waker).error()};
    auto listener = net::Listener::listen(options_.address, options_.port);
    if (!listener) return Unexpected{std::move(listener).error()};
    // Last: who cannot listen empties no file.
    if (!options_.record_file.empty()) {
        auto file = server::RecordFile::create(options_.record_file);
        if (!file) return Unexpected{std::move(file).error()};
        state_->record_file.emplace(std::move(*file));
    }
    state_->port = listener->port();
    state_->waker.emplace(std::move(*waker));
    state_->listener.emplace(std::move(*listener));
    return {};
}

std::uint16_t ServerBase::port() const { return state_->port; }

Result<void> ServerBase::run() {
    assert(state_->listener && "listen() comes first");
    server::Gate gate(game_, options_, net::now(), state_->resources);
    std::optional<server::Recorder> recorder;
    if (state_->record_file) {
        recorder.emplace(gate.room(), state_->resources);
        gate.on_tick([this, &recorder] { state_->record(*recorder); });
    }
    auto shard = server::Shard::create(gate, *std::exchange(state_->listener, std::nullopt), *state_->waker);
    if (!shard) return Unexpected{std::move(shard).error()};
    const server::Fronts fronts = server::Fronts::parse(options_.trusted_proxies).value();
    if (options_.proxy_protocol) shard->set_proxy_protocol(fronts);
    if (state_->tls) shard->set_tls(*state_->tls);
    shard->run(state_->signals,
               {.on_event = state_->on_event, .on_reload = [this] { return state_->reload(options_.tls); }});
    state_->record_file.reset();
    state_->gate_counters = gate.counters();
    state_->room_counters = gate.room().counters();
    state_->signals.stop = false;
    return {};
}

void ServerBase::stop() {
    state_->signals.stop.store(true);
    if (state_->waker) state_->waker->wake();
}

void ServerBase::reload_certificate() {
    state_->signals.reload.store(true);
    if (state_->waker) state_->waker->wake();
}

}  // namespace tidewire
