// Made once, before any thread.
#include "server/gate/site.h"

#include <utility>

#include "server/gate/embedded_directory.h"

namespace tidewire::server {

namespace {

std::unique_ptr<RoomDirectory> embedded(const ServerOptions& options, const RandomSource& random) {
    const ClientRoomOptions& rooms = options.client_rooms;
    return std::make_unique<EmbeddedDirectory>(
        DirectoryLimits{.client_rooms_max = rooms.allowed ? rooms.rooms_max : 0,
                        .spectators_max = options.spectators_max,
                        .numbers_kept = options.rooms},
        random);
}

}  // namespace

Site::Site(const SchemaInfo& schema, ServerOptions server_options, RoomResources room_resources,
           AdmissionSetup admission_setup, RandomSource random, std::unique_ptr<RoomDirectory> room_directory)
    : options(std::move(server_options)),
      layout(schema),
      resources(std::move(room_resources)),
      fronts(Fronts::parse(options.trusted_proxies).value()),
      metrics_readers(Fronts::parse(options.metrics_from).value()),
      own_directory(room_directory ? std::move(room_directory) : embedded(options, random)),
      directory(*own_directory),
      census({.connections_max = options.connections_limit(), .per_address_max = options.connections_per_address_max},
             fronts),
      bans(fronts, admission_setup.wall_clock),
      admission(std::move(admission_setup), options, fronts, bans),
      sessions(options.resume_within.count() == 0 ? RandomSource() : std::move(random)) {}

}  // namespace tidewire::server
