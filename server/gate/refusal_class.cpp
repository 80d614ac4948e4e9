// By the code that its end had, or the status of the answer.
#include "server/gate/refusal_class.h"

#include "sdk/core/ws/close_code.h"

namespace tidewire::server {

const char* name_of(RefusalClass refusal) {
    constexpr const char* names[refusal_class_count] = {
        "server_full", "no_connection", "no_descriptor", "origin",         "request",  "version",
        "protocol",    "stream",        "left",          "authentication", "join_rate", "banned",
        "room"};
    return names[static_cast<std::size_t>(refusal)];
}

RefusalClass class_of(const GateEvent& refused) {
    if (refused.connection == ConnectionId{})
        return refused.peer_address.empty() ? RefusalClass::NoDescriptor : RefusalClass::NoConnection;
    switch (refused.http_status) {
        case 0:
            break;
        case 403:
            return RefusalClass::Origin;
        case 429:
        case 503:
            return RefusalClass::NoConnection;
        default:
            return RefusalClass::Request;
    }
    // Whoever ends by a word of its own has left, whatever code it gives for that.
    if (refused.by_client) return RefusalClass::Left;
    if (refused.close_code == 0) return RefusalClass::Stream;
    switch (static_cast<ws::CloseCode>(refused.close_code)) {
        case ws::CloseCode::ServerFull:
            return RefusalClass::ServerFull;
        case ws::CloseCode::SchemaMismatch:
        case ws::CloseCode::ProtocolMismatch:
            return RefusalClass::Version;
        case ws::CloseCode::Normal:
        case ws::CloseCode::GoingAway:
        case ws::CloseCode::NoStatus:
        case ws::CloseCode::Abnormal:
            return RefusalClass::Left;
        case ws::CloseCode::TokenMissing:
        case ws::CloseCode::TokenRefused:
        case ws::CloseCode::TokenExpired:
        case ws::CloseCode::TokenTooEarly:
        case ws::CloseCode::TokenUsed:
        case ws::CloseCode::WrongRoom:
        case ws::CloseCode::Denied:
            return RefusalClass::Authentication;
        case ws::CloseCode::TooManyJoins:
            return RefusalClass::JoinRate;
        case ws::CloseCode::Banned:
            return RefusalClass::Banned;
        case ws::CloseCode::NoSuchRoom:
        case ws::CloseCode::WrongCode:
        case ws::CloseCode::RoomFull:
        case ws::CloseCode::RoomOver:
        case ws::CloseCode::RoomTaken:
        case ws::CloseCode::NoNewRooms:
        case ws::CloseCode::TooManyRooms:
            return RefusalClass::Room;
        default:
            return RefusalClass::Protocol;
    }
}

}  // namespace tidewire::server
