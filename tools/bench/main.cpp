// tidewire-bench: what the SDK costs, as JSON. Each bench is a subcommand.
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "tools/bench/bench.h"

namespace tidewire::bench {

void print(const nlohmann::ordered_json& figures) { std::cout << figures.dump() << std::endl; }

int fail(const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.message.c_str());
    return 1;
}

TemporaryCertificate::TemporaryCertificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidewire-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return;
    directory_ = pattern;
    options_ = {directory_ + "/certificate.pem", directory_ + "/key.pem"};

    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
    if (FILE* file = std::fopen(options_.certificate_file.c_str(), "w")) {
        PEM_write_X509(file, certificate);
        std::fclose(file);
    }
    if (FILE* file = std::fopen(options_.key_file.c_str(), "w")) {
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

TemporaryCertificate::~TemporaryCertificate() {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

}  // namespace tidewire::bench

int main(int argc, char** argv) {
    int exit_code = 0;
    CLI::App app{"What Tidewire costs, as JSON"};
    app.require_subcommand(1);
    tidewire::bench::add_ws_echo(app, exit_code);
    tidewire::bench::add_ws_frames(app, exit_code);
    tidewire::bench::add_delta(app, exit_code);
    tidewire::bench::add_netcode(app, exit_code);
    tidewire::bench::add_fanout(app, exit_code);
    tidewire::bench::add_arena_n(app, exit_code);
    tidewire::bench::add_shards(app, exit_code);
    tidewire::bench::add_soak(app, exit_code);
    tidewire::bench::add_resume(app, exit_code);
    tidewire::bench::add_hostile_peers(app, exit_code);
    tidewire::bench::add_restart(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "tidewire-bench: %s; see --help\n", error.what());
        return 2;
    }
    return exit_code;
}
