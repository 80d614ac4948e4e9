// Certificates, keys and trust for OpenSSL.
#include "sdk/net/tls_context.h"

#include <openssl/err.h>

#include <array>
#include <cstring>
#include <optional>

namespace tidewire::net {

namespace {

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

void set_common(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A peer may not make us do handshake work again and again (RFC 5746 is moot without renegotiation).
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
}

}  // namespace

std::string openssl_message() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    if (ERR_GET_LIB(code) == ERR_LIB_SYS) return std::strerror(ERR_GET_REASON(code));
    const char* reason = ERR_reason_error_string(code);
    if (reason != nullptr) return reason;
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

TlsContext::TlsContext(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<TlsContext> TlsContext::server(const TlsServerOptions& options) {
    if (options.certificate_file.empty() || options.key_file.empty())
        return unexpected(Blame::Caller, "TLS needs both a certificate file and a key file; only one of them is set");
    ERR_clear_error();
    auto state = std::make_shared<State>();
    state->context.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* context = state->context.get();
    if (context == nullptr) return unexpected(Blame::Machine, "TLS could not start: " + openssl_message());
    set_common(context);
    // A key with a passphrase is an error, not a question on the terminal.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
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
                                              options.certificate_file + ", without a passphrase");
    // A key of another kind (RSA, EC) than the certificate's passes until here.
    if (SSL_CTX_check_private_key(context) != 1)
        return unexpected(Blame::Machine, "the key in " + options.key_file + " does not fit the certificate in " +
                                              options.certificate_file + ": " + openssl_message());
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
    if (context == nullptr) return unexpected(Blame::Machine, "TLS could not start: " + openssl_message());
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

}  // namespace tidewire::net
