// A loop over a handful of sockets.
#include "server/admin/admin_server.h"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "sdk/net/system.h"
#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

namespace {

constexpr std::uint64_t listener_key = 0;
constexpr std::uint64_t waker_key = 1;
constexpr std::uint64_t first_connection = 2;
constexpr std::size_t accepts_per_turn_max = 64;

/// Without the port, which a tunnel may have changed.
std::string_view host_name(std::string_view host) {
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.rfind(':');
    return colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket) ? host : host.substr(0, colon);
}

bool is_token(std::string_view shown, std::string_view token) {
    // Of two hashes not even the length tells anything.
    return equal_in_constant_time(sha256(as_bytes(shown)), sha256(as_bytes(token)));
}

}  // namespace

std::optional<DeskAnswer> turn_away(const ws::Request& request, std::string_view token) {
    if (ws::find_header(request.headers, "Origin") != nullptr)
        return desk_refusal(403, "web pages may not ask here; use a program that sends no Origin, as curl");
    const std::string* const host = ws::find_header(request.headers, "Host");
    const std::string_view name = host == nullptr ? std::string_view() : host_name(*host);
    if (name != "localhost" && name != "127.0.0.1" && name != "[::1]")
        return desk_refusal(403, "this port is asked as localhost or 127.0.0.1; from elsewhere by a tunnel, as ssh -L");
    constexpr std::string_view scheme = "Bearer ";
    const std::string* const shown = ws::find_header(request.headers, "Authorization");
    const bool bearer = shown != nullptr && std::string_view(*shown).starts_with(scheme) &&
                        ws::count_headers(request.headers, "Authorization") == 1;
    if (!is_token(bearer ? std::string_view(*shown).substr(scheme.size()) : std::string_view(), token)) {
        DeskAnswer answer = desk_refusal(
            401, bearer ? "this is not the token in the file that --admin-token-file names, as it was at the start"
                        : "show the token of --admin-token-file: Authorization: Bearer TOKEN");
        answer.headers.push_back({"WWW-Authenticate", "Bearer"});
        return answer;
    }
    return std::nullopt;
}

Result<std::unique_ptr<AdminServer>> AdminServer::start(std::uint16_t port, std::string token, Desk desk, AdminEvents events,
                                                        AdminLimits limits) {
    auto listener = net::Listener::listen("127.0.0.1", port);
    if (!listener) return Unexpected{std::move(listener).error()};
    auto waker = net::Waker::create();
    if (!waker) return Unexpected{std::move(waker).error()};
    auto poller = net::Poller::create();
    if (!poller) return Unexpected{std::move(poller).error()};
    if (auto added = poller->add(listener->fd(), listener_key, {.readable = true}); !added) return Unexpected{added.error()};
    if (auto added = poller->add(waker->fd(), waker_key, {.readable = true}); !added) return Unexpected{added.error()};
    std::unique_ptr<AdminServer> server(new AdminServer(std::move(*listener), std::move(*waker), std::move(*poller),
                                                        std::move(token), std::move(desk), std::move(events), limits));
    try {
        server->thread_ = std::thread([raw = server.get()] { raw->run(); });
    } catch (const std::system_error& thrown) {
        return unexpected(Blame::Machine, std::string("no thread for the operator's port: ") + thrown.what());
    }
    return server;
}

AdminServer::AdminServer(net::Listener listener, net::Waker waker, net::Poller poller, std::string token, Desk desk,
                         AdminEvents events, AdminLimits limits)
    : listener_(std::move(listener)),
      waker_(std::move(waker)),
      poller_(std::move(poller)),
      token_(std::move(token)),
      desk_(std::move(desk)),
      events_(std::move(events)),
      limits_(limits) {}

AdminServer::~AdminServer() {
    ending_ = true;
    waker_.wake();
    if (thread_.joinable()) thread_.join();
}

void AdminServer::run() {
    while (!ending_) {
        TimePoint until = accept_again_at_;
        for (const auto& [key, connection] : connections_) until = std::min(until, connection.exchange.poll_timeout());
        const Duration wait = until == never ? Duration::max() : std::max(until - net::now(), Duration::zero());
        // Those that are ready may go while others are looked at.
        const std::span<const net::Poller::Ready> woken = poller_.wait(wait);
        const std::vector<net::Poller::Ready> ready(woken.begin(), woken.end());
        const TimePoint now = net::now();
        for (const net::Poller::Ready& each : ready) {
            if (each.key == waker_key) {
                waker_.reset();
            } else if (each.key == listener_key) {
                accept(now);
            } else if (const auto at = connections_.find(each.key); at != connections_.end()) {
                if (each.readable || each.hangup) read(at->second, now);
                settle(at, now);
            }
        }
        if (accept_again_at_ <= now) watch_listener(true, now);
        for (auto at = connections_.begin(); at != connections_.end();) {
            const auto next = std::next(at);
            if (at->second.exchange.poll_timeout() <= now) {
                at->second.exchange.handle_timeout(now);
                settle(at, now);
            }
            at = next;
        }
    }
}

void AdminServer::accept(TimePoint now) {
    for (std::size_t i = 0; i < accepts_per_turn_max; ++i) {
        auto accepted = listener_.accept();
        // Those who wait stay ready: to look again at once would be to look all the time.
        if (!accepted) return watch_listener(false, now);
        if (!*accepted) return;
        if (connections_.size() >= limits_.connections_max) make_room();
        const std::uint64_t key = first_connection + made_++;
        const auto at =
            connections_.try_emplace(key, Connection{.socket = std::move((**accepted).socket), .exchange = HttpExchange(limits_, now)})
                .first;
        if (!poller_.add(at->second.socket.fd(), key, at->second.interest)) connections_.erase(at);
    }
}

void AdminServer::watch_listener(bool watch, TimePoint now) {
    if (!watch) poller_.remove(listener_.fd());
    const bool watched = watch && poller_.add(listener_.fd(), listener_key, {.readable = true});
    accept_again_at_ = watched ? never : now + limits_.accept_pause;
}

void AdminServer::make_room() {
    // First of those that only have to end, then of those that have not asked yet, then of those that do not take their answer.
    const auto rank = [](const HttpExchange& exchange) { return exchange.wants_shutdown() ? 0 : exchange.answered() ? 2 : 1; };
    const auto oldest = std::min_element(connections_.begin(), connections_.end(), [&](const auto& a, const auto& b) {
        return rank(a.second.exchange) < rank(b.second.exchange);
    });
    poller_.remove(oldest->second.socket.fd());
    connections_.erase(oldest);
}

void AdminServer::read(Connection& connection, TimePoint now) {
    // What comes behind the request is thrown away; one piece in each turn, for the others wait as well.
    const net::Transfer transfer = connection.socket.read(buffer_);
    switch (transfer.outcome) {
        case net::Transfer::Outcome::Done:
            connection.exchange.receive(ByteSpan(buffer_).first(transfer.bytes), now);
            break;
        case net::Transfer::Outcome::WouldBlock:
            break;
        case net::Transfer::Outcome::Eof:
            connection.ended = true;
            connection.exchange.receive_eof(now);
            break;
        case net::Transfer::Outcome::Failed:
            connection.exchange.abort();
            break;
    }
}

void AdminServer::answer(Connection& connection, TimePoint now) {
    const HttpExchange::Content& content = *connection.exchange.request();
    const auto turned_away = turn_away(content.head, token_);
    const DeskAnswer answer = turned_away ? *turned_away : ask(desk_, content.head.method, content.path(), content.body);
    const auto& told = turned_away ? events_.on_turned_away : events_.on_asked;
    if (told) told(content, answer);
    // The desk may have waited for the shards.
    connection.exchange.answer(answer.status, "application/json", answer.body, answer.headers, std::max(now, net::now()));
}

void AdminServer::write(Connection& connection, TimePoint now) {
    while (!connection.exchange.finished() && !connection.exchange.to_write().empty()) {
        const ByteSpan part = connection.exchange.to_write();
        const net::Transfer transfer = connection.socket.write({&part, 1});
        if (transfer.outcome == net::Transfer::Outcome::WouldBlock) return;
        if (transfer.outcome != net::Transfer::Outcome::Done) return connection.exchange.abort();
        connection.exchange.written(transfer.bytes, now);
    }
}

void AdminServer::settle(Connections::iterator at, TimePoint now) {
    Connection& connection = at->second;
    if (connection.exchange.request() != nullptr) answer(connection, now);
    write(connection, now);
    if (connection.exchange.wants_shutdown() && !connection.shut) {
        connection.shut = true;
        connection.socket.shut_down_sending();
    }
    if (connection.exchange.finished()) {
        poller_.remove(connection.socket.fd());
        connections_.erase(at);
        return;
    }
    const net::Interest interest{.readable = !connection.ended, .writable = !connection.exchange.to_write().empty()};
    if (interest == connection.interest) return;
    connection.interest = interest;
    poller_.modify(connection.socket.fd(), at->first, interest);
}

}  // namespace tidewire::server
