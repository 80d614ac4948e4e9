// Pumps a Link in a thread of its own the moment that there is something to pump, whatever the program does meanwhile: what arrives is
// stamped and answered then, not at the next frame. The program takes the link in turns with the thread.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "sdk/client/link.h"
#include "tidewire/result.h"

namespace tidewire {

class LinkThread {
    struct Shared;

public:
    /// Starts to connect. Errors: the operating system gives no thread, or nothing to wake it by.
    static Result<LinkThread> start(Link link);
    LinkThread(LinkThread&&) noexcept = default;
    LinkThread& operator=(LinkThread&&) = delete;
    /// Cuts off what is not finished(). Waits for no name service: that goes on alone until it has an answer, and gives it to nobody.
    ~LinkThread();

    /// The link for the program alone, as long as this lives. One at a time, and not for long: the thread waits.
    class Turn {
    public:
        explicit Turn(Shared& shared);
        /// Wakes the thread where it has something to do that it does not know of.
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        Link& operator*() const;
        Link* operator->() const { return &**this; }
        /// Lets the thread have it until there is news for a program that waits (the session's state, its next input, or the stream's end
        /// is another), or until `until`; sometimes for less.
        void wait(TimePoint until);

    private:
        void wake_thread();

        Shared* shared_;
        std::unique_lock<std::mutex> lock_;
    };
    Turn turn() const { return Turn(*shared_); }

private:
    explicit LinkThread(std::shared_ptr<Shared> shared);
    static void run(Shared& shared);

    // Shared with the thread, which may still be with the name service when this is gone.
    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace tidewire
