// Who may come in, until it has: what was used up for it is given back where it goes unused, whatever became of it on the way.
#pragma once

#include <functional>
#include <utility>

#include "tidewire/identity.h"

namespace tidewire::server {

class Pass {
public:
    /// `give_back` as Authenticator's; may be empty.
    Pass(Identity identity, std::function<void(const Identity&)> give_back)
        : identity_(std::move(identity)), give_back_(std::move(give_back)) {}
    Pass(Pass&& other) noexcept
        : identity_(std::move(other.identity_)), give_back_(std::exchange(other.give_back_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
        if (give_back_) give_back_(identity_);
    }

    const Identity& identity() const { return identity_; }
    /// It has come in.
    void use() { give_back_ = nullptr; }

private:
    Identity identity_;
    std::function<void(const Identity&)> give_back_;
};

}  // namespace tidewire::server
