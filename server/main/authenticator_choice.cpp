// One answer at most, and the sentence where there is none.
#include "server/main/authenticator_choice.h"

#include <string>

#include "sdk/core/base/printable.h"
#include "sdk/net/address.h"

namespace tidewire::server {

namespace {

Unexpected refuse(std::string reason) { return unexpected(Blame::Caller, std::move(reason)); }

/// Nobody else's bytes arrive: neither by the network nor by a proxy on this machine.
bool on_this_machine_alone(const ServerOptions& options) {
    const auto address = net::IpAddress::parse(options.address);
    return address && address->is_loopback() && options.trusted_proxies.empty();
}

}  // namespace

Result<AuthenticatorChoice> choose_authenticator(const ServerOptions& options, const Authenticator& of_game) {
    const AdmissionOptions& said = options.admission;
    const bool tickets = !said.tickets.key_file.empty();
    const bool tokens = !said.jwt.keys.file.empty();
    const auto within = [](double value, double min, double max) { return value >= min && value <= max; };
    if ((said.joins.per_second != 0 && !within(said.joins.per_second, 0.001, 1e6)) || !within(said.joins.burst, 1, 1e6))
        return refuse("joins.per_second (--joins-per-second) must be 0 or from 0.001 to 1000000, and joins.burst "
                      "(--joins-burst) from 1 to 1000000");
    const JoinRate& creations = options.client_rooms.creations;
    if ((creations.per_second != 0 && !within(creations.per_second, 0.001, 1e6)) || !within(creations.burst, 1, 1e6))
        return refuse("client_rooms.creations.per_second (--room-creations-per-second) must be 0 or from 0.001 to 1000000, and "
                      "client_rooms.creations.burst (--room-creations-burst) from 1 to 1000000");
    if (!tokens && (!said.jwt.rules.issuer.empty() || !said.jwt.rules.audience.empty() || said.jwt.single_use))
        return refuse("rules for tokens (--jwt-issuer, --jwt-audience, --jwt-single-use) need the keys that sign them: "
                      "name the file (--jwt-keys)");
    if (of_game.authenticate && (said.anonymous || tickets || tokens))
        return refuse("this game decides by itself who may come in (on_authenticate()); leave out --anonymous, "
                      "--ticket-key-file and --jwt-keys");
    if (int{said.anonymous} + int{tickets} + int{tokens} > 1)
        return refuse("--anonymous, --ticket-key-file and --jwt-keys exclude each other (ServerOptions::admission): "
                      "say one");
    if (of_game.authenticate) return AuthenticatorChoice{of_game, "the game decides"};
    if (tickets || tokens) {
        auto made = tickets ? authenticate_by_ticket(said.tickets) : authenticate_by_jwt(said.jwt);
        if (!made) return Unexpected{std::move(made).error()};
        return AuthenticatorChoice{std::move(*made), tickets ? "tickets" : "tokens"};
    }
    if (said.anonymous) return AuthenticatorChoice{anonymous(), "anybody"};
    if (on_this_machine_alone(options)) return AuthenticatorChoice{anonymous(), "anybody on this machine"};
    return refuse("nothing says who may come in, and others than this machine reach a server at " +
                  printable(options.address) + (options.trusted_proxies.empty() ? "" : " by its proxies") +
                  ": let anybody in (admission.anonymous, --anonymous), ask for tickets (--ticket-key-file) or tokens "
                  "(--jwt-keys), or stay on this machine (--address 127.0.0.1 without --trusted-proxy)");
}

}  // namespace tidewire::server
