// Signatures by OpenSSL's EVP.
#include "server/gate/auth_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <optional>

#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* raw(ByteSpan bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

/// Even ones and 1 are none, and long ones make each check dear.
bool good_exponent(const BIGNUM* exponent) {
    return BN_is_odd(exponent) == 1 && BN_is_one(exponent) == 0 && BN_num_bits(exponent) <= 64;
}

}  // namespace

struct AuthKey::State {
    std::optional<HmacSha256> hmac{};
    Owned<EVP_PKEY> key{};
};

Result<AuthKey> AuthKey::secret(ByteSpan bytes) {
    if (bytes.size() < secret_bytes_min)
        return unexpected(Blame::Machine, "is a secret of " + std::to_string(bytes.size()) + " bytes; HS256 needs " +
                                              std::to_string(secret_bytes_min) + " random ones or more");
    // Whoever has a public key could sign with it.
    if (as_text(bytes).find("-----BEGIN") != std::string_view::npos)
        return unexpected(Blame::Machine, "is a PEM file and no secret; use the format for public keys");
    return AuthKey(JwtAlgorithm::HS256, std::make_shared<const State>(State{.hmac = HmacSha256(bytes)}));
}

Result<AuthKey> AuthKey::rsa(ByteSpan modulus, ByteSpan exponent) {
    const Owned<BIGNUM> n(BN_bin2bn(raw(modulus), static_cast<int>(modulus.size()), nullptr));
    const Owned<BIGNUM> e(BN_bin2bn(raw(exponent), static_cast<int>(exponent.size()), nullptr));
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (n && e && builder && context && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1) {
        const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
        if (parameters && EVP_PKEY_fromdata_init(context.get()) == 1)
            EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
    }
    ERR_clear_error();
    return checked(std::make_shared<const State>(State{.key = Owned<EVP_PKEY>(key)}));
}

Result<AuthKey> AuthKey::ed25519(ByteSpan bytes) {
    if (bytes.size() != 32) return unexpected(Blame::Machine, "is no Ed25519 public key: it is not 32 bytes long");
    Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(bytes), bytes.size()));
    ERR_clear_error();
    return checked(std::make_shared<const State>(State{.key = std::move(key)}));
}

Result<AuthKey> AuthKey::pem(std::string_view text) {
    const Owned<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    Owned<EVP_PKEY> key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    return checked(std::make_shared<const State>(State{.key = std::move(key)}));
}

Result<AuthKey> AuthKey::checked(std::shared_ptr<const State> state) {
    EVP_PKEY* key = state->key.get();
    if (key == nullptr)
        return unexpected(Blame::Machine,
                          "is no public key that can be read; a PEM file begins with -----BEGIN PUBLIC KEY-----");
    if (EVP_PKEY_is_a(key, "ED25519") == 1) return AuthKey(JwtAlgorithm::EdDSA, std::move(state));
    if (EVP_PKEY_is_a(key, "RSA") != 1)
        return unexpected(Blame::Machine, "is neither RSA nor Ed25519; make one of these");
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < rsa_bits_min || bits > rsa_bits_max)
        return unexpected(Blame::Machine, "is RSA of " + std::to_string(bits) + " bits; make one of " +
                                              std::to_string(rsa_bits_min) + " to " + std::to_string(rsa_bits_max));
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number);
    const Owned<BIGNUM> exponent(number);
    if (!exponent || !good_exponent(exponent.get()))
        return unexpected(Blame::Machine, "is RSA with an exponent that is none; make another key, with 65537");
    return AuthKey(JwtAlgorithm::RS256, std::move(state));
}

bool AuthKey::verify(ByteSpan message, ByteSpan signature) const {
    if (state_->hmac) return state_->hmac->verify(message, signature);
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    // Ed25519 hashes by itself; RSA's padding is PKCS #1 v1.5 unless told otherwise.
    const EVP_MD* digest = algorithm_ == JwtAlgorithm::RS256 ? EVP_sha256() : nullptr;
    const bool good =
        context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, state_->key.get()) == 1 &&
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace tidewire::server
