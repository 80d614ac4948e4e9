// The order of the questions, and what each refusal is called on the wire.
#include "server/gate/admission.h"

#include <charconv>
#include <optional>
#include <utility>

namespace tidewire::server {

namespace {

/// Rooms are called by their numbers.
std::optional<RoomNumber> to_room(std::string_view name) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    return RoomNumber{number};
}

ws::CloseCode to_close_code(Refusal::Kind kind) {
    switch (kind) {
        case Refusal::Kind::NoToken:
            return ws::CloseCode::TokenMissing;
        case Refusal::Kind::Malformed:
        case Refusal::Kind::UnknownAlgorithm:
        case Refusal::Kind::UnknownKey:
        case Refusal::Kind::BadSignature:
        case Refusal::Kind::WrongIssuer:
        case Refusal::Kind::WrongAudience:
        case Refusal::Kind::TooLarge:
            return ws::CloseCode::TokenRefused;
        case Refusal::Kind::Expired:
            return ws::CloseCode::TokenExpired;
        case Refusal::Kind::NotYetValid:
            return ws::CloseCode::TokenTooEarly;
        case Refusal::Kind::Replayed:
            return ws::CloseCode::TokenUsed;
        case Refusal::Kind::WrongRoom:
            return ws::CloseCode::WrongRoom;
        case Refusal::Kind::NoSeat:
            return ws::CloseCode::ServerFull;
        case Refusal::Kind::Full:
            return ws::CloseCode::TryAgainLater;
        case Refusal::Kind::Denied:
            break;
    }
    return ws::CloseCode::Denied;
}

/// A seat in the room of this name, or in any where it is empty.
std::variant<Seat, Refusal> take_seat(RoomDirectory& directory, std::string_view room, SeatKind kind) {
    std::optional<Seat> seat;
    if (room.empty()) {
        seat = directory.take_seat(kind);
        if (!seat) return Refusal{Refusal::Kind::NoSeat, directory.why_none(kind)};
    } else {
        const auto number = to_room(room);
        if (!number || !directory.has(*number))
            return Refusal{Refusal::Kind::WrongRoom, "the token is for a room that is not on this server"};
        seat = directory.take_seat(*number, kind);
        if (!seat)
            return Refusal{Refusal::Kind::NoSeat, kind == SeatKind::Player ? "the room has no place free"
                                                                           : "the room has no place for another spectator"};
    }
    return std::move(*seat);
}

}  // namespace

std::variant<Admission::Admitted, Admission::TurnedAway> Admission::admit(const Applicant& applicant,
                                                                          RoomDirectory& directory, TimePoint now) {
    if (!budget_.take(applicant.address, now))
        return TurnedAway{ws::CloseCode::TooManyJoins, "too many have tried to join from this address; wait a little"};
    if (auto banned = bans_->refusal(applicant.address, {})) return TurnedAway{ws::CloseCode::Banned, std::move(*banned)};
    const SeatKind wants = applicant.wants;
    // Where there is none for anybody another try is of no use.
    if (!directory.has_seat(wants))
        return TurnedAway{directory.knows(wants) ? ws::CloseCode::ServerFull : ws::CloseCode::Denied, directory.why_none(wants)};

    std::optional<Seat> seat;
    std::string seat_room;
    JoinRequest request{.address = applicant.address,
                        .origin = applicant.origin,
                        .path = applicant.path,
                        .player_name = applicant.player_name,
                        .token = applicant.token,
                        .room = {},
                        .spectates = wants == SeatKind::Spectator,
                        .now = setup_.wall_clock()};
    request.reserve = [&](std::string_view room) -> std::optional<Refusal> {
        seat.reset();
        auto taken = take_seat(directory, room, wants);
        if (auto* const refusal = std::get_if<Refusal>(&taken)) return std::move(*refusal);
        seat = std::move(std::get<Seat>(taken));
        seat_room = room;
        return std::nullopt;
    };
    std::optional<Verdict> verdict;
    try {
        verdict = setup_.authenticator.authenticate(request);
    } catch (...) {
        // It is the program's own, and a shard has other rooms than the one that is asked for.
        return TurnedAway{ws::CloseCode::InternalError, "the server cannot tell at the moment who may come in"};
    }
    if (*verdict)
        if (auto banned = bans_->refusal({}, verdict->identity().subject))
            return TurnedAway{ws::CloseCode::Banned, std::move(*banned)};
    if (*verdict && (!seat || verdict->identity().room != seat_room)) {
        auto refusal = request.reserve(verdict->identity().room);
        if (refusal) verdict = std::move(*refusal);
    }
    if (!*verdict) return TurnedAway{to_close_code(verdict->refusal().kind), verdict->refusal().message};
    return Admitted{std::move(verdict->identity()), std::move(*seat)};
}

}  // namespace tidewire::server
