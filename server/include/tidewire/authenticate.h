// The hook that decides who comes in, and ready-made ones.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tidewire/identity.h"
#include "tidewire/jwt_options.h"
#include "tidewire/result.h"
#include "tidewire/ticket.h"

namespace tidewire {

/// Takes a seat in the room of this name, or in any where it is empty. A Refusal to be returned when there is none.
using ReserveSeat = std::function<std::optional<Refusal>(std::string_view room)>;

/// What is known of somebody who wants to come in. The views live as long as the call.
struct JoinRequest {
    std::string_view address{};      ///< Numeric: of the client, or what a trusted proxy says of it.
    std::string_view origin{};       ///< Of the web page, as "https://example.com"; empty: no browser.
    std::string_view path{};         ///< Of the URL that they connect to, without its query.
    std::string_view player_name{};  ///< What they would like to be called.
    std::string_view token{};        ///< From the first message or the subprotocol header, unchecked; may be empty.
    std::string_view room{};         ///< The name of the one that they want; empty: any.
    bool spectates = false;          ///< They want to watch, and not to play. A Refusal where the game has reasons against that.
    SystemTime now{};                ///< The time of the request.
    /// To be called last, before a token that is good for one time is used up: where there is no seat it stays good. The seat is given back
    /// when the answer is a refusal. Who does not call it gets a seat, if there is one, after the answer. May be empty.
    ReserveSeat reserve{};
};

/// Decides on one request. Shards call it from their threads, several at a time, and their rooms wait for it: it must not block. Where the
/// identity names a room, the seat is there and nowhere else, a private one as well: those of ServerOptions::rooms are called by their numbers, from "1". What it throws refuses the
/// request (1011).
using Authenticate = std::function<Verdict(const JoinRequest&)>;

struct Authenticator {
    Authenticate authenticate{};
    /// Reads the key file anew. When that fails what was read before stays in force, and the Error says what is wrong with the file and what
    /// to do. Any thread; requests go on meanwhile. Empty when there is nothing to read.
    std::function<Result<void>()> reload{};
    /// Who was let in did not come as far as into a room: what was used up for it is as good as before. Any thread. Empty when nothing is.
    std::function<void(const Identity&)> give_back{};
    /// What has been used up, for a server that is started again (ServerOptions::save_directory): asked when nobody comes in any more. Empty
    /// when nothing is.
    std::function<std::vector<std::byte>()> save{};
    /// And the same for the next one, before anybody comes. An Error is the second half of a sentence about the file.
    std::function<Result<void>(std::span<const std::byte>)> restore{};
};

/// Signed by somebody whose key is in a file. An Error when the file cannot be used.
Result<Authenticator> authenticate_by_jwt(const JwtOptions& options);

/// By a ticket of make_ticket(). An Error when the file cannot be used.
Result<Authenticator> authenticate_by_ticket(const TicketOptions& options);

/// Lets everybody in, under the name that they ask for and with an empty subject; a token is not looked at. For games that have no accounts.
Authenticator anonymous();

}  // namespace tidewire
