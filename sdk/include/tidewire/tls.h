// TLS as a program sets it up: files and names, no type of a TLS library.
#pragma once

#include <string>
#include <vector>

namespace tidewire {

/// How a client decides whom to trust on wss://. Verification of chain and host name is on; TLS 1.2 and later.
struct TlsClientOptions {
    /// PEM bundle of trusted authorities; empty takes the operating system's.
    std::string ca_file{};
    /// SHA-256 of the public key (SubjectPublicKeyInfo, DER) of a certificate in the verified chain, as 64 hex digits; when any
    /// is given, one must match besides the verification.
    std::vector<std::string> pinned_keys{};
    /// False accepts any certificate: for tests on one machine, never over a network.
    bool verify = true;
};

/// What a server shows on wss://. Both files set: TLS on. Neither: plain ws://.
struct TlsServerOptions {
    std::string certificate_file{};  ///< PEM: the server's certificate, then its intermediates.
    std::string key_file{};          ///< PEM: its private key.

    bool enabled() const { return !certificate_file.empty() || !key_file.empty(); }
};

}  // namespace tidewire
