// The public face of a connection: input and commands change its state, output shows it.
#include "sdk/core/ws/connection.h"

#include <cassert>
#include <utility>

#include "sdk/core/ws/accept_key.h"
#include "sdk/core/ws/connection_state.h"
#include "sdk/core/ws/http_response.h"

namespace tidewire::ws {
namespace {

/// Up to here a copy behind the header is cheaper than a view of its own: one piece to write, nothing to retain.
constexpr std::size_t copied_part_bytes_max = 512;

std::string in_seconds(Duration duration) {
    std::string text = std::to_string(duration.count() / 1000000);
    if (const auto milliseconds = duration.count() / 1000 % 1000)
        text.append(".").append(std::to_string(1000 + milliseconds), 1);
    return text.append(" s");
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Connection Connection::client(ClientHandshake handshake, const Limits& limits, const Timeouts& timeouts,
                              RandomSource random, TimePoint now) {
    auto state = std::make_unique<State>(Role::Client, limits, timeouts, now);
    state->masks = std::make_unique<MaskSource>(std::move(random));
    state->opening->key = make_key(state->masks->random());
    state->queue.append(as_bytes(to_request(handshake, state->opening->key)));
    state->opening->subprotocols = std::move(handshake.subprotocols);
    return Connection(std::move(state));
}

Connection Connection::server(const Limits& limits, const Timeouts& timeouts, TimePoint now) {
    static_assert(sizeof(State) <= 400, "an idle connection is small");
    return Connection(std::make_unique<State>(Role::Server, limits, timeouts, now));
}

void Connection::receive(MutableByteSpan bytes, TimePoint now) {
    State& s = *state_;
    if (bytes.empty() || s.eof || s.phase >= Phase::Draining) return;
    s.blocked = !s.queue.empty();
    if (s.phase == Phase::Open) s.alive(now);
    if (s.input.empty()) {
        s.reader.release();
        if (s.rare_data) s.rare_data->unread = Bytes();
        s.input = bytes;
        return;
    }
    Bytes unread(s.input.begin(), s.input.end());
    append(unread, bytes);
    s.rare().unread = std::move(unread);
    s.input = s.rare().unread;
}

void Connection::receive_eof(TimePoint) { state_->eof = true; }

void Connection::handle_timeout(TimePoint now) {
    State& s = *state_;
    if (now >= s.deadline) {
        switch (s.phase) {
            case Phase::AwaitingRequest:
                return s.reject({408, "the request was not whole within " + in_seconds(s.timeouts.opening), {}}, now);
            case Phase::AwaitingAnswer:
                return s.reject({503, "the request was not decided within " + in_seconds(s.timeouts.opening), {}}, now);
            case Phase::AwaitingResponse:
                s.end(Phase::Finished, CloseCode::Abnormal,
                      s.opening->refusal ? s.opening->refused
                                         : "the server did not answer the handshake within " + in_seconds(s.timeouts.opening),
                      now);
                s.rare().by_peer = true;
                return;
            case Phase::Open:
                s.fail(CloseCode::PolicyViolation, "a message was not whole within " + in_seconds(s.timeouts.message), now);
                s.rare().by_peer = true;
                return;
            case Phase::Closing:
                return s.end(Phase::Finished, s.rare().code, s.rare().reason, now);
            case Phase::Draining:
                s.phase = Phase::Finished;
                s.deadline = never;
                s.queue.clear();
                return;
            case Phase::Finished:
                return;
        }
    }
    if (now >= s.dead_due) {
        const std::string reason = "nothing was received for " + in_seconds(s.timeouts.dead_after_silence);
        const bool writable = s.queue.empty();
        if (writable) s.queue_close(CloseCode::PolicyViolation, reason);
        s.end(writable ? Phase::Draining : Phase::Finished, CloseCode::Abnormal, reason, now);
        s.rare().by_peer = true;
    } else if (now >= s.ping_due) {
        s.queue_control(Opcode::Ping, {});
        s.ping_due = after(now, s.timeouts.ping_after_silence);
    }
}

void Connection::accept(std::string_view subprotocol, std::span<const HeaderField> headers, TimePoint now) {
    State& s = *state_;
    if (s.phase != Phase::AwaitingAnswer) return;
    assert(s.opening->request.upgrade);
    if (!s.input.empty()) return s.reject({400, "bytes came before the answer to the handshake", {}}, now);
    s.subprotocol = subprotocol;
    s.queue.append(as_bytes(to_acceptance(s.opening->request.key, subprotocol, headers)));
    s.opened(now);
}

void Connection::respond(int status, std::string_view content_type, std::string_view body,
                         std::span<const HeaderField> headers, TimePoint now) {
    State& s = *state_;
    if (s.phase != Phase::AwaitingAnswer) return;
    std::string response = to_response(status, content_type, body, headers);
    // RFC 9110 9.3.2: the same head, Content-Length too, and no content.
    if (s.opening->request.method == "HEAD") response.resize(response.size() - body.size());
    s.respond(status, response, CloseCode::Normal, {}, now);
}

Result<void> Connection::send(MessageKind kind, std::span<const ByteSpan> parts) {
    State& s = *state_;
    if (s.phase != Phase::Open) return unexpected(Blame::Caller, "the connection is not open");
    std::size_t bytes = 0;
    for (const ByteSpan part : parts) bytes += part.size();
    FrameHeader header{.opcode = kind == MessageKind::Text ? Opcode::Text : Opcode::Binary, .payload_bytes = bytes};
    if (bytes > s.limits.transmit_bytes_max)
        return unexpected(Blame::Caller, "a message is larger than Limits::transmit_bytes_max");
    if (s.queue.bytes() > s.limits.transmit_bytes_max - bytes)
        return unexpected(Blame::Peer, "the peer reads too slowly",
                          static_cast<std::uint16_t>(CloseCode::TryAgainLater));
#ifndef NDEBUG
    Utf8Validator utf8;
    for (const ByteSpan part : parts) assert(kind == MessageKind::Binary || utf8.receive(part));
    assert(utf8.complete());
#endif
    if (s.role == Role::Server) {
        s.queue.append(to_bytes(header), parts, copied_part_bytes_max);
        return {};
    }
    header.masked = true;
    header.mask = s.masks->next();
    s.queue.append(to_bytes(header));
    std::uint64_t offset = 0;
    for (const ByteSpan part : parts) {
        apply_mask(s.queue.append(part), header.mask, offset);
        offset += part.size();
    }
    return {};
}

void Connection::ping(ByteSpan payload) {
    if (state_->phase == Phase::Open) state_->queue_control(Opcode::Ping, payload);
}

void Connection::close(CloseCode code, std::string_view reason, TimePoint now) {
    State& s = *state_;
    assert(code == CloseCode::NoStatus || allowed_on_wire(static_cast<std::uint16_t>(code)));
    if (s.phase < Phase::Open) {
        if (s.role == Role::Client || s.phase == Phase::AwaitingRequest) {
            s.end(Phase::Finished, code, std::string(reason), now);
        } else {
            s.reject({503, std::string(reason), {}}, now);
        }
        return;
    }
    if (s.phase != Phase::Open) return;
    s.queue_close(code, reason);
    s.phase = Phase::Closing;
    s.deadline = after(now, s.timeouts.closing);
    s.ping_due = s.dead_due = never;
    s.reader.skip_data();
    s.rare().code = code;
    s.rare().reason = cut_utf8(reason, reason_bytes_max);
    s.rare().pong_waits = false;
}

void Connection::abort(std::string_view reason, TimePoint now) {
    State& s = *state_;
    if (s.phase == Phase::Finished) return;
    if (s.phase == Phase::Draining) {  // Closed is decided already
        s.phase = Phase::Finished;
        s.deadline = never;
        s.queue.clear();
        return;
    }
    s.end(Phase::Finished, CloseCode::Abnormal, std::string(reason), now);
    s.rare().by_peer = true;
}

std::optional<Event> Connection::poll_event(TimePoint now) {
    State& s = *state_;
    while (true) {
        if (s.opened_pending) {
            s.opened_pending = false;
            return Event{.kind = Event::Kind::Opened};
        }
        if (!s.closed_pending) {
            const Phase before = s.phase;
            if (auto event = s.step(now)) return event;
            if (s.eof && s.input.empty() && s.phase == before) s.handle_eof(now);
            if (s.phase == before) return std::nullopt;
            continue;
        }
        s.closed_pending = false;
        Rare& last = s.rare();
        return Event{.kind = Event::Kind::Closed,
                     .close_code = last.code,
                     .clean = last.clean,
                     .by_peer = last.by_peer,
                     .http_status = last.http_status,
                     .retry_after = last.retry_after,
                     .bytes = {reinterpret_cast<std::byte*>(last.reason.data()), last.reason.size()}};
    }
}

std::span<const ByteSpan> Connection::poll_transmit() {
    State& s = *state_;
    if (s.rare_data && s.rare_data->pong_waits && s.queue.empty()) {
        s.rare_data->pong_waits = false;
        s.queue_control(Opcode::Pong, s.rare_data->pong);
    }
    return s.queue.pieces();
}

void Connection::transmitted(std::size_t bytes, TimePoint) { state_->queue.transmitted(bytes); }

void Connection::retain_unsent() { state_->queue.retain(); }

TimePoint Connection::poll_timeout() const {
    if (finished()) return never;
    return std::min({state_->deadline, state_->ping_due, state_->dead_due});
}

bool Connection::open() const { return state_->phase == Phase::Open; }

bool Connection::finished() const {
    const State& s = *state_;
    const bool over = s.phase == Phase::Finished || (s.phase == Phase::Draining && s.eof && s.queue.empty());
    return over && !s.closed_pending;
}

bool Connection::wants_shutdown() const {
    const State& s = *state_;
    return s.role == Role::Server && s.phase == Phase::Draining && s.queue.empty() && !s.eof;
}

std::size_t Connection::memory_bytes() const {
    const State& state = *state_;
    std::size_t bytes = sizeof(State) + state.queue.memory_bytes() + state.reader.memory_bytes();
    if (state.opening) bytes += sizeof(Opening) + state.opening->parser.memory_bytes();
    if (state.rare_data) bytes += sizeof(Rare) + state.rare_data->unread.capacity() + state.rare_data->pong.capacity();
    return bytes;
}

std::size_t Connection::transmit_bytes() const { return state_->queue.bytes(); }

const Request& Connection::request() const {
    static const Request none;
    return state_->opening ? state_->opening->request : none;
}

const std::string& Connection::subprotocol() const { return state_->subprotocol; }

}  // namespace tidewire::ws
