// The order of the questions, and what each refusal is called on the wire.
#include "server/gate/admission.h"

#include <optional>
#include <utility>

#include "sdk/core/base/room_texts.h"

namespace tidewire::server {

namespace {

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
        case Refusal::Kind::NoSuchRoom:
            return ws::CloseCode::NoSuchRoom;
        case Refusal::Kind::WrongCode:
            return ws::CloseCode::WrongCode;
        case Refusal::Kind::RoomFull:
            return ws::CloseCode::RoomFull;
        case Refusal::Kind::RoomTaken:
            return ws::CloseCode::RoomTaken;
        case Refusal::Kind::NoNewRooms:
            return ws::CloseCode::NoNewRooms;
        case Refusal::Kind::TooManyRooms:
            return ws::CloseCode::TooManyRooms;
        case Refusal::Kind::Denied:
            break;
    }
    return ws::CloseCode::Denied;
}

Admission::TurnedAway turned_away(const Refusal& refusal) { return {to_close_code(refusal.kind), refusal.message}; }

}  // namespace

std::variant<NewRoom, Refusal> Admission::new_room(const Applicant& applicant, std::string_view room, const Identity& who,
                                                   TimePoint now) {
    using Kind = Refusal::Kind;
    const ClientRoomOptions& rules = options_->client_rooms;
    const RoomWish& wish = applicant.room;
    if (!rules.allowed) return Refusal{Kind::NoNewRooms, "this server lets nobody open rooms; join one that is there"};
    NewRoom made{.room = {.name = room.empty() ? wish.name : std::string(room),
                          .properties = wish.properties,
                          .seats = wish.seats == 0 ? options_->players_max : wish.seats,
                          .empty_for = rules.empty_for},
                 .bots = options_->bots,
                 .is_private = wish.is_private,
                 .by_client = true};
    if (setup_.allow_room) {
        if (auto refusal = setup_.allow_room(who, made.room)) return std::move(*refusal);
        // Whatever the program has made of it: a peer believes no longer texts.
        if (auto refusal = refuse_room_texts(made.room.name, made.room.properties, made.room.code))
            return Refusal{Kind::NoNewRooms, "this server cannot open such a room: " + *refusal};
    }
    if (made.room.seats <= made.bots || made.room.seats > options_->players_max)
        return Refusal{Kind::NoNewRooms, "a room of this server has " + std::to_string(made.bots + 1) + " to " +
                                             std::to_string(options_->players_max) + " seats; wish so many, or 0"};
    if (!creations_.take(applicant.address, now))
        return Refusal{Kind::TooManyRooms, "too many rooms were opened from this address; join one, or wait a little"};
    return made;
}

std::variant<Seat, Refusal> Admission::take_seat(const Applicant& applicant, std::string_view room, const Identity* who,
                                                 RoomDirectory& directory, TimePoint now) {
    using Kind = Refusal::Kind;
    SeatWish wish{.kind = applicant.wants, .room = applicant.room, .invited = !room.empty()};
    const bool watches = wish.kind == SeatKind::Spectator;
    const bool named = !room.empty();
    if (named && !wish.room.name.empty() && wish.room.name != room)
        return Refusal{Kind::WrongRoom, "the token is for another room"};
    if (named) wish.room.name = room;
    // A room is opened for who finds none; what it would be is asked for then alone, since that counts.
    std::variant<Seat, Refusal> seat = Refusal{Kind::NoSuchRoom, {}};
    if (watches || wish.room.choice != RoomChoice::Create || !wish.room.reservation.empty()) seat = directory.take_seat(wish, now);
    if (const auto* const refusal = std::get_if<Refusal>(&seat);
        refusal != nullptr && !watches && wish.room.choice != RoomChoice::Join && wish.room.code.empty() && wish.room.reservation.empty() &&
        (refusal->kind == Kind::NoSuchRoom || (refusal->kind == Kind::RoomFull && wish.room.name.empty()))) {
        if (who == nullptr) return Seat();
        auto made = new_room(applicant, room, *who, now);
        if (auto* const refused = std::get_if<Refusal>(&made)) return std::move(*refused);
        wish.otherwise = &std::get<NewRoom>(made);
        return directory.take_seat(wish, now);
    }
    if (auto* const refusal = std::get_if<Refusal>(&seat); refusal != nullptr && named) {
        if (refusal->kind == Kind::NoSuchRoom && applicant.room.properties.empty())
            return Refusal{Kind::WrongRoom, "the token is for a room that is not on this server"};
        if (refusal->kind == Kind::RoomFull) refusal->kind = Kind::NoSeat;
    }
    return seat;
}

std::variant<Admission::Admitted, Admission::TurnedAway> Admission::admit(const Applicant& applicant,
                                                                          RoomDirectory& directory, TimePoint now) {
    if (!budget_.take(applicant.address, now))
        return TurnedAway{ws::CloseCode::TooManyJoins, "too many have tried to join from this address; wait a little"};
    if (auto banned = bans_->refusal(applicant.address, {})) return TurnedAway{ws::CloseCode::Banned, std::move(*banned)};
    const SeatKind wants = applicant.wants;
    // A place that is kept for somebody is none for others. Where there is none for anybody another try is of no use.
    if (applicant.room.reservation.empty() && !directory.has_seat(wants))
        return TurnedAway{directory.knows(wants) ? ws::CloseCode::ServerFull : ws::CloseCode::Denied, directory.why_none(wants)};

    std::optional<Seat> seat;
    std::string seat_room;
    const Identity* who = nullptr;
    JoinRequest request{.address = applicant.address,
                        .origin = applicant.origin,
                        .path = applicant.path,
                        .player_name = applicant.player_name,
                        .token = applicant.token,
                        .room = applicant.room.name,
                        .spectates = wants == SeatKind::Spectator,
                        .now = setup_.wall_clock()};
    request.reserve = [&](std::string_view room) -> std::optional<Refusal> {
        // One that was taken for another room goes first: it may be the last.
        seat.reset();
        auto taken = take_seat(applicant, room, who, directory, now);
        if (auto* const refusal = std::get_if<Refusal>(&taken)) return std::move(*refusal);
        if (Seat& one = std::get<Seat>(taken); one.taken()) seat = std::move(one);
        seat_room = room;
        return std::nullopt;
    };
    try {
        Verdict verdict = setup_.authenticator.authenticate(request);
        if (!verdict) return turned_away(verdict.refusal());
        Pass pass(std::move(verdict.identity()), setup_.authenticator.give_back);
        if (auto banned = bans_->refusal({}, pass.identity().subject)) return TurnedAway{ws::CloseCode::Banned, std::move(*banned)};
        who = &pass.identity();
        if (!seat || who->room != seat_room)
            if (const auto refusal = request.reserve(who->room)) return turned_away(*refusal);
        return Admitted{std::move(pass), std::move(*seat)};
    } catch (...) {
        // It is the program's own, and a shard has other rooms than the one that is asked for.
        return TurnedAway{ws::CloseCode::InternalError, "the server cannot tell at the moment who may come in"};
    }
}

}  // namespace tidewire::server
