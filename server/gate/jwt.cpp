// Header, signature, claims, in this order.
#include "server/gate/jwt.h"

#include <algorithm>
#include <optional>

#include "server/gate/base64url.h"
#include "server/gate/claim_text.h"
#include "server/gate/strict_json.h"

namespace tidewire::server {

namespace {

using Kind = Refusal::Kind;
using Refused = std::optional<Refusal>;

/// The end of the year 9999: what is later is no time that anybody meant.
constexpr double seconds_max = 253'402'300'799.0;

Refusal refusal(Kind kind, const char* message) { return {.kind = kind, .message = message}; }

struct Parts {
    std::string_view signed_text;  // header and payload as they were signed
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{token.substr(0, second), token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1)};
}

std::optional<JsonValue> parse_object(ByteSpan bytes) {
    auto value = parse_json(as_text(bytes));
    if (!value || value->kind != JsonValue::Kind::Object) return std::nullopt;
    return value;
}

std::optional<JwtAlgorithm> algorithm_of(std::string_view name) {
    if (name == "HS256") return JwtAlgorithm::HS256;
    if (name == "RS256") return JwtAlgorithm::RS256;
    if (name == "EdDSA") return JwtAlgorithm::EdDSA;
    return std::nullopt;
}

/// The key that the header asks for, or why there is none.
std::variant<const AuthKey*, Refusal> choose_key(const JsonValue& header, const KeySet& keys, const JwtRules& rules) {
    if (header.find("crit") != nullptr)
        return refusal(Kind::Malformed, "the token asks for extensions (crit), and this server has none");
    const JsonValue* name = header.find("alg");
    if (name == nullptr || name->kind != JsonValue::Kind::Text)
        return refusal(Kind::Malformed, "the token does not say its algorithm (alg)");
    const auto algorithm = algorithm_of(name->text);
    if (!algorithm || std::find(rules.algorithms.begin(), rules.algorithms.end(), *algorithm) == rules.algorithms.end())
        return refusal(Kind::UnknownAlgorithm, "the token's algorithm is not allowed");
    const JsonValue* id = header.find("kid");
    if (id != nullptr && id->kind != JsonValue::Kind::Text)
        return refusal(Kind::Malformed, "the token's key id (kid) is no text");
    const AuthKey* key =
        keys.find(*algorithm, id != nullptr ? std::optional<std::string_view>(id->text) : std::nullopt);
    if (key == nullptr) return refusal(Kind::UnknownKey, "the token's key is not known here");
    if (key->algorithm() != *algorithm)
        return refusal(Kind::UnknownAlgorithm, "the token's algorithm is not the one that its key is for");
    return key;
}

Refused check_issuer(const JsonValue& claims, const JwtRules& rules) {
    const JsonValue* issuer = claims.find("iss");
    if (issuer != nullptr && issuer->kind != JsonValue::Kind::Text)
        return refusal(Kind::Malformed, "the token's issuer (iss) is no text");
    if (!rules.issuer.empty() && (issuer == nullptr || issuer->text != rules.issuer))
        return refusal(Kind::WrongIssuer, "the token is by another issuer (iss)");
    return std::nullopt;
}

Refused check_audience(const JsonValue& claims, const JwtRules& rules) {
    const JsonValue* audience = claims.find("aud");
    bool ours = audience == nullptr && rules.audience.empty();
    if (audience != nullptr && audience->kind == JsonValue::Kind::Text) {
        ours = !rules.audience.empty() && audience->text == rules.audience;
    } else if (audience != nullptr) {
        bool texts = audience->kind == JsonValue::Kind::Array;
        for (const JsonValue& value : audience->values) {
            texts = texts && value.kind == JsonValue::Kind::Text;
            ours = ours || (!rules.audience.empty() && value.text == rules.audience);
        }
        if (!texts) return refusal(Kind::Malformed, "the token's audience (aud) is neither a text nor a list of texts");
    }
    if (!ours) return refusal(Kind::WrongAudience, "the token is for another audience (aud)");
    return std::nullopt;
}

/// False when it is there and no time. Otherwise `*seconds` is changed if it is there.
bool read_time(const JsonValue& claims, std::string_view name, std::optional<double>& seconds) {
    const JsonValue* value = claims.find(name);
    if (value == nullptr) return true;
    seconds = value->number;
    return value->kind == JsonValue::Kind::Number && value->number >= 0 && value->number <= seconds_max;
}

Refused check_times(const JsonValue& claims, const JwtRules& rules, SystemTime now, Identity& identity) {
    std::optional<double> expires;
    std::optional<double> not_before;
    std::optional<double> issued;
    if (!read_time(claims, "exp", expires) || !read_time(claims, "nbf", not_before) ||
        !read_time(claims, "iat", issued))
        return refusal(Kind::Malformed, "a time of the token (exp, nbf or iat) is none");
    if (!expires) return refusal(Kind::Malformed, "the token does not say when it expires (exp)");
    const auto seconds = static_cast<double>(now.time_since_epoch().count());
    const auto leeway = static_cast<double>(rules.leeway.count());
    identity.expires = SystemTime(std::chrono::seconds(static_cast<std::int64_t>(*expires)));
    if (now >= identity.expires + rules.leeway) return refusal(Kind::Expired, "the token has expired (exp)");
    if (not_before.value_or(0) > seconds + leeway)
        return refusal(Kind::NotYetValid, "the token is not valid yet (nbf)");
    if (issued.value_or(0) > seconds + leeway)
        return refusal(Kind::NotYetValid, "the token is from the future (iat); is a clock wrong?");
    return std::nullopt;
}

/// False when it is there and not clean.
bool read_text(const JsonValue& claims, std::string_view name, std::size_t bytes_max, std::string& text) {
    const JsonValue* value = claims.find(name);
    if (value == nullptr) return true;
    text = value->text;
    return value->kind == JsonValue::Kind::Text && clean_text(text, bytes_max);
}

Refused read_identity(const JsonValue& claims, const JwtRules& rules, Identity& identity) {
    if (!read_text(claims, "sub", subject_bytes_max, identity.subject) || identity.subject.empty())
        return refusal(Kind::Malformed,
                       "the token does not say whom it is for (sub), in printable text of at most 128 bytes");
    if (!read_text(claims, "name", shown_name_bytes_max, identity.name) ||
        !read_text(claims, "room", room_name_bytes_max, identity.room) ||
        !read_text(claims, "jti", subject_bytes_max, identity.token_id))
        return refusal(Kind::Malformed, "a claim of the token (name, room or jti) is too long or no printable text");
    for (const std::string& name : rules.claims) {
        if (claims.find(name) == nullptr) continue;
        if (!read_text(claims, name, claim_bytes_max, identity.claims[name]))
            return refusal(Kind::Malformed,
                           "a claim of the token that this game asks for is too long or no printable text");
    }
    return std::nullopt;
}

}  // namespace

Verdict verify_jwt(std::string_view token, const KeySet& keys, const JwtRules& rules, SystemTime now) {
    if (token.empty()) return refusal(Kind::NoToken, "this server asks for a token, and none was sent");
    if (token.size() > rules.token_bytes_max)
        return refusal(Kind::TooLarge, "the token is longer than this server takes");
    const auto parts = split(token);
    if (!parts) return refusal(Kind::Malformed, "the token is not three parts with dots between them");
    const auto header_bytes = parse_base64url(parts->header);
    const auto payload = parse_base64url(parts->payload);
    const auto signature = parse_base64url(parts->signature);
    if (!header_bytes || !payload || !signature) return refusal(Kind::Malformed, "a part of the token is no base64url");
    const auto header = parse_object(*header_bytes);
    if (!header) return refusal(Kind::Malformed, "the token's header is no plain JSON object");
    const auto chosen = choose_key(*header, keys, rules);
    if (const Refusal* refused = std::get_if<Refusal>(&chosen)) return *refused;
    if (!std::get<const AuthKey*>(chosen)->verify(as_bytes(parts->signed_text), *signature))
        return refusal(Kind::BadSignature, "the token's signature is wrong");
    const auto claims = parse_object(*payload);
    if (!claims) return refusal(Kind::Malformed, "the token's claims are no plain JSON object");
    Identity identity;
    if (auto refused = check_issuer(*claims, rules)) return std::move(*refused);
    if (auto refused = check_audience(*claims, rules)) return std::move(*refused);
    if (auto refused = check_times(*claims, rules, now, identity)) return std::move(*refused);
    if (auto refused = read_identity(*claims, rules, identity)) return std::move(*refused);
    return identity;
}

}  // namespace tidewire::server
