// Certificates for tests of TLS: made on the spot, in files of a directory that goes with them. Nobody else trusts them.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tidewire/tls.h"

namespace tidewire::test {

struct CertificateOptions {
    std::string name = "localhost";                            ///< Common name.
    std::string alternatives = "DNS:localhost,IP:127.0.0.1";   ///< As openssl.cnf writes subjectAltName; may be empty.
    std::chrono::seconds valid_from = std::chrono::hours(-1);  ///< From now on.
    std::chrono::seconds valid_until = std::chrono::hours(1);
    std::string algorithm = "EC";  ///< Or "RSA".
};

class Certificate {
public:
    /// Its own authority.
    static Certificate self_signed(const CertificateOptions& options = {});
    /// Signed by this one; its file has this one's behind it.
    Certificate issue(const CertificateOptions& options = {}) const;

    Certificate(Certificate&&) noexcept;
    ~Certificate();

    const std::string& certificate_file() const;
    const std::string& key_file() const;
    /// SHA-256 of the public key in hex.
    std::string pin() const;
    TlsServerOptions server() const { return {.certificate_file = certificate_file(), .key_file = key_file()}; }
    /// Trusts it, or what it has issued.
    TlsClientOptions client() const { return {.ca_file = certificate_file(), .pinned_keys = {}, .verify = true}; }
    /// The same files with another content, as a renewal does.
    void replace_by(const Certificate& other) const;

private:
    struct State;
    explicit Certificate(std::unique_ptr<State> state);
    static Certificate make(const CertificateOptions& options, const State* issuer);
    std::unique_ptr<State> state_;
};

}  // namespace tidewire::test
