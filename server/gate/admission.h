// Who may take a seat. What costs nothing is asked first, and what cannot be undone last: the budget of the address, its ban, a free seat,
// the authenticator, which may use up a token that is good for one time, and the ban of the identity that it finds.
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
#include "server/gate/room_directory.h"
#include "tidewire/authenticate.h"

namespace tidewire::server {

/// Somebody who has said Hello.
struct Applicant {
    std::string address{};
    std::string origin{};
    std::string path{};
    std::string player_name{};
    std::string token{};  ///< A secret: in no log and no sentence.
    SeatKind wants = SeatKind::Player;

    std::size_t memory_bytes() const {
        return sizeof *this + address.size() + origin.size() + path.size() + player_name.size() + token.size();
    }
};

struct AdmissionSetup {
    Authenticator authenticator = anonymous();
    std::function<SystemTime()> wall_clock = net::wall_clock;
};

/// Safe to be called from any thread.
class Admission {
public:
    struct Admitted {
        Identity identity;
        Seat seat;
    };
    struct TurnedAway {
        ws::CloseCode code;
        std::string reason;
    };

    /// `fronts` and `bans` must outlive it.
    Admission(AdmissionSetup setup, JoinRate joins, const Fronts& fronts, const BanBook& bans)
        : setup_(std::move(setup)), budget_(joins, fronts), bans_(&bans) {}

    std::variant<Admitted, TurnedAway> admit(const Applicant& applicant, RoomDirectory& directory, TimePoint now);
    /// Whether one of this address may try to come back now. It counts as a join.
    bool may_try(std::string_view address, TimePoint now) { return budget_.take(address, now); }

private:
    const AdmissionSetup setup_;
    JoinBudget budget_;
    const BanBook* bans_;
};

}  // namespace tidewire::server
