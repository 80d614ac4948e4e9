// One mutex and a turnstile before it, one condition for who waits for news, one waker for who sleeps on the socket.
#include "sdk/client/link_thread.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "sdk/net/system.h"
#include "sdk/net/waker.h"

namespace tidewire {

namespace {

/// Condition variables overflow at the end of time; nobody minds to look once an hour.
constexpr Duration wait_max = std::chrono::hours(1);

/// What a program waits for.
struct News {
    explicit News(const Link& link)
        : state(link.session().state()), next_input(link.session().next_input()), finished(link.finished()) {}
    friend bool operator==(const News&, const News&) = default;

    session::ClientState state;
    TimePoint next_input;
    bool finished;
};

/// Threads that are made while it lives get no signals: those are the program's.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct LinkThread::Shared {
    Shared(Link started, net::Waker by) : link(std::move(started)), waker(std::move(by)) {}

    /// Whoever waits comes next: a program that polls without a pause would otherwise have the mutex again before the thread wakes up.
    std::unique_lock<std::mutex> take() {
        const std::lock_guard next(turnstile);
        return std::unique_lock(mutex);
    }

    std::mutex turnstile;
    std::mutex mutex;  // of all but the waker
    std::condition_variable news;
    std::optional<Link> link;  // empty once nobody wants it any more
    Link::Rest rest;           // what the thread sleeps on
    bool asks_for_name = true;
    bool stopping = false;  // the program wants it to end
    bool ended = false;
    net::Waker waker;
};

Result<LinkThread> LinkThread::start(Link link) {
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{waker.error()};
    LinkThread made(std::make_shared<Shared>(std::move(link), std::move(*waker)));
    const SignalsBlocked blocked;
    try {
        made.thread_ = std::thread([shared = made.shared_] { run(*shared); });
    } catch (const std::system_error& error) {
        return unexpected(Blame::Machine, "could not start a thread for the connection: " + std::string(error.what()));
    }
    return made;
}

LinkThread::LinkThread(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

LinkThread::~LinkThread() {
    if (!thread_.joinable()) return;
    {
        const std::unique_lock lock = shared_->take();
        shared_->stopping = true;
        shared_->waker.wake();
        if (shared_->asks_for_name) {
            // With it goes what is the program's: its rules.
            shared_->link.reset();
            thread_.detach();
            return;
        }
    }
    thread_.join();
}

void LinkThread::run(Shared& shared) {
    std::unique_lock lock = shared.take();
    if (shared.stopping) return;
    const Link::Destination destination = shared.link->destination();
    while (!shared.stopping && !shared.link->finished()) {
        const TimePoint now = net::now();
        if (shared.link->wants_dial(now)) {
            shared.link->note_asked(now);
            shared.asks_for_name = true;
            lock.unlock();
            Result<net::Dialer> dialer = destination.dial(net::now());
            lock = shared.take();
            if (shared.stopping) return;
            shared.asks_for_name = false;
            shared.link->start(std::move(dialer), net::now());
        }
        Link& link = *shared.link;
        const News before(link);
        link.pump(net::now());
        if (News(link) != before) shared.news.notify_all();
        const Link::Rest rest = shared.rest = link.rest();
        if (link.wants_dial(net::now())) continue;
        const TimePoint slept = net::now();
        lock.unlock();
        net::wait(rest.fd, rest.interest, shared.waker,
                  rest.until == never ? Duration::max() : std::max(rest.until - slept, Duration::zero()));
        shared.waker.reset();
        lock = shared.take();
    }
    shared.ended = true;
}

LinkThread::Turn::Turn(Shared& shared) : shared_(&shared), lock_(shared.take()) {}

LinkThread::Turn::~Turn() { wake_thread(); }

Link& LinkThread::Turn::operator*() const { return *shared_->link; }

void LinkThread::Turn::wait(TimePoint until) {
    wake_thread();
    shared_->news.wait_for(lock_, std::min(until == never ? wait_max : until - net::now(), wait_max));
}

void LinkThread::Turn::wake_thread() {
    if (shared_->ended) return;
    const Link::Rest wanted = shared_->link->rest();
    if (wanted.until < shared_->rest.until || (wanted.interest.writable && !shared_->rest.interest.writable) ||
        shared_->link->finished())
        shared_->waker.wake();
}

}  // namespace tidewire
