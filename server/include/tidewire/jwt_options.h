// How players prove who they are by a JSON Web Token (RFC 7519) that somebody else has signed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidewire {

/// Of a signature (RFC 7518 3.1, RFC 8037 3.1).
enum class JwtAlgorithm : std::uint8_t {
    HS256,  ///< HMAC-SHA-256: whoever can check can sign. For one operator who runs both ends.
    RS256,  ///< RSASSA-PKCS1-v1_5 with SHA-256: what most identity providers sign with.
    EdDSA,  ///< Ed25519: as safe, with 64 bytes instead of 256.
};

/// What a key file holds. It is never guessed: a public key that is taken for a secret would let everybody sign.
enum class JwtKeyFormat : std::uint8_t {
    Jwks,             ///< A JWK Set (RFC 7517), or one JWK: kty oct, RSA, and OKP with Ed25519. Other kinds are passed over.
    PublicKey,        ///< One PEM public key, RSA or Ed25519 ("-----BEGIN PUBLIC KEY-----").
    Secret,           ///< The bytes of a secret for HS256; one line break at the end is no part of it.
    SecretBase64Url,  ///< The same in base64url (RFC 4648 5) without padding.
};

struct JwtKeySource {
    std::string file{};
    JwtKeyFormat format = JwtKeyFormat::Jwks;
    /// Of a file with one key without a name: the `kid` of its tokens. Empty: whatever they call it.
    std::string key_id{};
};

/// What a token must say.
struct JwtRules {
    std::string issuer{};  ///< Its `iss`; empty: whoever has a key may have signed it.
    /// Among its `aud`; empty: a token that is addressed to anybody is refused (RFC 7519 4.1.3), since it is meant for another service.
    std::string audience{};
    /// How far clocks may differ, for `exp`, `nbf` and `iat`. Machines that keep time by NTP agree to less than a second; virtual machines
    /// that have slept are half a minute off until they are set.
    std::chrono::seconds leeway{30};
    /// A longer token is refused unread. Those of identity providers have 500 to 2 000 bytes.
    std::size_t token_bytes_max = 4096;
    std::vector<JwtAlgorithm> algorithms{JwtAlgorithm::HS256, JwtAlgorithm::RS256, JwtAlgorithm::EdDSA};
    /// Names of further claims, texts all, that Identity::claims tells of. A token with another type there is refused.
    std::vector<std::string> claims{};
};

struct JwtOptions {
    JwtKeySource keys{};
    JwtRules rules{};
    /// Ask for a `jti` and let each in once.
    bool single_use = false;
    /// With `single_use`: tokens remembered until they expire, of about 100 bytes each. Beyond it further ones are refused, since to forget
    /// one would let it in again. So does a crash, and a restart without ServerOptions::save_directory: short lives make that bearable.
    std::size_t spent_max = 65'536;
};

}  // namespace tidewire
