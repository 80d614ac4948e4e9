// One key that checks signatures. It knows the algorithm that it is for, and no token can talk it into another one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "tidewire/jwt_options.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// As short as a hash (RFC 7518 3.2); what is shorter can be guessed from one token.
inline constexpr std::size_t secret_bytes_min = 32;
/// RFC 7518 3.3.
inline constexpr int rsa_bits_min = 2048;
/// A check by a larger one takes milliseconds.
inline constexpr int rsa_bits_max = 8192;

/// Immutable; copies share what they hold. Any thread may use one, several at a time.
class AuthKey {
public:
    /// Errors of all of them say what is wrong with the key, as a half-sentence that goes on after "the key".
    static Result<AuthKey> secret(ByteSpan bytes);
    /// Big-endian, as in a JWK.
    static Result<AuthKey> rsa(ByteSpan modulus, ByteSpan exponent);
    static Result<AuthKey> ed25519(ByteSpan bytes);
    /// An RSA or Ed25519 public key.
    static Result<AuthKey> pem(std::string_view text);

    JwtAlgorithm algorithm() const { return algorithm_; }
    bool verify(ByteSpan message, ByteSpan signature) const;

    std::string id{};  ///< `kid`; empty: none.

private:
    struct State;
    AuthKey(JwtAlgorithm algorithm, std::shared_ptr<const State> state)
        : algorithm_(algorithm), state_(std::move(state)) {}
    static Result<AuthKey> checked(std::shared_ptr<const State> state);

    JwtAlgorithm algorithm_;
    std::shared_ptr<const State> state_;
};

}  // namespace tidewire::server
