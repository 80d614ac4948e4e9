// HMAC by OpenSSL's EVP_MAC: the key's two blocks are hashed once, and each message begins with a copy of that.
#include "server/gate/hmac_sha256.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>

namespace tidewire::server {

namespace {

struct Free {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

/// SHA-256 is in every build of OpenSSL; without memory there is nothing to go on with, and a code of zeros would let everybody in.
void require(bool done) {
    if (!done) std::abort();
}

const unsigned char* raw(ByteSpan bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

bool equal_in_constant_time(ByteSpan a, ByteSpan b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::array<std::byte, 32> sha256(ByteSpan bytes) {
    std::array<std::byte, 32> digest{};
    require(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                       EVP_sha256(), nullptr) == 1);
    return digest;
}

struct HmacSha256::State {
    Context context;
};

HmacSha256::HmacSha256(ByteSpan key) {
    const std::unique_ptr<EVP_MAC, Free> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    require(mac != nullptr);
    Context context(EVP_MAC_CTX_new(mac.get()));
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    // With a null pointer EVP_MAC_init would keep an older key, and there is none.
    static const unsigned char nothing = 0;
    require(context != nullptr &&
            EVP_MAC_init(context.get(), key.empty() ? &nothing : raw(key), key.size(), parameters) == 1);
    state_ = std::make_shared<const State>(State{std::move(context)});
}

HmacSha256::Code HmacSha256::of(ByteSpan message) const {
    const Context context(EVP_MAC_CTX_dup(state_->context.get()));
    Code code{};
    std::size_t size = 0;
    require(context != nullptr && EVP_MAC_update(context.get(), raw(message), message.size()) == 1 &&
            EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(code.data()), &size, code.size()) == 1 &&
            size == code.size());
    return code;
}

}  // namespace tidewire::server
