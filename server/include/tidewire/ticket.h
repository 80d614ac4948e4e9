// A ticket lets one player into one room once. A matchmaker makes it, with a key that it shares with the game servers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tidewire/identity.h"
#include "tidewire/result.h"

namespace tidewire {

/// Texts are UTF-8 without control characters.
struct Ticket {
    /// The room's name, 1 to 64 bytes; a private room's too. It must be unique among all servers that share the key: each remembers only what it has seen itself.
    std::string room{};
    std::string player{};  ///< Who it is for, for good: 1 to 128 bytes.
    std::string name{};    ///< To be shown: at most 64 bytes; may be empty.
    /// A minute or two from now. The maker's clock counts; there is no leeway.
    SystemTime expires{};
};

/// Where the keys are, and what is remembered.
struct TicketOptions {
    /// One key a line in base64url without padding, 32 bytes or more each: `openssl rand -base64 32 | tr '+/' '-_' | tr -d =`. Tickets by any
    /// of them are good, so that a new one can be added before the old one goes.
    std::string key_file{};
    /// Tickets remembered until they expire, of about 100 bytes each. Beyond it further ones are refused, since to forget one would let it
    /// in again. So does a crash, and a restart without ServerOptions::save_directory: short lives make that bearable.
    std::size_t spent_max = 65'536;
};

/// The ticket as text (base64url) that fits into a header field: about 110 characters and 4 for each 3 bytes of its texts.
/// `key`: the secret's bytes, 32 or more. An Error when the key is short or a text is not as said above. Any thread.
Result<std::string> make_ticket(std::string_view key, const Ticket& ticket);

}  // namespace tidewire
