// Tickets.
#include "server/gate/ticket_book.h"

#include <algorithm>
#include <optional>

#include "sdk/core/base/byte_io.h"
#include "server/gate/auth_key.h"
#include "server/gate/base64url.h"
#include "server/gate/claim_text.h"

namespace tidewire::server {

namespace {

using Kind = Refusal::Kind;

constexpr std::uint8_t version = 1;
constexpr std::size_t code_bytes = 32;
constexpr std::size_t nonce_bytes = 16;
/// All texts as long as they may be, each with two bytes of length.
constexpr std::size_t ticket_bytes_max =
    1 + 8 + nonce_bytes + room_name_bytes_max + subject_bytes_max + shown_name_bytes_max + 6 + code_bytes;
constexpr std::size_t ticket_text_max = (ticket_bytes_max * 4 + 2) / 3;
/// The end of the year 9999.
constexpr std::uint64_t seconds_max = 253'402'300'799;

Refusal refusal(Kind kind, const char* message) { return {.kind = kind, .message = message}; }

struct Read {
    Ticket ticket;
    SpentTokens::Id nonce{};
};

void append_text(Bytes& out, std::string_view text) {
    append_varint(out, text.size());
    append(out, as_bytes(text));
}

std::string read_text(ByteReader& reader) {
    const auto size = reader.read_varint32();
    const auto bytes = size ? reader.read_bytes(*size) : std::nullopt;
    return bytes ? to_string(*bytes) : std::string();
}

bool good(const Ticket& ticket) {
    return !ticket.room.empty() && clean_text(ticket.room, room_name_bytes_max) && !ticket.player.empty() &&
           clean_text(ticket.player, subject_bytes_max) && clean_text(ticket.name, shown_name_bytes_max);
}

/// What a key has vouched for; empty when it is of another version.
std::optional<Read> parse(ByteSpan message) {
    ByteReader reader(message);
    if (reader.read_u8() != version) return std::nullopt;
    const auto expires = reader.read_little_endian<std::uint64_t>();
    const auto nonce = reader.read_bytes(nonce_bytes);
    Read read;
    read.ticket.room = read_text(reader);
    read.ticket.player = read_text(reader);
    read.ticket.name = read_text(reader);
    if (reader.failed() || !reader.at_end() || *expires > seconds_max || !good(read.ticket)) return std::nullopt;
    read.ticket.expires = SystemTime(std::chrono::seconds(static_cast<std::int64_t>(*expires)));
    std::copy(nonce->begin(), nonce->end(), read.nonce.begin());
    return read;
}

}  // namespace

Result<std::string> make_ticket(ByteSpan key, const Ticket& ticket, const RandomSource& random) {
    if (key.size() < secret_bytes_min)
        return unexpected(Blame::Caller, "a ticket's key has " + std::to_string(key.size()) + " bytes; take " +
                                             std::to_string(secret_bytes_min) + " random ones or more");
    const auto seconds = ticket.expires.time_since_epoch().count();
    if (!good(ticket) || seconds < 0 || static_cast<std::uint64_t>(seconds) > seconds_max)
        return unexpected(
            Blame::Caller,
            "a ticket needs a room of 1 to 64 bytes, a player of 1 to 128, a name of at most 64, all in printable "
            "text, and an expiry before the year 10000");
    Bytes bytes{std::byte{version}};
    append_little_endian(bytes, static_cast<std::uint64_t>(seconds));
    SpentTokens::Id nonce{};
    random(nonce);
    append(bytes, nonce);
    append_text(bytes, ticket.room);
    append_text(bytes, ticket.player);
    append_text(bytes, ticket.name);
    append(bytes, HmacSha256(key).of(bytes));
    return to_base64url(bytes);
}

Result<std::vector<Bytes>> parse_ticket_secrets(std::string_view text) {
    std::vector<Bytes> secrets;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        auto secret = parse_base64url(line);
        if (!secret || secret->size() < secret_bytes_min)
            return unexpected(Blame::Machine,
                              "is broken: each line must be a key of 32 bytes or more in base64url without padding");
        secrets.push_back(std::move(*secret));
    }
    // A forger's ticket is tried with each of them.
    if (secrets.empty() || secrets.size() > 8)
        return unexpected(Blame::Machine, "is broken: it must hold 1 to 8 keys, one a line");
    return secrets;
}

Result<std::vector<HmacSha256>> parse_ticket_keys(std::string_view text) {
    const auto secrets = parse_ticket_secrets(text);
    if (!secrets) return Unexpected{secrets.error()};
    std::vector<HmacSha256> keys;
    for (const Bytes& secret : *secrets) keys.emplace_back(secret);
    return keys;
}

bool TicketBook::genuine(ByteSpan message, ByteSpan code) const {
    std::vector<HmacSha256> keys;
    {
        const std::lock_guard lock(mutex_);
        keys = keys_;
    }
    return std::any_of(keys.begin(), keys.end(), [&](const HmacSha256& key) { return key.verify(message, code); });
}

void TicketBook::set_keys(std::vector<HmacSha256> keys) {
    const std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
}

Verdict TicketBook::redeem(std::string_view ticket, std::string_view room, SystemTime now,
                           const ReserveSeat& reserve) {
    if (ticket.empty()) return refusal(Kind::NoToken, "this server asks for a ticket, and none was sent");
    if (ticket.size() > ticket_text_max) return refusal(Kind::TooLarge, "the ticket is longer than any ticket");
    const auto bytes = parse_base64url(ticket);
    if (!bytes || bytes->size() <= code_bytes) return refusal(Kind::Malformed, "the ticket is none");
    const ByteSpan message = ByteSpan(*bytes).first(bytes->size() - code_bytes);
    // Nothing of it is read before it is known to be ours.
    if (!genuine(message, ByteSpan(*bytes).last(code_bytes)))
        return refusal(Kind::BadSignature, "the ticket is not by this server's key, or was changed");
    auto read = parse(message);
    if (!read) return refusal(Kind::Malformed, "the ticket is of another version");
    if (now >= read->ticket.expires) return refusal(Kind::Expired, "the ticket has expired");
    if (!room.empty() && room != read->ticket.room) return refusal(Kind::WrongRoom, "the ticket is for another room");
    if (reserve)
        if (auto none = reserve(read->ticket.room)) return std::move(*none);
    switch (spent_.spend(read->nonce, read->ticket.expires, now)) {
        case SpentTokens::Outcome::Replayed:
            return refusal(Kind::Replayed, "the ticket has been used before");
        case SpentTokens::Outcome::Expired:
            return refusal(Kind::Expired, "the ticket has expired");
        case SpentTokens::Outcome::Full:
            return refusal(Kind::Full, "this server has let in as many as it can remember; try again in a minute");
        case SpentTokens::Outcome::Fresh:
            break;
    }
    return Identity{.subject = std::move(read->ticket.player),
                    .name = std::move(read->ticket.name),
                    .room = std::move(read->ticket.room),
                    .token_id = to_base64url(read->nonce),
                    .expires = read->ticket.expires};
}

void TicketBook::give_back(const Identity& identity) {
    const auto bytes = parse_base64url(identity.token_id);
    SpentTokens::Id nonce{};
    if (!bytes || bytes->size() != nonce.size()) return;
    std::copy(bytes->begin(), bytes->end(), nonce.begin());
    spent_.give_back(nonce, identity.expires);
}

}  // namespace tidewire::server
