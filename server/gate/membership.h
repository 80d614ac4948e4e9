// What a player has in a room, whatever becomes of the connection: its name, its seat, its token, and what was said to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sdk/core/base/time.h"
#include "sdk/core/session/message_budget.h"
#include "sdk/core/session/reliable_log.h"
#include "sdk/core/ws/close_code.h"
#include "server/gate/connection_census.h"
#include "server/gate/room_directory.h"
#include "server/gate/session_book.h"
#include "tidewire/state.h"

namespace tidewire::server {

struct Membership {
    struct Dismissal {
        ws::CloseCode code;
        std::string reason;
    };

    PlayerId player = 0;
    std::string name;
    std::string subject;
    std::string address;  ///< As of its last connection.
    Seat seat;
    SessionBook::Entry session;
    session::ReliableLog events;        ///< Events and replies.
    std::uint32_t events_received = 0;  ///< Events and requests of the client's, as of the last loss.
    std::optional<session::MessageBudget> budget{};  ///< What it may still say, as of the last loss; empty: there was none.
    std::uint32_t attempt = 0;          ///< The client's newest to come back, of those that have.
    TimePoint kept_until = never;       ///< While it has no connection.
    ConnectionCensus::Away away{};      ///< The same, for its address.
    std::optional<Dismissal> dismissal{};  ///< The same, and it was sent away meanwhile.
    bool restored = false;              ///< The room was, and the client has not heard of it yet: all state is anew for it.
};

using MembershipPointer = std::unique_ptr<Membership>;

}  // namespace tidewire::server
