// Made once, before any thread.
#include "server/gate/site.h"

#include <utility>

namespace tidewire::server {

Site::Site(const SchemaInfo& schema, ServerOptions server_options, RoomResources room_resources,
           AdmissionSetup admission_setup, RandomSource random)
    : options(std::move(server_options)),
      layout(schema),
      resources(std::move(room_resources)),
      fronts(Fronts::parse(options.trusted_proxies).value()),
      metrics_readers(Fronts::parse(options.metrics_from).value()),
      census({.connections_max = options.connections_limit(), .per_address_max = options.connections_per_address_max},
             fronts),
      bans(fronts, admission_setup.wall_clock),
      admission(std::move(admission_setup), options.admission.joins, fronts, bans),
      sessions(options.resume_within.count() == 0 ? RandomSource() : std::move(random)) {}

}  // namespace tidewire::server
