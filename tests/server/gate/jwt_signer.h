// Test support: keys of each algorithm, and tokens signed with them, whatever is in those.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "server/gate/base64url.h"
#include "server/gate/hmac_sha256.h"
#include "tidewire/identity.h"

namespace tidewire::server::test {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

inline PrivateKey rsa_key(std::size_t bits = 2048) {
    return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}
inline PrivateKey ed25519_key() { return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

inline std::string text64(std::string_view text) { return to_base64url(as_bytes(text)); }

inline std::string public_pem(EVP_PKEY* key) {
    BIO* bio = BIO_new(BIO_s_mem());
    REQUIRE(PEM_write_bio_PUBKEY(bio, key) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

/// `key` as a JWK, with `more` members behind it: "\"kid\":\"a\"".
inline std::string jwk(EVP_PKEY* key, const std::string& more) {
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        Bytes raw(32);
        std::size_t size = raw.size();
        REQUIRE(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1);
        return R"({"kty":"OKP","crv":"Ed25519","x":")" + to_base64url(raw) + "\"," + more + "}";
    }
    const auto number = [&](const char* name) {
        BIGNUM* value = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key, name, &value) == 1);
        Bytes raw(static_cast<std::size_t>(BN_num_bytes(value)));
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(raw.data()));
        BN_free(value);
        return to_base64url(raw);
    };
    return R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" + number(OSSL_PKEY_PARAM_RSA_E) +
           "\"," + more + "}";
}

inline std::string signed_by(EVP_PKEY* key, const std::string& header, const std::string& claims) {
    const std::string text = text64(header) + "." + text64(claims);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const EVP_MD* digest = EVP_PKEY_is_a(key, "RSA") == 1 ? EVP_sha256() : nullptr;
    REQUIRE(EVP_DigestSignInit(context, nullptr, digest, nullptr, key) == 1);
    Bytes signature(1024);
    std::size_t size = signature.size();
    REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return text + "." + to_base64url(signature);
}

inline std::string signed_by(std::string_view secret, const std::string& header, const std::string& claims) {
    const std::string text = text64(header) + "." + text64(claims);
    return text + "." + to_base64url(HmacSha256(as_bytes(secret)).of(as_bytes(text)));
}

inline std::string to_words(const Verdict& verdict) {
    static const char* const names[] = {
        "NoToken",     "Malformed",     "UnknownAlgorithm", "UnknownKey", "BadSignature", "Expired", "NotYetValid",
        "WrongIssuer", "WrongAudience", "WrongRoom",        "Replayed",   "TooLarge",     "Full",    "Denied"};
    return verdict ? "admitted" : names[static_cast<std::size_t>(verdict.refusal().kind)];
}

}  // namespace tidewire::server::test
