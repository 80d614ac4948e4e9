// Who a player is, or why they may not come in.
#pragma once

#include <cassert>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

namespace tidewire {

/// The world's clock (Unix time), whole seconds: tokens are stamped by other machines, which share no monotonic clock with this one.
using SystemTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

/// What an authentication has found out. All texts are valid UTF-8 without control characters.
struct Identity {
    std::string subject{};                        ///< The player for good, at most 128 bytes; empty: anonymous.
    std::string name{};                           ///< To be shown, at most 64 bytes; empty: the token says none.
    std::string room{};                           ///< The only room that it is good for, at most 64 bytes; empty: any.
    std::string token_id{};                       ///< The `jti` of a JWT, at most 128 bytes, or the number of a ticket; for the audit log.
    std::map<std::string, std::string> claims{};  ///< Those of JwtRules::claims that the token has, 256 bytes each at most.
    SystemTime expires = SystemTime::max();       ///< What was shown is worth nothing from then on.
};

/// Why somebody stays outside.
struct Refusal {
    enum class Kind : std::uint8_t {
        NoToken,           ///< None was sent, and this server asks for one.
        Malformed,         ///< It cannot be read, or lacks what it must say.
        UnknownAlgorithm,  ///< Of a JWT: `none`, one that is not allowed, or not the one that its key is for.
        UnknownKey,        ///< Of a JWT: signed by a key that this server does not have.
        BadSignature,      ///< Changed on its way, or made by somebody else.
        Expired,
        NotYetValid,
        WrongIssuer,
        WrongAudience,
        WrongRoom,
        Replayed,  ///< It has let somebody in before, and is good for one time.
        TooLarge,
        Full,    ///< As many single-use tokens are remembered as may be: another try in some seconds may work.
        NoSeat,  ///< JoinRequest::reserve() found none free.
        Denied,  ///< The program's own rules.
        NoSuchRoom,    ///< None fits what was wished.
        WrongCode,     ///< No room has this code, or the reservation is over.
        RoomFull,      ///< Those that fit have no place free.
        RoomTaken,     ///< A new one was wished, and another has its name.
        NoNewRooms,    ///< Clients may not open rooms here, or not such a one.
        TooManyRooms,  ///< There are as many as there may be, or too many were opened from one address.
    };
    Kind kind = Kind::Denied;
    /// A sentence for the log and for the peer: it names neither a secret nor what the peer wrote.
    std::string message{};
};

/// An identity or a refusal.
class [[nodiscard]] Verdict {
public:
    Verdict(Identity identity) : state_(std::in_place_index<0>, std::move(identity)) {}
    Verdict(Refusal refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}

    bool admitted() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return admitted(); }

    /// Precondition: admitted().
    const Identity& identity() const {
        assert(admitted());
        return *std::get_if<0>(&state_);
    }
    Identity& identity() {
        assert(admitted());
        return *std::get_if<0>(&state_);
    }
    /// Precondition: !admitted().
    const Refusal& refusal() const {
        assert(!admitted());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<Identity, Refusal> state_;
};

}  // namespace tidewire
