// Files of keys: what is taken, what is refused, and what happens when one is replaced.
#include "server/gate/key_set.h"

#include <catch2/catch.hpp>

#include "server/gate/jwt.h"
#include "tests/server/gate/jwt_signer.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::server::test;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'700'000'000)};
const std::string claims = R"({"sub":"p1","exp":1700000060})";

std::string jwks(const std::vector<std::string>& keys) {
    std::string text;
    for (const std::string& key : keys) text += (text.empty() ? "" : ",") + key;
    return R"({"keys":[)" + text + "]}";
}

std::string refusal_of(const std::string& text, JwtKeyFormat format = JwtKeyFormat::Jwks) {
    const auto set = KeySet::parse(format, text);
    return set ? "" : set.error().message;
}

}  // namespace

TEST_CASE("a key rotates: the token names it, and the old one goes when the file says so", "[gate][key-set]") {
    const tidewire::test::Folder folder;
    const PrivateKey first = ed25519_key();
    const PrivateKey second = rsa_key();
    const std::string old_token = signed_by(first.get(), R"({"alg":"EdDSA","kid":"old"})", claims);
    const std::string new_token = signed_by(second.get(), R"({"alg":"RS256","kid":"new"})", claims);
    const std::string old_jwk = jwk(first.get(), R"("kid":"old","use":"sig","alg":"EdDSA")");
    const std::string new_jwk = jwk(second.get(), R"("kid":"new","key_ops":["verify"])");
    auto file = KeyFile::open({.file = folder.write("keys", jwks({old_jwk}))});
    REQUIRE(file);
    const auto judge = [&](const std::string& token) { return to_words(verify_jwt(token, *(*file)->keys(), {}, now)); };
    CHECK(judge(old_token) == "admitted");
    CHECK(judge(new_token) == "UnknownKey");
    folder.write("keys", jwks({old_jwk, new_jwk}));
    REQUIRE((*file)->reload());
    CHECK(judge(old_token) == "admitted");
    CHECK(judge(new_token) == "admitted");
    for (const std::string& broken : {std::string(), std::string("{"), jwks({}), jwks({old_jwk, R"({"kty":"RSA"})"})}) {
        folder.write("keys", broken);
        const auto reloaded = (*file)->reload();
        REQUIRE_FALSE(reloaded);
        INFO(reloaded.error().message);
        CHECK(reloaded.error().message.find(folder / "keys") != std::string::npos);
        CHECK(judge(new_token) == "admitted");
    }
    folder.write("keys", jwks({new_jwk}));
    REQUIRE((*file)->reload());
    CHECK(judge(old_token) == "UnknownKey");
    CHECK(judge(new_token) == "admitted");
}

TEST_CASE("a token without a key id needs exactly one key of its algorithm", "[gate][key-set]") {
    const PrivateKey a = ed25519_key();
    const PrivateKey b = ed25519_key();
    const std::string token = signed_by(a.get(), R"({"alg":"EdDSA"})", claims);
    const auto one = KeySet::parse(JwtKeyFormat::Jwks, jwks({jwk(a.get(), R"("kid":"a")")}));
    const auto two =
        KeySet::parse(JwtKeyFormat::Jwks, jwks({jwk(a.get(), R"("kid":"a")"), jwk(b.get(), R"("kid":"b")")}));
    REQUIRE((one && two));
    CHECK(to_words(verify_jwt(token, *one, {}, now)) == "admitted");
    CHECK(to_words(verify_jwt(token, *two, {}, now)) == "UnknownKey");
    CHECK(to_words(verify_jwt(signed_by(a.get(), R"({"alg":"EdDSA","kid":"b"})", claims), *two, {}, now)) ==
          "BadSignature");
    CHECK(to_words(verify_jwt(signed_by(a.get(), R"({"alg":"EdDSA","kid":7})", claims), *two, {}, now)) == "Malformed");
}

TEST_CASE("keys for other uses and of other kinds are passed over", "[gate][key-set]") {
    const PrivateKey key = ed25519_key();
    const std::string good = jwk(key.get(), R"("kid":"good")");
    const auto set = KeySet::parse(
        JwtKeyFormat::Jwks,
        jwks({jwk(key.get(), R"("kid":"a","use":"enc")"), jwk(key.get(), R"("kid":"b","alg":"ES256")"),
              jwk(key.get(), R"("kid":"c","key_ops":["sign"])"), R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
              R"({"kty":"OKP","crv":"X25519","x":"AA"})", R"({"kty":7})", "7", good}));
    REQUIRE(set);
    REQUIRE(set->keys().size() == 1);
    CHECK(set->keys()[0].id == "good");
}

TEST_CASE("weak, private and ambiguous keys are refused with the remedy", "[gate][key-set]") {
    const PrivateKey weak = rsa_key(1024);
    CHECK(refusal_of(jwks({jwk(weak.get(), R"("kid":"w")")})).find("1024 bits") != std::string::npos);
    CHECK(refusal_of(public_pem(weak.get()), JwtKeyFormat::PublicKey).find("1024 bits") != std::string::npos);
    const PrivateKey key = ed25519_key();
    CHECK(refusal_of(jwks({jwk(key.get(), R"("kid":"k","d":"AA")")})).find("private") != std::string::npos);
    CHECK(refusal_of(jwks({jwk(key.get(), R"("kid":"k")"), jwk(key.get(), R"("kid":"k")")})).find("two keys") !=
          std::string::npos);
    CHECK(refusal_of(std::string(31, 'x'), JwtKeyFormat::Secret).find("32") != std::string::npos);
    CHECK(refusal_of(std::string(31, 'x') + "\n", JwtKeyFormat::Secret).find("31") != std::string::npos);
    CHECK(refusal_of(std::string(43, '='), JwtKeyFormat::SecretBase64Url).find("base64url") != std::string::npos);
    CHECK(refusal_of(to_base64url(Bytes(32)) + "\n", JwtKeyFormat::SecretBase64Url).empty());
    const PrivateKey curve(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    CHECK(refusal_of(public_pem(curve.get()), JwtKeyFormat::PublicKey).find("neither RSA") != std::string::npos);
    CHECK_FALSE(refusal_of("-----BEGIN PUBLIC KEY-----\nAA\n", JwtKeyFormat::PublicKey).empty());
    const auto missing = KeyFile::open({.file = "no-such-file"});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message.find("no-such-file") != std::string::npos);
}
