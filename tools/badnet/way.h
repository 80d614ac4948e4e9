// One direction of a connection: what one socket says, as late as the link makes it, to the other.
#pragma once

#include <cstdint>

#include "sdk/core/base/bytes.h"
#include "sdk/net/link_model.h"
#include "sdk/net/socket.h"
#include "sdk/net/wait.h"

namespace tidewire::badnet {

class Way {
public:
    Way(net::LinkOptions link, std::uint64_t seed, TimePoint now) : link_(link, seed, now) {}

    void set_link(net::LinkOptions link, TimePoint now) { link_.set_options(link, now); }

    /// Takes what `from` says and gives `to` what has arrived, as far as both can without waiting.
    void pump(net::Socket& from, net::Socket& to, TimePoint now);

    /// Whether it would read more of `from`, and has something that `to` did not take.
    bool wants_read() const { return !read_end_ && !broken_ && !link_.full(); }
    bool wants_write() const { return !broken_ && taken_ < arrived_.size(); }
    /// When the next bytes arrive; `never` while `to` has not taken the last ones.
    TimePoint next_arrival() const { return wants_write() || ended_ || broken_ ? never : link_.next_arrival(); }
    /// All was said and told, the end too.
    bool ended() const { return ended_; }
    /// One of the sockets failed, or the link was reset.
    bool broken() const { return broken_; }

private:
    void take(net::Socket& from, TimePoint now);
    void give(net::Socket& to, TimePoint now);

    net::LinkModel link_;
    Bytes buffer_ = Bytes(64 * 1024);
    Bytes arrived_;
    std::size_t taken_ = 0;  // of what arrived
    bool read_end_ = false;
    bool ended_ = false;
    bool broken_ = false;
};

}  // namespace tidewire::badnet
