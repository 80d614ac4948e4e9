// Keys out of PEM, of a secret, and of a JWK Set (RFC 7517).
#include "server/gate/key_set.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "server/gate/base64url.h"
#include "server/gate/claim_text.h"
#include "server/gate/strict_json.h"

namespace tidewire::server {

namespace {

std::string_view without_line_break(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

/// Empty when it is not there or no text.
std::string_view text_of(const JsonValue& object, std::string_view name) {
    const JsonValue* value = object.find(name);
    return value != nullptr && value->kind == JsonValue::Kind::Text ? std::string_view(value->text)
                                                                    : std::string_view();
}

/// Whether what it says of its use allows for checking signatures by `algorithm`.
bool for_checking(const JsonValue& jwk, std::string_view algorithm) {
    if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return false;
    if (jwk.find("alg") != nullptr && text_of(jwk, "alg") != algorithm) return false;
    const JsonValue* operations = jwk.find("key_ops");
    return operations == nullptr || std::any_of(operations->values.begin(), operations->values.end(),
                                                [](const JsonValue& value) { return value.text == "verify"; });
}

Result<Bytes> bytes_of(const JsonValue& jwk, const std::string& name) {
    auto bytes = parse_base64url(text_of(jwk, name));
    if (!bytes || bytes->empty()) return unexpected(Blame::Machine, "has no \"" + name + "\" in base64url");
    return std::move(*bytes);
}

Result<AuthKey> key_of(const JsonValue& jwk, std::string_view type) {
    if (type != "oct" && jwk.find("d") != nullptr)
        return unexpected(Blame::Machine, "is private; leave only its public half (without \"d\") on this machine");
    auto first = bytes_of(jwk, type == "oct" ? "k" : type == "RSA" ? "n" : "x");
    if (!first) return Unexpected{first.error()};
    if (type == "oct") return AuthKey::secret(*first);
    if (type == "OKP") return AuthKey::ed25519(*first);
    const auto exponent = bytes_of(jwk, "e");
    if (!exponent) return Unexpected{exponent.error()};
    return AuthKey::rsa(*first, *exponent);
}

/// Empty for one that is not for us: other kinds, other algorithms, encryption (RFC 7517 5).
Result<std::optional<AuthKey>> parse_jwk(const JsonValue& jwk) {
    const std::string_view type = text_of(jwk, "kty");
    const bool known = type == "oct" || type == "RSA" || (type == "OKP" && text_of(jwk, "crv") == "Ed25519");
    if (!known || !for_checking(jwk, type == "oct" ? "HS256" : type == "RSA" ? "RS256" : "EdDSA"))
        return std::optional<AuthKey>();
    auto key = key_of(jwk, type);
    if (!key) return Unexpected{key.error()};
    if (jwk.find("kid") != nullptr) {
        key->id = text_of(jwk, "kid");
        if (key->id.empty() || !clean_text(key->id, claim_bytes_max))
            return unexpected(Blame::Machine, "has a \"kid\" that is no name");
    }
    return std::optional<AuthKey>(std::move(*key));
}

Result<std::vector<AuthKey>> parse_jwks(std::string_view text) {
    const auto root = parse_json(text);
    if (!root || root->kind != JsonValue::Kind::Object)
        return unexpected(Blame::Machine, "is no JSON object; write {\"keys\": [...]}");
    const JsonValue* list = root->find("keys");
    std::vector<JsonValue> one;
    if (list == nullptr && root->find("kty") != nullptr) one.push_back(*root);
    if (one.empty() && (list == nullptr || list->kind != JsonValue::Kind::Array))
        return unexpected(Blame::Machine, "has no list of \"keys\"; write {\"keys\": [...]}");
    std::vector<AuthKey> keys;
    std::size_t number = 0;
    for (const JsonValue& jwk : one.empty() ? list->values : one) {
        auto key = parse_jwk(jwk);
        ++number;
        if (!key)
            return unexpected(Blame::Machine, "is broken: key " + std::to_string(number) + " " + key.error().message);
        if (*key) keys.push_back(std::move(**key));
    }
    return keys;
}

Result<std::vector<AuthKey>> parse_one(JwtKeyFormat format, std::string_view text, std::string_view key_id) {
    if (format == JwtKeyFormat::PublicKey && text.find("PRIVATE KEY") != std::string_view::npos)
        return unexpected(Blame::Machine, "is broken: the key is private; leave only its public half on this machine");
    const auto decoded = parse_base64url(without_line_break(text));
    if (format == JwtKeyFormat::SecretBase64Url && !decoded)
        return unexpected(Blame::Machine, "is broken: the key is no base64url without padding");
    auto key = format == JwtKeyFormat::PublicKey         ? AuthKey::pem(text)
               : format == JwtKeyFormat::SecretBase64Url ? AuthKey::secret(*decoded)
                                                         : AuthKey::secret(as_bytes(without_line_break(text)));
    if (!key) return unexpected(Blame::Machine, "is broken: the key " + key.error().message);
    key->id = key_id;
    return std::vector<AuthKey>{std::move(*key)};
}

}  // namespace

Result<std::string> read_key_file(const std::string& file) {
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text(key_file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (!stream.is_open() || stream.bad() || text.empty())
        return unexpected(Blame::Machine, "cannot read the key file " + file + ": " +
                                              (errno != 0 ? std::strerror(errno) : "it is empty") +
                                              "; name a file that this program may read");
    if (text.size() > key_file_bytes_max)
        return unexpected(Blame::Machine, "the key file " + file + " has more than " +
                                              std::to_string(key_file_bytes_max) +
                                              " bytes; name a file with keys only");
    return text;
}

Result<KeySet> KeySet::parse(JwtKeyFormat format, std::string_view text, std::string_view key_id) {
    auto keys = format == JwtKeyFormat::Jwks ? parse_jwks(text) : parse_one(format, text, key_id);
    if (!keys) return Unexpected{keys.error()};
    if (keys->empty()) return unexpected(Blame::Machine, "has no key for HS256, RS256 or EdDSA signatures; add one");
    if (keys->size() > keys_max)
        return unexpected(Blame::Machine, "has more than " + std::to_string(keys_max) + " keys; remove old ones");
    for (auto key = keys->begin(); key != keys->end(); ++key)
        if (!key->id.empty() &&
            std::any_of(keys->begin(), key, [&](const AuthKey& other) { return other.id == key->id; }))
            return unexpected(Blame::Machine, "has two keys of one \"kid\"; name them differently");
    KeySet set;
    set.keys_ = std::move(*keys);
    return set;
}

const AuthKey* KeySet::find(JwtAlgorithm algorithm, std::optional<std::string_view> id) const {
    if (id)
        for (const AuthKey& key : keys_)
            if (!key.id.empty() && key.id == *id) return &key;
    const AuthKey* only = nullptr;
    for (const AuthKey& key : keys_) {
        if (key.algorithm() != algorithm || (id && !key.id.empty())) continue;
        if (only != nullptr) return nullptr;
        only = &key;
    }
    return only;
}

Result<std::unique_ptr<KeyFile>> KeyFile::open(JwtKeySource source) {
    std::unique_ptr<KeyFile> file(new KeyFile(std::move(source)));
    const auto loaded = file->reload();
    if (!loaded) return Unexpected{loaded.error()};
    return file;
}

Result<void> KeyFile::reload() {
    const auto text = read_key_file(source_.file);
    if (!text) return Unexpected{text.error()};
    auto set = KeySet::parse(source_.format, *text, source_.key_id);
    if (!set) return unexpected(Blame::Machine, "the key file " + source_.file + " " + set.error().message);
    auto keys = std::make_shared<const KeySet>(std::move(*set));
    const std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
    return {};
}

std::shared_ptr<const KeySet> KeyFile::keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
}

}  // namespace tidewire::server
