// Result<T>: a value, or an Error that says whose fault it is and what to do. No exceptions cross the API.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace tidewire {

/// Whose fault an error is: the first question that its handler asks.
enum class Blame : std::uint8_t {
    Peer,     ///< The other end broke the protocol or a limit.
    Caller,   ///< The program passed something that cannot work.
    Machine,  ///< The operating system, the network or a file said no.
};

/// What went wrong, in a sentence that names the remedy.
struct Error {
    Blame blame = Blame::Caller;
    std::string message;
    /// With Blame::Peer: the WebSocket close code (RFC 6455 7.4) that the connection ends with. Otherwise 0.
    std::uint16_t close_code = 0;
};

/// Wraps an Error so that it converts to any Result.
struct Unexpected {
    Error error;
};

[[nodiscard]] inline Unexpected unexpected(Blame blame, std::string message, std::uint16_t close_code = 0) {
    return Unexpected{Error{blame, std::move(message), close_code}};
}

/// A value or an Error, with the member names of std::expected.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Unexpected unexpected) : state_(std::in_place_index<1>, std::move(unexpected.error)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// Precondition of the value accessors: has_value().
    T& value() & { return *get(); }
    const T& value() const& { return *get(); }
    T&& value() && { return std::move(*get()); }
    T& operator*() & { return *get(); }
    const T& operator*() const& { return *get(); }
    T&& operator*() && { return std::move(*get()); }
    T* operator->() { return get(); }
    const T* operator->() const { return get(); }

    /// Precondition: !has_value().
    const Error& error() const& {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }
    Error&& error() && {
        assert(!has_value());
        return std::move(*std::get_if<1>(&state_));
    }

private:
    T* get() {
        assert(has_value());
        return std::get_if<0>(&state_);
    }
    const T* get() const {
        assert(has_value());
        return std::get_if<0>(&state_);
    }

    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Unexpected unexpected) : error_(std::move(unexpected.error)) {}

    bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// Precondition: !has_value().
    const Error& error() const {
        assert(!has_value());
        return *error_;
    }

private:
    std::optional<Error> error_;
};

}  // namespace tidewire
