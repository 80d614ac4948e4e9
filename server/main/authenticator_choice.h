// Who decides on who comes in: the game, or what the operator has said, and nobody by accident.
#pragma once

#include "tidewire/authenticate.h"
#include "tidewire/result.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

struct AuthenticatorChoice {
    Authenticator authenticator{};
    const char* name = "";  ///< For the log: "anybody", "tickets", …
};

/// `of_game` may be empty. Errors: nothing is said and others than this machine can reach the server, things are said that exclude each
/// other, or a file cannot be used.
Result<AuthenticatorChoice> choose_authenticator(const ServerOptions& options, const Authenticator& of_game);

}  // namespace tidewire::server
