// Certificates by OpenSSL.
#include "tests/support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "tests/support/hex.h"

namespace tidewire::test {

namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

Key make_key(const std::string& algorithm) {
    if (algorithm == "RSA") return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

void add_extension(X509* certificate, X509V3_CTX& context, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

void append_pem(const std::string& file, X509* certificate) {
    const BioPointer out(BIO_new_file(file.c_str(), "a"));
    require(out && PEM_write_bio_X509(out.get(), certificate) == 1, file.c_str());
}

}  // namespace

struct Certificate::State {
    fs::path directory;
    std::string certificate_file;
    std::string key_file;
    Key key;
    X509Pointer certificate;

    ~State() {
        std::error_code ignored;
        fs::remove_all(directory, ignored);
    }
};

Certificate::Certificate(std::unique_ptr<State> state) : state_(std::move(state)) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

Certificate Certificate::self_signed(const CertificateOptions& options) { return make(options, nullptr); }

Certificate Certificate::issue(const CertificateOptions& options) const { return make(options, state_.get()); }

Certificate Certificate::make(const CertificateOptions& options, const State* issuer) {
    auto state = std::make_unique<State>();
    std::string pattern = (fs::temp_directory_path() / "tidewire-test-XXXXXX").string();
    require(mkdtemp(pattern.data()) != nullptr, "no temporary directory");
    state->directory = pattern;
    state->certificate_file = pattern + "/certificate.pem";
    state->key_file = pattern + "/key.pem";
    state->key = make_key(options.algorithm);
    state->certificate.reset(X509_new());
    X509* certificate = state->certificate.get();
    require(state->key && certificate != nullptr, "no key");

    static std::atomic<long> serial = 1;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), options.valid_from.count());
    X509_gmtime_adj(X509_getm_notAfter(certificate), options.valid_until.count());
    X509_set_pubkey(certificate, state->key.get());
    const std::vector<unsigned char> name(options.name.begin(), options.name.end());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, name.data(),
                               static_cast<int>(name.size()), -1, 0);
    X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    X509V3_CTX context{};
    X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
    add_extension(certificate, context, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!options.alternatives.empty()) add_extension(certificate, context, NID_subject_alt_name, options.alternatives);
    EVP_PKEY* signing_key = issuer == nullptr ? state->key.get() : issuer->key.get();
    require(X509_sign(certificate, signing_key, EVP_sha256()) > 0, "no signature");

    append_pem(state->certificate_file, certificate);
    if (issuer != nullptr) append_pem(state->certificate_file, issuer->certificate.get());
    const BioPointer out(BIO_new_file(state->key_file.c_str(), "w"));
    require(out && PEM_write_bio_PrivateKey(out.get(), state->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "no key file");
    return Certificate(std::move(state));
}

const std::string& Certificate::certificate_file() const { return state_->certificate_file; }

const std::string& Certificate::key_file() const { return state_->key_file; }

std::string Certificate::pin() const {
    Bytes digest(32);
    unsigned int size = 0;
    unsigned char* encoded = nullptr;
    const int length = i2d_PUBKEY(X509_get0_pubkey(state_->certificate.get()), &encoded);
    require(length > 0, "no public key");
    EVP_Digest(encoded, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(digest.data()), &size,
               EVP_sha256(), nullptr);
    OPENSSL_free(encoded);
    std::string hex;
    for (const char c : to_hex(digest))
        if (c != ' ') hex += c;
    return hex;
}

void Certificate::replace_by(const Certificate& other) const {
    const auto overwrite = fs::copy_options::overwrite_existing;
    fs::copy_file(other.certificate_file(), certificate_file(), overwrite);
    fs::copy_file(other.key_file(), key_file(), overwrite);
}

}  // namespace tidewire::test
