// Who may come in, as an operator says it: anybody, or whoever has a ticket or a token. A game that decides by itself has
// Server::on_authenticate() instead.
#pragma once

#include "tidewire/jwt_options.h"
#include "tidewire/ticket.h"

namespace tidewire {

/// Attempts to join from one IPv4 address, or from one /64 of IPv6, whatever comes of them. Loopback and trusted proxies, who speak for
/// others, are not counted. A rate of 0: no limit.
struct JoinRate {
    /// Beyond the burst: guessing tokens and looking for rooms is hopeless at this pace, and signatures to check keep no shard busy.
    double per_second = 2;
    /// All whom ServerOptions::connections_per_address_max lets in come back at once when a server has restarted.
    double burst = 128;
};

/// One of `anonymous`, `tickets` and `jwt` is said; without any a server listens only where nobody but this machine reaches it, at a
/// loopback address and without trusted_proxies.
struct AdmissionOptions {
    bool anonymous = false;   ///< Anybody, under the name that they ask for.
    TicketOptions tickets{};  ///< With a key_file: whoever has a ticket that make_ticket() made for a room of this server.
    JwtOptions jwt{};         ///< With keys.file: whoever has a token that is signed by one of them.
    JoinRate joins{};
};

}  // namespace tidewire
