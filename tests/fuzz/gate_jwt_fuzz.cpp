// libFuzzer: any bytes as a token, as claims that are well signed, as a file of keys, and as a ticket. The oracle: who is let in has a
// clean name, and who is not gets a sentence.
#include "server/gate/base64url.h"
#include "server/gate/claim_text.h"
#include "server/gate/jwt.h"
#include "server/gate/ticket_book.h"
#include "tests/fuzz/ws_chunks.h"

using namespace tidewire;
using namespace tidewire::server;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";

void require_clean(const Verdict& verdict) {
    if (!verdict) {
        fuzz::require(clean_text(verdict.refusal().message, 200), "a refusal is a clean sentence");
        fuzz::require(!verdict.refusal().message.empty(), "a refusal says why");
        return;
    }
    const Identity& identity = verdict.identity();
    fuzz::require(!identity.subject.empty() && clean_text(identity.subject, subject_bytes_max), "a subject is clean");
    fuzz::require(clean_text(identity.name, shown_name_bytes_max), "a name is clean");
    fuzz::require(clean_text(identity.room, room_name_bytes_max), "a room is clean");
    fuzz::require(clean_text(identity.token_id, subject_bytes_max), "an id is clean");
    fuzz::require(identity.expires + std::chrono::seconds(30) > now, "nobody comes in late");
}

std::string signed_by_us(ByteSpan claims) {
    const std::string text = to_base64url(as_bytes(R"({"alg":"HS256"})")) + "." + to_base64url(claims);
    return text + "." + to_base64url(HmacSha256(as_bytes(secret)).of(as_bytes(text)));
}

void judge_keys(ByteSpan bytes) {
    for (const JwtKeyFormat format :
         {JwtKeyFormat::Jwks, JwtKeyFormat::PublicKey, JwtKeyFormat::Secret, JwtKeyFormat::SecretBase64Url}) {
        const auto set = KeySet::parse(format, as_text(bytes));
        if (set)
            fuzz::require(!set->keys().empty() && set->keys().size() <= keys_max, "a set has keys, not too many");
        else
            fuzz::require(clean_text(set.error().message, 200), "an error is a clean sentence");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const KeySet keys = *KeySet::parse(JwtKeyFormat::Secret, secret);
    static const JwtRules rules{.token_bytes_max = 1 << 20, .claims = {"clan"}};
    const fuzz::Input input = fuzz::split_input(data, size);
    switch (input.flags % 4) {
        case 0:
            require_clean(verify_jwt(as_text(input.bytes), keys, rules, now));
            break;
        case 1:
            require_clean(verify_jwt(signed_by_us(input.bytes), keys, rules, now));
            break;
        case 2:
            judge_keys(input.bytes);
            break;
        default: {
            // Of what is no message of ours, and of one that is.
            TicketBook book({HmacSha256(as_bytes(secret))}, 4);
            require_clean(book.redeem(as_text(input.bytes), "", now));
            Bytes ticket(input.bytes.begin(), input.bytes.end());
            append(ticket, HmacSha256(as_bytes(secret)).of(input.bytes));
            const std::string text = to_base64url(ticket);
            const Verdict verdict = book.redeem(text, "", now);
            require_clean(verdict);
            fuzz::require(!verdict || !book.redeem(text, "", now), "a ticket is good once");
        }
    }
    return 0;
}
