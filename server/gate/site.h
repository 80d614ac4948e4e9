// What all gates of one server share: its options, its schema, whom it believes, its rooms and its connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

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
#include "tidewire/game.h"
#include "tidewire/result.h"
#include "tidewire/room_description.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// Read by every thread, once it is made; what changes in it is safe to be called from any.
struct Site {
    /// Precondition: Fronts::parse() accepts options.trusted_proxies and options.metrics_from. `schema` must outlive the site. Without
    /// `random`, which makes tokens, nobody comes back who has lost the connection.
    /// Without a `room_directory` it is an EmbeddedDirectory.
    Site(const SchemaInfo& schema, ServerOptions server_options, RoomResources room_resources,
         AdmissionSetup admission_setup = {}, RandomSource random = {}, std::unique_ptr<RoomDirectory> room_directory = {});

    const ServerOptions options;
    const replication::Layout layout;
    const RoomResources resources;
    const Fronts fronts;
    const Fronts metrics_readers;  ///< The networks of ServerOptions::metrics_from.
    Metrics metrics;
    const std::unique_ptr<RoomDirectory> own_directory;
    RoomDirectory& directory;
    ConnectionCensus census;
    BanBook bans;
    Admission admission;
    SessionBook sessions;
    std::atomic<std::uint64_t> connections_made = 0;
    /// Keeps the bytes of a room that is to go on in another process. Of each room at most once, by the thread that it lives on. Null: rooms
    /// end with their server. To be set before there are connections.
    std::function<Result<void>(RoomNumber, ByteSpan)> save_room{};
    std::atomic<std::uint32_t> watchers = 0;  ///< Of the list of rooms.

    // Set before any shard runs.
    /// The game of a room that was ordered. Any shard's thread, one at a time. What it throws ends the room.
    std::function<Game(RoomNumber number, RoomDescription room)> make_game;
    /// A shard looks at once what it is to do. Any thread. Empty: there is one.
    std::function<void(std::uint32_t shard)> wake;
};

}  // namespace tidewire::server
