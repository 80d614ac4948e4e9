// Join tickets: how they are written, and the book that lets each in once.
//
// A ticket is base64url of: version (1 byte, 1), expiry (8 bytes, little-endian, Unix seconds), nonce (16 bytes), room, player and name (each
// a varint length and its bytes), HMAC-SHA-256 over all of that (32 bytes).
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/random.h"
#include "server/gate/hmac_sha256.h"
#include "server/gate/spent_tokens.h"
#include "tidewire/authenticate.h"

namespace tidewire::server {

/// As tidewire::make_ticket; the nonce comes from `random`.
Result<std::string> make_ticket(ByteSpan key, const Ticket& ticket, const RandomSource& random);

/// The secrets in TicketOptions::key_file, at least one. Errors are half-sentences that go on after the file's name.
Result<std::vector<Bytes>> parse_ticket_secrets(std::string_view text);
/// The keys that are made of them. Errors are half-sentences that go on after the file's name.
Result<std::vector<HmacSha256>> parse_ticket_keys(std::string_view text);

/// Any thread may call any of it.
class TicketBook {
public:
    TicketBook(std::vector<HmacSha256> keys, std::size_t entries_max) : keys_(std::move(keys)), spent_(entries_max) {}

    /// Lets the ticket in once, into its own room; empty `room`: whichever it is for. A ticket that is refused stays as good as it was,
    /// also by `reserve`, which is asked last where there is one.
    Verdict redeem(std::string_view ticket, std::string_view room, SystemTime now, const ReserveSeat& reserve = {});
    /// The ticket of this identity has let nobody in after all, and is as good as before.
    void give_back(const Identity& identity);
    /// See SpentTokens.
    Bytes save() const { return spent_.save(); }
    Result<void> restore(ByteSpan saved) { return spent_.restore(saved); }
    /// Tickets by other keys are worth nothing from now on.
    void set_keys(std::vector<HmacSha256> keys);

private:
    bool genuine(ByteSpan message, ByteSpan code) const;

    mutable std::mutex mutex_;
    std::vector<HmacSha256> keys_;
    SpentTokens spent_;
};

}  // namespace tidewire::server
