// Who may take a seat, and who may have a room opened. What costs nothing is asked first, and what cannot be undone last: the budget of the
// address, its ban, a free seat, the authenticator, which may use up a token that is good for one time, and the ban of the identity that it
// finds.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "sdk/core/base/time.h"
#include "sdk/core/ws/close_code.h"
#include "sdk/net/system.h"
#include "server/gate/ban_book.h"
#include "server/gate/join_budget.h"
#include "server/gate/pass.h"
#include "server/gate/room_directory.h"
#include "tidewire/authenticate.h"
#include "tidewire/room_description.h"
#include "tidewire/server_options.h"

namespace tidewire::server {

/// Somebody who has said Hello.
struct Applicant {
    std::string address{};
    std::string origin{};
    std::string path{};
    std::string player_name{};
    std::string token{};  ///< A secret: in no log and no sentence.
    SeatKind wants = SeatKind::Player;
    RoomWish room{};      ///< Its code and its reservation are secrets as well.

    std::size_t memory_bytes() const {
        std::size_t bytes = sizeof *this + address.size() + origin.size() + path.size() + player_name.size() + token.size() +
                            room.name.size() + room.code.size() + room.reservation.size();
        for (const auto& [name, value] : room.properties) bytes += sizeof name + sizeof value + name.size() + value.size();
        return bytes;
    }
};

struct AdmissionSetup {
    Authenticator authenticator = anonymous();
    std::function<SystemTime()> wall_clock = net::wall_clock;
    AllowRoom allow_room{};  ///< Empty: whatever ClientRoomOptions allow.
};

/// Safe to be called from any thread.
class Admission {
public:
    struct Admitted {
        Pass pass;
        Seat seat;
    };
    struct TurnedAway {
        ws::CloseCode code;
        std::string reason;
    };

    /// `options`, `fronts` and `bans` must outlive it.
    Admission(AdmissionSetup setup, const ServerOptions& options, const Fronts& fronts, const BanBook& bans)
        : setup_(std::move(setup)),
          options_(&options),
          budget_(options.admission.joins, fronts),
          creations_(options.client_rooms.creations, fronts),
          bans_(&bans) {}

    std::variant<Admitted, TurnedAway> admit(const Applicant& applicant, RoomDirectory& directory, TimePoint now);
    /// Whether one of this address may try to come back now. It counts as a join.
    bool may_try(std::string_view address, TimePoint now) { return budget_.take(address, now); }

private:
    /// `room`: the one that a token is for. Without `who`, as long as nobody is known to be in the right, no room is opened: then it is no
    /// refusal, and a Seat that is not taken.
    std::variant<Seat, Refusal> take_seat(const Applicant& applicant, std::string_view room, const Identity* who,
                                          RoomDirectory& directory, TimePoint now);
    /// What the applicant wishes to be opened, in the name of its token's room where that has one.
    std::variant<NewRoom, Refusal> new_room(const Applicant& applicant, std::string_view room, const Identity& who, TimePoint now);

    const AdmissionSetup setup_;
    const ServerOptions* options_;
    JoinBudget budget_;
    JoinBudget creations_;
    const BanBook* bans_;
};

}  // namespace tidewire::server
