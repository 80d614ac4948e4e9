// A JSON Web Token (RFC 7519) in compact form (RFC 7515 3.1), checked.
#pragma once

#include <string_view>

#include "server/gate/key_set.h"
#include "tidewire/identity.h"
#include "tidewire/jwt_options.h"

namespace tidewire::server {

/// The key decides on the algorithm; the header must agree with it. Keys and addresses of keys in the header are never looked at, and `crit`
/// is refused. No claim is read before the signature is known to be good. `sub` and `exp` must be there; `sub` and `jti` are at most 128
/// bytes, `name` and `room` 64.
Verdict verify_jwt(std::string_view token, const KeySet& keys, const JwtRules& rules, SystemTime now);

}  // namespace tidewire::server
