// What ServerBase hides, shared with the dedicated command line: not public.
#pragma once

#include <functional>
#include <optional>

#include "sdk/net/socket.h"
#include "sdk/net/waker.h"
#include "server/gate/gate.h"
#include "server/gate/gate_event.h"
#include "server/main/record_file.h"
#include "server/room/recorder.h"
#include "server/runtime/shard.h"
#include "tidewire/server.h"

namespace tidewire {

struct ServerBase::State {
    std::optional<net::Listener> listener;  // between listen() and run()
    std::uint16_t port = 0;
    std::optional<net::Waker> waker;  // from listen() on
    server::ShardSignals signals;
    std::function<void(const server::GateEvent&)> on_event;
    std::function<void(const Result<void>&)> on_reload;  // how reading the certificate again went
    std::function<void(const Error&)> on_record_failed;  // the recording ended before the server did
    std::optional<net::TlsContext> tls;
    /// The certificate as its files have it now; empty, and told to on_reload, when they are unusable.
    std::optional<net::TlsContext> reload(const TlsServerOptions& options) {
        if (!options.enabled()) return std::nullopt;
        auto context = net::TlsContext::server(options);
        if (on_reload) on_reload(context ? Result<void>() : Result<void>(Unexpected{context.error()}));
        if (!context) return std::nullopt;
        return std::move(*context);
    }

    server::RoomResources resources;                // from listen() on
    std::optional<server::RecordFile> record_file;  // from listen() on, as long as it can be written
    /// The newest tick, if the recording has not ended.
    void record(server::Recorder& recorder) {
        if (!record_file) return;
        record_bytes.clear();
        Result<void> recorded = recorder.record(record_bytes);
        if (recorded) recorded = record_file->write(record_bytes);
        if (recorded) return;
        record_file.reset();
        if (on_record_failed) on_record_failed(recorded.error());
    }
    Bytes record_bytes;  // of the tick at hand

    server::GateCounters gate_counters;  // of the last run()
    server::RoomCounters room_counters;  // of the last run()
};

}  // namespace tidewire
