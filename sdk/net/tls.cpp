// TLS by OpenSSL, over non-blocking sockets.
#include "sdk/net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "sdk/net/address.h"

namespace tidewire::net {

namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using ContextPointer = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SessionPointer = std::unique_ptr<SSL, Deleter<SSL_free>>;

/// The library's own words for the oldest error of this thread; clears the queue.
std::string openssl_message() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    const char* reason = ERR_reason_error_string(code);
    if (reason != nullptr) return reason;
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

/// A record is at most 16 KiB; a gathered write is joined into pieces of this size, one record each.
constexpr std::size_t record_bytes = 16 * 1024;

std::optional<Bytes> parse_hex(std::string_view text) {
    if (text.size() != 64) return std::nullopt;
    Bytes bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto digit = [](char c) {
            return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
        };
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

/// SHA-256 over the SubjectPublicKeyInfo, as HPKP (RFC 7469 2.4) defined a pin.
Bytes key_pin(X509* certificate) {
    unsigned char* encoded = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    if (length <= 0) return {};
    Bytes digest(32);
    unsigned int written = 0;
    EVP_Digest(encoded, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(digest.data()), &written,
               EVP_sha256(), nullptr);
    OPENSSL_free(encoded);
    return digest;
}

void set_common(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A peer may not make us do handshake work again and again (RFC 5746 is moot without renegotiation).
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

}  // namespace

struct TlsContext::State {
    ContextPointer context;
    std::vector<Bytes> pinned_keys;
    bool client = false;
    bool verify = true;
};

TlsContext::TlsContext(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<TlsContext> TlsContext::server(const TlsServerOptions& options) {
    if (options.certificate_file.empty() || options.key_file.empty())
        return unexpected(Blame::Caller, "TLS needs both a certificate file and a key file; only one of them is set");
    ERR_clear_error();
    auto state = std::make_shared<State>();
    state->context.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* context = state->context.get();
    set_common(context);
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Tickets keep no memory here; the stateful cache would keep a session for each client that ever came.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
        return unexpected(Blame::Machine, "cannot use the certificate file " + options.certificate_file + ": " +
                                              openssl_message() +
                                              "; it must be a readable PEM file with the server's certificate first");
    if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return unexpected(Blame::Machine, "cannot use the key file " + options.key_file + ": " + openssl_message() +
                                              "; it must be a readable PEM file with the private key of " +
                                              options.certificate_file);
    if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context))) < 0)
        return unexpected(Blame::Machine, "the certificate in " + options.certificate_file + " has expired; renew it");
    return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
    ERR_clear_error();
    auto state = std::make_shared<State>();
    state->client = true;
    state->verify = options.verify;
    state->context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = state->context.get();
    set_common(context);
    SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (options.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
        return unexpected(Blame::Machine, "cannot use the CA file " + options.ca_file + ": " + openssl_message() +
                                              "; it must be a readable PEM file of trusted authorities");
    }
    for (const std::string& pin : options.pinned_keys) {
        auto bytes = parse_hex(pin);
        if (!bytes)
            return unexpected(
                Blame::Caller,
                "\"" + pin + "\" is not a pinned key; write the SHA-256 of the public key as 64 hex digits");
        state->pinned_keys.push_back(std::move(*bytes));
    }
    return TlsContext(std::move(state));
}

struct TlsSession::State {
    std::shared_ptr<const TlsContext::State> context;  // outlives a reload
    SessionPointer ssl;
    std::string host;
    bool wants_write = false;

    /// What a call that returned `result` (not above 0) came to.
    Transfer outcome(int result, const char* what) {
        const int error = SSL_get_error(ssl.get(), result);
        wants_write = error == SSL_ERROR_WANT_WRITE;
        switch (error) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return {.outcome = Transfer::Outcome::WouldBlock};
            case SSL_ERROR_ZERO_RETURN:
                return {.outcome = Transfer::Outcome::Eof};
            case SSL_ERROR_SYSCALL:
                if (errno == 0) return {.outcome = Transfer::Outcome::Eof};
                return {.outcome = Transfer::Outcome::Failed,
                        .message = std::string(what) + ": " + std::strerror(errno)};
            default:
                return {.outcome = Transfer::Outcome::Failed, .message = std::string(what) + ": " + openssl_message()};
        }
    }

    /// Empty when the peer's certificate is one of the pinned ones, or nothing is pinned.
    std::string pin_trouble() const {
        if (context->pinned_keys.empty()) return {};
        const auto matches = [&](X509* certificate) {
            const Bytes pin = key_pin(certificate);
            for (const Bytes& wanted : context->pinned_keys)
                if (pin == wanted) return true;
            return false;
        };
        STACK_OF(X509)* chain =
            context->verify ? SSL_get0_verified_chain(ssl.get()) : SSL_get_peer_cert_chain(ssl.get());
        for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
            if (matches(sk_X509_value(chain, i))) return {};
        return "none of the keys in the certificate chain of " + host +
               " is a pinned one; the server is not the expected one, or it has a new key";
    }
};

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

Result<TlsSession> TlsSession::start(const TlsContext& context, int fd, const std::string& host) {
    ERR_clear_error();
    auto state = std::make_unique<State>();
    state->context = context.state_;
    state->host = host;
    state->ssl.reset(SSL_new(context.state_->context.get()));
    SSL* ssl = state->ssl.get();
    if (ssl == nullptr || SSL_set_fd(ssl, fd) != 1)
        return unexpected(Blame::Machine, "TLS could not start: " + openssl_message());
    if (context.state_->client) {
        SSL_set_connect_state(ssl);
        // RFC 6066 3: SNI carries names only; an address is checked against the certificate's IP entries.
        if (IpAddress::parse(host)) {
            if (context.state_->verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
        } else {
            // What the macro SSL_set_tlsext_host_name does, without its C cast.
            SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
            if (context.state_->verify) SSL_set1_host(ssl, host.c_str());
        }
    } else {
        SSL_set_accept_state(ssl);
    }
    return TlsSession(std::move(state));
}

Transfer TlsSession::handshake() {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(state_->ssl.get());
    if (result == 1) {
        state_->wants_write = false;
        if (std::string trouble = state_->pin_trouble(); !trouble.empty())
            return {.outcome = Transfer::Outcome::Failed, .message = std::move(trouble)};
        return {};
    }
    const long verdict = SSL_get_verify_result(state_->ssl.get());
    Transfer transfer = state_->outcome(result, "the TLS handshake failed");
    if (transfer.outcome == Transfer::Outcome::Failed && state_->context->client && verdict != X509_V_OK) {
        transfer.message = "the certificate of " + state_->host +
                           " is not trusted: " + X509_verify_cert_error_string(verdict) +
                           "; if it is your own, name its authority as the CA file";
    }
    return transfer;
}

Transfer TlsSession::read(MutableByteSpan buffer) {
    ERR_clear_error();
    errno = 0;
    std::size_t total = 0;
    // Each call yields one record at most; take what has arrived.
    while (total < buffer.size()) {
        std::size_t bytes = 0;
        const int result = SSL_read_ex(state_->ssl.get(), buffer.data() + total, buffer.size() - total, &bytes);
        if (result != 1) {
            if (total > 0) break;
            return state_->outcome(result, "TLS read");
        }
        total += bytes;
        if (SSL_pending(state_->ssl.get()) == 0 && total < buffer.size()) break;
    }
    state_->wants_write = false;
    return {.bytes = total};
}

Transfer TlsSession::write(std::span<const ByteSpan> parts) {
    ERR_clear_error();
    errno = 0;
    std::array<std::byte, record_bytes> record;
    std::size_t total = 0;
    std::size_t part = 0;
    std::size_t offset = 0;
    while (part < parts.size()) {
        // One record from as many parts as fit: many small records would cost more than the copy.
        ByteSpan piece;
        if (offset == 0 && (part + 1 == parts.size() || parts[part].size() >= record_bytes)) {
            piece = parts[part].first(std::min(parts[part].size(), record_bytes));
        } else {
            std::size_t filled = 0;
            for (std::size_t i = part, from = offset; i < parts.size() && filled < record_bytes; ++i, from = 0) {
                const std::size_t count = std::min(parts[i].size() - from, record_bytes - filled);
                std::memcpy(record.data() + filled, parts[i].data() + from, count);
                filled += count;
            }
            piece = ByteSpan(record.data(), filled);
        }
        if (piece.empty()) {
            ++part;
            continue;
        }
        std::size_t bytes = 0;
        const int result = SSL_write_ex(state_->ssl.get(), piece.data(), piece.size(), &bytes);
        if (result != 1) {
            if (total > 0) break;
            return state_->outcome(result, "TLS write");
        }
        total += bytes;
        while (bytes > 0) {
            const std::size_t step = std::min(bytes, parts[part].size() - offset);
            offset += step;
            bytes -= step;
            if (offset == parts[part].size()) {
                ++part;
                offset = 0;
            }
        }
    }
    state_->wants_write = false;
    return {.bytes = total};
}

bool TlsSession::wants_write() const { return state_->wants_write; }

bool TlsSession::pending() const { return SSL_pending(state_->ssl.get()) > 0; }

void TlsSession::shut_down_sending() {
    ERR_clear_error();
    (void)SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
}

}  // namespace tidewire::net
