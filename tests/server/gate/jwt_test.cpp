// JSON Web Tokens: who comes in, and every way of not coming in.
#include "server/gate/jwt.h"

#include <catch2/catch.hpp>

#include "tests/server/gate/jwt_signer.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::server::test;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'700'000'000)};
const std::string secret = "0123456789abcdef0123456789abcdef";
const std::string claims =
    R"({"sub":"p1","exp":1700000060,"iss":"us","aud":"game","name":"Ann","room":"r1","clan":"x"})";
const std::string hs256 = R"({"alg":"HS256"})";
const JwtRules rules{.issuer = "us", .audience = "game", .claims = {"clan"}};

KeySet secret_set() {
    auto set = KeySet::parse(JwtKeyFormat::Secret, secret);
    REQUIRE(set);
    return *set;
}

Verdict verify(const std::string& token, const KeySet& keys = secret_set()) {
    return verify_jwt(token, keys, rules, now);
}

/// Good claims with `more` in front.
std::string judged(const std::string& text, const std::string& header = hs256) {
    return to_words(verify(signed_by(secret, header, text)));
}

/// Flips each bit and cuts at each length.
void require_refused_when_changed(const std::string& token, const KeySet& keys) {
    REQUIRE(to_words(verify(token, keys)) == "admitted");
    std::map<std::string, int> kinds;
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
        std::string changed = token;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        ++kinds[to_words(verify(changed, keys))];
    }
    for (std::size_t size = 1; size < token.size(); ++size) ++kinds[to_words(verify(token.substr(0, size), keys))];
    CHECK(to_words(verify(token + "A", keys)) != "admitted");
    for (const auto& [kind, count] : kinds) {
        INFO(kind << " " << count);
        CHECK((kind == "Malformed" || kind == "UnknownAlgorithm" || kind == "UnknownKey" || kind == "BadSignature"));
    }
    CHECK(kinds["BadSignature"] > 100);
}

bool good_signature(const AuthKey& key, const std::string& signed_text, const std::string& signature) {
    const auto bytes = parse_base64url(signature);
    REQUIRE(bytes);
    return key.verify(as_bytes(signed_text), *bytes);
}

}  // namespace

TEST_CASE("a good token tells who it is", "[gate][jwt]") {
    const Verdict verdict = verify(signed_by(secret, hs256, claims));
    REQUIRE(verdict);
    CHECK(verdict.identity().subject == "p1");
    CHECK(verdict.identity().name == "Ann");
    CHECK(verdict.identity().room == "r1");
    CHECK(verdict.identity().claims == std::map<std::string, std::string>{{"clan", "x"}});
    CHECK(verdict.identity().expires == now + std::chrono::seconds(60));
}

TEST_CASE("RFC 7515 A.1, A.2 and RFC 8037 A.4: the examples' signatures are good", "[gate][jwt]") {
    const std::string payload =
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const auto first = KeySet::parse(
        JwtKeyFormat::Jwks,
        R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})");
    REQUIRE(first);
    CHECK(good_signature(first->keys()[0], "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + payload,
                         "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    const auto second = KeySet::parse(
        JwtKeyFormat::Jwks,
        R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})");
    REQUIRE(second);
    CHECK(good_signature(
        second->keys()[0], "eyJhbGciOiJSUzI1NiJ9" + payload,
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr"
        "7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
        "xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
        "IoypGlUPQGe77Rw"));
    const auto third = KeySet::parse(
        JwtKeyFormat::Jwks, R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    REQUIRE(third);
    CHECK(good_signature(third->keys()[0], "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                         "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
}

TEST_CASE("each flipped bit and each cut of a token is refused, with HS256, RS256 and EdDSA", "[gate][jwt]") {
    require_refused_when_changed(signed_by(secret, hs256, claims), secret_set());
    const PrivateKey rsa = rsa_key();
    const auto rsa_set = KeySet::parse(JwtKeyFormat::PublicKey, public_pem(rsa.get()));
    REQUIRE(rsa_set);
    require_refused_when_changed(signed_by(rsa.get(), R"({"alg":"RS256"})", claims), *rsa_set);
    const PrivateKey edwards = ed25519_key();
    const auto edwards_set = KeySet::parse(JwtKeyFormat::Jwks, jwk(edwards.get(), R"("kid":"e")"));
    REQUIRE(edwards_set);
    require_refused_when_changed(signed_by(edwards.get(), R"({"alg":"EdDSA","kid":"e"})", claims), *edwards_set);
}

TEST_CASE("alg none is refused in every spelling, with a signature and without", "[gate][jwt]") {
    for (unsigned upper = 0; upper < 16; ++upper) {
        std::string none = "none";
        for (std::size_t i = 0; i < none.size(); ++i)
            if ((upper >> i & 1) != 0) none[i] = static_cast<char>(none[i] - 'a' + 'A');
        const std::string header = R"({"alg":")" + none + R"("})";
        CHECK(judged(claims, header) == "UnknownAlgorithm");
        CHECK(to_words(verify(text64(header) + "." + text64(claims) + ".")) == "UnknownAlgorithm");
    }
    for (const char* name : {"", "hs256", "HS256 ", "HS512", "none\\u0000", "ES256", "n\\u006fne"})
        CHECK(judged(claims, std::string(R"({"alg":")") + name + R"("})") == "UnknownAlgorithm");
    CHECK(judged(claims, "{}") == "Malformed");
    CHECK(judged(claims, R"({"alg":null})") == "Malformed");
    CHECK(judged(claims, R"({"alg":["HS256"]})") == "Malformed");
}

TEST_CASE("a public key is no secret, whatever the header says", "[gate][jwt]") {
    const PrivateKey rsa = rsa_key();
    const std::string pem = public_pem(rsa.get());
    const auto named = KeySet::parse(JwtKeyFormat::PublicKey, pem, "k");
    REQUIRE(named);
    CHECK(to_words(verify(signed_by(pem, R"({"alg":"HS256","kid":"k"})", claims), *named)) == "UnknownAlgorithm");
    const auto nameless = KeySet::parse(JwtKeyFormat::PublicKey, pem);
    REQUIRE(nameless);
    CHECK(to_words(verify(signed_by(pem, hs256, claims), *nameless)) == "UnknownKey");
    const auto misread = KeySet::parse(JwtKeyFormat::Secret, pem);
    REQUIRE_FALSE(misread);
    CHECK(misread.error().message.find("PEM") != std::string::npos);
}

TEST_CASE("what is not allowed by the rules is refused though there is a key", "[gate][jwt]") {
    JwtRules only = rules;
    only.algorithms = {JwtAlgorithm::EdDSA};
    CHECK(to_words(verify_jwt(signed_by(secret, hs256, claims), secret_set(), only, now)) == "UnknownAlgorithm");
}

TEST_CASE("keys in a header are not looked at, and crit is refused", "[gate][jwt]") {
    const PrivateKey stranger = ed25519_key();
    const std::string header = R"({"alg":"EdDSA","jku":"https://evil.example/","x5u":"https://evil.example/","jwk":)" +
                               jwk(stranger.get(), R"("kid":"x")") + "}";
    CHECK(to_words(verify(signed_by(stranger.get(), header, claims))) == "UnknownKey");
    CHECK(judged(claims, R"({"alg":"HS256","jwk":{"kty":"oct","k":"AA"}})") == "admitted");
    CHECK(judged(claims, R"({"alg":"HS256","crit":["exp"]})") == "Malformed");
    CHECK(judged(claims, R"({"alg":"HS256","crit":[]})") == "Malformed");
}

TEST_CASE("time counts with the leeway on both sides, to the second", "[gate][jwt]") {
    const auto with = [](const std::string& times) {
        return judged(R"({"sub":"p","iss":"us","aud":"game",)" + times + "}");
    };
    CHECK(with(R"("exp":1699999971)") == "admitted");
    CHECK(with(R"("exp":1699999970)") == "Expired");
    CHECK(with(R"("exp":1700000060.5)") == "admitted");
    CHECK(with(R"("exp":1700000060,"nbf":1700000030)") == "admitted");
    CHECK(with(R"("exp":1700000060,"nbf":1700000031)") == "NotYetValid");
    CHECK(with(R"("exp":1700000060,"iat":1700000030)") == "admitted");
    CHECK(with(R"("exp":1700000060,"iat":1700000031)") == "NotYetValid");
    CHECK(with(R"("exp":0)") == "Expired");
}

TEST_CASE("a time that is none is refused", "[gate][jwt]") {
    for (const char* exp : {"-1", "-1e300", "1e300", "1e999", "253402300800", "18446744073709551616", "\"1700000060\"",
                            "null", "true", "[1700000060]", "{}", "NaN", "0x70000000"}) {
        INFO(exp);
        CHECK(judged(std::string(R"({"sub":"p","iss":"us","aud":"game","exp":)") + exp + "}") == "Malformed");
    }
    CHECK(judged(R"({"sub":"p","iss":"us","aud":"game"})") == "Malformed");
    CHECK(judged(R"({"sub":"p","iss":"us","aud":"game","exp":1700000060,"nbf":"x"})") == "Malformed");
    CHECK(judged(R"({"sub":"p","iss":"us","aud":"game","exp":1700000060,"iat":-1})") == "Malformed");
}

TEST_CASE("issuer and audience must be ours", "[gate][jwt]") {
    const auto with = [](const std::string& more) { return judged(R"({"sub":"p","exp":1700000060)" + more + "}"); };
    CHECK(with(R"(,"iss":"us","aud":["other","game"])") == "admitted");
    CHECK(with(R"(,"iss":"them","aud":"game")") == "WrongIssuer");
    CHECK(with(R"(,"aud":"game")") == "WrongIssuer");
    CHECK(with(R"(,"iss":7,"aud":"game")") == "Malformed");
    CHECK(with(R"(,"iss":"us","aud":"Game")") == "WrongAudience");
    CHECK(with(R"(,"iss":"us","aud":[])") == "WrongAudience");
    CHECK(with(R"(,"iss":"us")") == "WrongAudience");
    CHECK(with(R"(,"iss":"us","aud":["game",1])") == "Malformed");
    CHECK(with(R"(,"iss":"us","aud":{"a":"game"})") == "Malformed");
    const JwtRules open{};
    CHECK(to_words(verify_jwt(signed_by(secret, hs256, claims), secret_set(), open, now)) == "WrongAudience");
    CHECK(to_words(verify_jwt(signed_by(secret, hs256, R"({"sub":"p","exp":1700000060})"), secret_set(), open, now)) ==
          "admitted");
}

TEST_CASE("claims are clean, bounded texts", "[gate][jwt]") {
    const auto with = [](const std::string& more) {
        return judged(R"({"exp":1700000060,"iss":"us","aud":"game")" + more + "}");
    };
    CHECK(with("") == "Malformed");
    CHECK(with(R"(,"sub":"")") == "Malformed");
    CHECK(with(R"(,"sub":7)") == "Malformed");
    CHECK(with(R"(,"sub":"a\u0000b")") == "Malformed");
    CHECK(with(R"(,"sub":"a\u202eb")") == "Malformed");
    CHECK(with(",\"sub\":\"\xff\"") == "Malformed");
    CHECK(with(",\"sub\":\"" + std::string(128, 'x') + "\"") == "admitted");
    CHECK(with(",\"sub\":\"" + std::string(129, 'x') + "\"") == "Malformed");
    for (const char* name : {"name", "room", "jti", "clan"}) {
        INFO(name);
        CHECK(with(std::string(R"(,"sub":"p",")") + name + R"(":1)") == "Malformed");
        CHECK(with(std::string(R"(,"sub":"p",")") + name + "\":\"" + std::string(257, 'x') + "\"") == "Malformed");
    }
}

TEST_CASE("JSON that two readers may read differently is refused", "[gate][jwt]") {
    CHECK(judged(claims, R"({"alg":"HS256","alg":"none"})") == "Malformed");
    CHECK(judged(R"({"sub":"p","sub":"q","exp":1700000060,"iss":"us","aud":"game"})") == "Malformed");
    CHECK(judged(R"({"sub":"p","s\u0075b":"q","exp":1700000060,"iss":"us","aud":"game"})") == "Malformed");
    for (const char* text : {"", "[]", "7", "null", "{", "{}x", "{}{}", R"({"sub":"p",})", "/**/{}"})
        CHECK(judged(text) == "Malformed");
    const auto nested = [](std::size_t depth) {
        return R"({"sub":"p","exp":1700000060,"iss":"us","aud":"game","x":)" + std::string(depth, '[') +
               std::string(depth, ']') + "}";
    };
    CHECK(judged(nested(7)) == "admitted");
    CHECK(judged(nested(8)) == "Malformed");
    CHECK(judged(claims, R"({"alg":"HS256","x":)" + std::string(1000, '[')) == "Malformed");
}

TEST_CASE("the size is checked before all else, and no token is a refusal of its own", "[gate][jwt]") {
    CHECK(to_words(verify("")) == "NoToken");
    CHECK(to_words(verify(std::string(4096, '.'))) == "Malformed");
    CHECK(to_words(verify(std::string(4097, '.'))) == "TooLarge");
    for (const char* text : {".", "..", "...", "a.b", "a.b.c.d", "=.=.="}) CHECK(to_words(verify(text)) == "Malformed");
}
