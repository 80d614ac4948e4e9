// What all gates of one server share: its options, its schema, whom it believes, its rooms and its connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "sdk/core/replication/layout.h"
#include "server/gate/admission.h"
#include "server/gate/ban_book.h"
#include "server/gate/connection_census.h"
#include "server/gate/fronts.h"
#include "server/gate/gate_event.h"
#include "server/gate/metrics.h"
#include "server/gate/room_directory.h"
#include "server/gate/session_book.h"
#include "server/room/resources.h"
#include "tidewire/result.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// Read by every thread, once it is made; what changes in it is safe to be called from any.
struct Site {
    /// Precondition: Fronts::parse() accepts options.trusted_proxies and options.metrics_from. `schema` must outlive the site. Without
    /// `random`, which makes tokens, nobody comes back who has lost the connection.
    Site(const SchemaInfo& schema, ServerOptions server_options, RoomResources room_resources,
         AdmissionSetup admission_setup = {}, RandomSource random = {});

    const ServerOptions options;
    const replication::Layout layout;
    const RoomResources resources;
    const Fronts fronts;
    const Fronts metrics_readers;  ///< The networks of ServerOptions::metrics_from.
    Metrics metrics;
    RoomDirectory directory;
    ConnectionCensus census;
    BanBook bans;
    Admission admission;
    SessionBook sessions;
    std::atomic<std::uint64_t> connections_made = 0;
    /// Keeps the bytes of a room that is to go on in another process. Of each room at most once, by the thread that it lives on. Null: rooms
    /// end with their server. To be set before there are connections.
    std::function<Result<void>(RoomNumber, ByteSpan)> save_room{};
};

}  // namespace tidewire::server
