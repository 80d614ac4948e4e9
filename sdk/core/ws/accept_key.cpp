// SHA-1 and base64 come from libcrypto; this is the only file of the room that knows it.
#include "sdk/core/ws/accept_key.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "sdk/core/ws/ascii.h"

namespace tidewire::ws {
namespace {

std::string to_base64(std::span<const unsigned char> bytes) {
    std::array<unsigned char, 64> text;  // the longest input is a SHA-1: 28 characters and a zero
    const int size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

}  // namespace

std::string make_key(const RandomSource& random) {
    std::array<unsigned char, 16> bytes;
    random({reinterpret_cast<std::byte*>(bytes.data()), bytes.size()});
    return to_base64(bytes);
}

bool valid_key(std::string_view key) {
    // 16 bytes are 22 characters, of which the last carries two bits, and two of padding.
    if (key.size() != 24 || key.substr(22) != "==") return false;
    key.remove_suffix(2);
    for (const char c : key)
        if (!is_alphanumeric(c) && c != '+' && c != '/') return false;
    return std::string_view("AQgw").find(key.back()) != std::string_view::npos;
}

std::string accept_key(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return to_base64(digest);
}

}  // namespace tidewire::ws
