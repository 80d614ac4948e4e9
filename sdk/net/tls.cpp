// TLS by OpenSSL, over non-blocking sockets: one connection.
#include "sdk/net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "sdk/net/address.h"
#include "sdk/net/arrival.h"
#include "sdk/net/socket_bio.h"
#include "sdk/net/tls_context.h"

namespace tidewire::net {

namespace {

/// A record is at most 16 KiB; a gathered write is joined into pieces of this size, one record each.
constexpr std::size_t record_bytes = 16 * 1024;

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

std::string certificate_trouble(const std::string& host, long verdict) {
    std::string message = "the certificate of " + host + " is not trusted: " + X509_verify_cert_error_string(verdict);
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return message + "; whoever runs the server must renew it";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return message + "; is the clock of this machine right?";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return message + "; connect by a name that it was issued for";
        default:
            return message + "; if it is your own, name its authority as the CA file";
    }
}

}  // namespace

struct TlsSession::State {
    std::shared_ptr<const TlsContext::State> context;  // outlives a reload
    SocketEnd end;                                     // of the BIO
    std::unique_ptr<SSL, OpensslDeleter<SSL_free>> ssl;
    std::string host;
    bool wants_write = false;

    /// What a call came to that ended with `error` (SSL_get_error).
    Transfer outcome(int error, const std::string& what) const {
        switch (error) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return {.outcome = Transfer::Outcome::WouldBlock};
            case SSL_ERROR_ZERO_RETURN:
                return {.outcome = Transfer::Outcome::Eof};
            case SSL_ERROR_SYSCALL:
                if (errno == 0) return {.outcome = Transfer::Outcome::Eof};
                return {.outcome = Transfer::Outcome::Failed, .message = what + ": " + std::strerror(errno)};
            default:
                return {.outcome = Transfer::Outcome::Failed, .message = what + ": " + openssl_message()};
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
        // Without verification only the first certificate counts: the handshake proves that the server has its key. What else
        // it sends along anybody could have copied.
        if (!context->verify) {
            X509* own = SSL_get0_peer_certificate(ssl.get());
            if (own != nullptr && matches(own)) return {};
        } else {
            STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl.get());
            for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i)
                if (matches(sk_X509_value(chain, i))) return {};
        }
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
    state->end.fd = fd;
    state->context = context.state_;
    state->host = host;
    state->ssl.reset(SSL_new(context.state_->context.get()));
    SSL* ssl = state->ssl.get();
    BIO* bio = ssl == nullptr ? nullptr : make_socket_bio(state->end);
    if (bio == nullptr) return unexpected(Blame::Machine, "TLS could not start: " + openssl_message());
    SSL_set_bio(ssl, bio, bio);
    if (!context.state_->client) {
        SSL_set_accept_state(ssl);
        return TlsSession(std::move(state));
    }
    SSL_set_connect_state(ssl);
    const bool verify = context.state_->verify;
    bool set = true;
    // RFC 6066 3: SNI carries names only; an address is checked against the certificate's IP entries.
    if (IpAddress::parse(host)) {
        if (verify) set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    } else {
        // What the macro SSL_set_tlsext_host_name does, without its C cast.
        set = SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) ==
              1;
        if (set && verify) set = SSL_set1_host(ssl, host.c_str()) == 1;
    }
    // A name that is not set would not be checked.
    if (!set || host.empty())
        return unexpected(Blame::Caller, "\"" + host + "\" is not a host name that TLS can check");
    return TlsSession(std::move(state));
}

Transfer TlsSession::handshake() {
    ERR_clear_error();
    errno = 0;
    State& state = *state_;
    const int result = SSL_do_handshake(state.ssl.get());
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(state.ssl.get(), result);
    state.wants_write = error == SSL_ERROR_WANT_WRITE;
    if (result == 1) {
        if (std::string trouble = state.pin_trouble(); !trouble.empty())
            return {.outcome = Transfer::Outcome::Failed, .message = std::move(trouble)};
        return {};
    }
    const bool client = state.context->client;
    const bool plain = client && ERR_GET_REASON(ERR_peek_error()) == SSL_R_WRONG_VERSION_NUMBER;
    const long verdict = client && state.context->verify ? SSL_get_verify_result(state.ssl.get()) : X509_V_OK;
    Transfer transfer =
        state.outcome(error, client ? "the TLS handshake with " + state.host + " failed" : "the TLS handshake failed");
    if (transfer.outcome == Transfer::Outcome::Failed && verdict != X509_V_OK)
        transfer.message = certificate_trouble(state.host, verdict);
    else if (transfer.outcome == Transfer::Outcome::Failed && plain)
        transfer.message += "; does it speak TLS on this port? If not, the URL begins with ws://";
    return transfer;
}

Transfer TlsSession::read(MutableByteSpan buffer) {
    ERR_clear_error();
    errno = 0;
    State& state = *state_;
    state.wants_write = false;
    std::size_t total = 0;
    // Each call yields one record at most; take what has arrived.
    while (total < buffer.size()) {
        std::size_t bytes = 0;
        const int result = SSL_read_ex(state.ssl.get(), buffer.data() + total, buffer.size() - total, &bytes);
        if (result != 1) {
            const int error = SSL_get_error(state.ssl.get(), result);
            state.wants_write = error == SSL_ERROR_WANT_WRITE;
            // Trouble behind bytes comes again at the next call.
            if (total > 0) break;
            return state.outcome(error, "TLS read");
        }
        total += bytes;
        // Behind a full record there is probably another one; behind a short one a look would cost a call for nothing.
        if (bytes < record_bytes && SSL_pending(state.ssl.get()) == 0) break;
    }
    return {.bytes = total, .arrived = state.end.arrived};
}

bool TlsSession::note_arrivals() { return state_->end.notes_arrivals = net::note_arrivals(state_->end.fd); }

/// OpenSSL wants what it could not write offered again, not shorter (SSL_R_BAD_LENGTH). So each piece is as long as a record can
/// be, or all there is: behind the same first byte that only grows, wherever the bytes have moved and however they are cut.
Transfer TlsSession::write(std::span<const ByteSpan> parts) {
    ERR_clear_error();
    errno = 0;
    State& state = *state_;
    std::array<std::byte, record_bytes> record;
    std::size_t total = 0;
    std::size_t offset = 0;  // into parts.front()
    for (;;) {
        while (!parts.empty() && offset == parts.front().size()) {
            parts = parts.subspan(1);
            offset = 0;
        }
        if (parts.empty()) break;
        ByteSpan piece = parts.front().subspan(offset);
        if (piece.size() >= record_bytes || parts.size() == 1) {
            piece = piece.first(std::min(piece.size(), record_bytes));
        } else {
            // One record from as many parts as fit: many small records would cost more than the copy.
            std::size_t filled = 0;
            for (const ByteSpan part : parts) {
                if (filled == record_bytes) break;
                const ByteSpan rest = filled == 0 ? piece : part;
                const std::size_t count = std::min(rest.size(), record_bytes - filled);
                if (count > 0) std::memcpy(record.data() + filled, rest.data(), count);
                filled += count;
            }
            piece = ByteSpan(record).first(filled);
        }
        std::size_t bytes = 0;
        const int result = SSL_write_ex(state.ssl.get(), piece.data(), piece.size(), &bytes);
        if (result != 1) {
            if (total > 0) break;
            return state.outcome(SSL_get_error(state.ssl.get(), result), "TLS write");
        }
        total += bytes;
        for (offset += bytes; !parts.empty() && offset >= parts.front().size(); parts = parts.subspan(1))
            offset -= parts.front().size();
    }
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
