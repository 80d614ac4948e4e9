// What ServerBase hides, shared with the dedicated command line: not public.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "server/gate/gate_event.h"
#include "server/gate/site.h"
#include "server/main/authenticator_choice.h"
#include "server/main/record_file.h"
#include "server/main/room_keeper.h"
#include "server/runtime/shards.h"
#include "tidewire/server.h"

namespace tidewire {

struct ServerBase::State {
    /// From listen() on, until the next; a signal may come at any time.
    std::unique_ptr<server::Site> site;
    std::unique_ptr<server::RoomKeeper> keeper;  // null: rooms are not saved
    std::unique_ptr<server::Shards> shards;
    std::atomic<server::Shards*> signalled = nullptr;
    std::uint16_t port = 0;
    std::function<void(const server::GateEvent&)> on_event;
    /// How reading "certificate" or "keys" again went. From two threads.
    std::function<void(const char* what, const Result<void>&)> on_reload;
    std::function<void()> on_reload_asked;  // beside what the server itself reads again; in the thread of run()
    std::function<void(const Error&)> on_record_failed;  // the recording ended before the server did
    std::function<void(const Error&)> on_bans_failed;    // they could not be written to their file; from any thread
    /// The certificate as its files have it now; empty, and told to on_reload, when they are unusable.
    std::optional<net::TlsContext> reload(const TlsServerOptions& options) {
        if (!options.enabled()) return std::nullopt;
        auto context = net::TlsContext::server(options);
        if (on_reload) on_reload("certificate", context ? Result<void>() : Result<void>(Unexpected{context.error()}));
        if (!context) return std::nullopt;
        return std::move(*context);
    }

    std::mutex making_room;  // by on_room(), for shards that open one at the same time

    server::AuthenticatorChoice admission;           // as of listen()
    std::vector<server::RecordFile> record_files;  // one for each room, or none

    server::GateCounters gate_counters;  // of the last run()
    server::RoomCounters room_counters;  // of the last run()
};

}  // namespace tidewire
