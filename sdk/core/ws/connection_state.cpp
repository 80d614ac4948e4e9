// The state machine: one step for each phase. Every end goes through end(), every fault of the peer through fail().
#include "sdk/core/ws/connection_state.h"

#include <cassert>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/ws/http_response.h"

namespace tidewire::ws {

// The end.

void Connection::State::end(Phase next, CloseCode code, std::string reason, TimePoint now) {
    phase = next;
    deadline = next == Phase::Draining ? after(now, timeouts.closing) : never;
    ping_due = dead_due = never;
    if (next == Phase::Finished) queue.clear();
    opening.reset();
    input = {};
    Rare& last = rare();
    last.code = code;
    last.reason = std::move(reason);
    last.pong_waits = false;
    closed_pending = true;
}

/// The one funnel for a peer's faults once the connection is open.
void Connection::State::fail(CloseCode code, std::string_view reason, TimePoint now) {
    if (phase == Phase::Open) queue_close(code, reason);
    end(Phase::Draining, code, std::string(reason), now);
}

/// The same for the server before that.
void Connection::State::reject(const Refusal& refusal, TimePoint now) {
    respond(refusal.status,
            to_response(refusal.status, "text/plain; charset=utf-8", refusal.reason + "\n", refusal.headers),
            CloseCode::Abnormal, std::to_string(refusal.status) + ": " + refusal.reason, now);
}

void Connection::State::respond(int status, const std::string& response, CloseCode code, std::string reason,
                                TimePoint now) {
    queue.append(as_bytes(response));
    end(Phase::Draining, code, std::move(reason), now);
    rare().http_status = status;
}

// Output.

void Connection::State::queue_control(Opcode opcode, ByteSpan payload) {
    assert(payload.size() <= control_payload_bytes_max);
    FrameHeader header{.opcode = opcode, .payload_bytes = payload.size()};
    if (masks) {
        header.masked = true;
        header.mask = masks->next();
    }
    queue.append(to_bytes(header));
    const MutableByteSpan copy = queue.append(payload);
    if (masks) apply_mask(copy, header.mask, 0);
}

void Connection::State::queue_close(CloseCode code, std::string_view reason) {
    Bytes payload;
    if (code != CloseCode::NoStatus) {
        append_big_endian(payload, static_cast<std::uint16_t>(code));
        append(payload, as_bytes(cut_utf8(reason, reason_bytes_max)));
    }
    queue_control(Opcode::Close, payload);
}

void Connection::State::opened(TimePoint now) {
    opening.reset();
    phase = Phase::Open;
    opened_pending = true;
    deadline = never;
    alive(now);
}

void Connection::State::alive(TimePoint now) {
    ping_due = after(now, timeouts.ping_after_silence);
    dead_due = after(now, timeouts.dead_after_silence);
}

// Input.

std::optional<Event> Connection::State::step(TimePoint now) {
    switch (phase) {
        case Phase::AwaitingRequest:
            return read_request(now);
        case Phase::AwaitingAnswer:
            if (opening->request.upgrade && !input.empty())
                reject({400, "bytes came before the answer to the handshake", {}}, now);
            input = {};
            return std::nullopt;
        case Phase::AwaitingResponse:
            read_response(now);
            return std::nullopt;
        case Phase::Open:
        case Phase::Closing:
            return read_frames(now);
        case Phase::Draining:
        case Phase::Finished:
            input = {};
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Event> Connection::State::read_request(TimePoint now) {
    HeadParser& parser = opening->parser;
    input = input.subspan(parser.receive(input));
    if (parser.fault()) {
        reject({parser.fault()->status, parser.fault()->reason, {}}, now);
        return std::nullopt;
    }
    if (!parser.complete()) return std::nullopt;
    auto checked = check_request(parser.take());
    if (const auto* refusal = std::get_if<Refusal>(&checked)) {
        reject(*refusal, now);
        return std::nullopt;
    }
    opening->request = std::get<Request>(std::move(checked));
    phase = Phase::AwaitingAnswer;
    if (opening->request.upgrade && !input.empty()) {
        reject({400, "bytes came before the answer to the handshake", {}}, now);
        return std::nullopt;
    }
    input = {};
    return Event{.kind = Event::Kind::Request};
}

void Connection::State::read_response(TimePoint now) {
    if (opening->refusal) return read_words(now);
    HeadParser& parser = opening->parser;
    input = input.subspan(parser.receive(input));
    if (parser.fault())
        return end(Phase::Finished, CloseCode::Abnormal, "the server's answer is not HTTP: " + parser.fault()->reason,
                   now);
    if (!parser.complete()) return;
    Head head = parser.take();
    auto checked = check_response(head, opening->key, opening->subprotocols);
    if (!checked) {
        rare().retry_after = retry_after_of(head);
        opening->words_left = words_bytes_of(head);
        opening->refused = checked.error().message;
        opening->refusal = std::move(head);
        return read_words(now);
    }
    subprotocol = *std::move(checked);
    opened(now);
}

/// A server that has no place says so behind the head of its answer.
void Connection::State::read_words(TimePoint now) {
    const std::size_t taken = std::min(opening->words_left, input.size());
    opening->words += as_text(input.first(taken));
    opening->words_left -= taken;
    input = input.subspan(taken);
    if (opening->words_left > 0) return;
    std::string sentence = to_sentence(*opening->refusal, opening->words);
    end(Phase::Finished, CloseCode::Abnormal, sentence.empty() ? opening->refused : std::move(sentence), now);
}

std::optional<Event> Connection::State::read_frames(TimePoint now) {
    while (!input.empty()) {
        const auto incoming = reader.read(input, limits);
        if (!incoming) {
            fail(static_cast<CloseCode>(incoming.error().close_code), incoming.error().message, now);
            return std::nullopt;
        }
        if (!*incoming) break;
        if (phase == Phase::Open && !reader.in_message()) deadline = never;
        if (auto event = handle(**incoming, now)) return event;
        if (phase == Phase::Draining) return std::nullopt;
    }
    if (phase == Phase::Open && deadline == never && reader.in_progress()) deadline = after(now, timeouts.message);
    return std::nullopt;
}

std::optional<Event> Connection::State::handle(const Incoming& incoming, TimePoint now) {
    switch (incoming.opcode) {
        case Opcode::Close:
            handle_close(incoming.payload, now);
            return std::nullopt;
        case Opcode::Ping:
        case Opcode::Pong:
            if (!control_frames.take(limits.control_frames_per_second, limits.control_frames_burst, now)) {
                fail(CloseCode::PolicyViolation, "too many pings and pongs", now);
                return std::nullopt;
            }
            if (phase != Phase::Open) return std::nullopt;
            if (incoming.opcode == Opcode::Pong) return Event{.kind = Event::Kind::Pong, .bytes = incoming.payload};
            handle_ping(incoming.payload);
            return std::nullopt;
        default:
            break;
    }
    const MessageKind kind = incoming.opcode == Opcode::Text ? MessageKind::Text : MessageKind::Binary;
    return Event{.kind = Event::Kind::Message, .message_kind = kind, .bytes = incoming.payload};
}

void Connection::State::handle_ping(ByteSpan payload) {
    if (!blocked) return queue_control(Opcode::Pong, payload);
    // The peer does not read: one pong is enough for it, the newest (RFC 6455 5.5.3).
    rare().pong.assign(payload.begin(), payload.end());
    rare().pong_waits = true;
}

void Connection::State::handle_close(ByteSpan payload, TimePoint now) {
    if (payload.size() == 1) return fail(CloseCode::ProtocolError, "a close frame has one byte", now);
    auto code = static_cast<std::uint16_t>(CloseCode::NoStatus);
    if (!payload.empty()) {
        code = load_big_endian<std::uint16_t>(payload);
        payload = payload.subspan(2);
        if (!allowed_on_wire(code))
            return fail(CloseCode::ProtocolError, "a close frame has a code that must not be sent", now);
        if (!valid_utf8(payload))
            return fail(CloseCode::InvalidPayload, "the reason of a close frame is not UTF-8", now);
    }
    if (phase == Phase::Open) {
        queue_close(static_cast<CloseCode>(code), {});
        end(Phase::Draining, static_cast<CloseCode>(code), to_string(payload), now);
        rare().by_peer = true;
    } else {
        end(Phase::Draining, rare().code, rare().reason, now);
    }
    rare().clean = true;
}

void Connection::State::handle_eof(TimePoint now) {
    switch (phase) {
        case Phase::AwaitingRequest:
            end(Phase::Finished, CloseCode::Abnormal, "the stream ended before a request", now);
            break;
        case Phase::AwaitingAnswer:
            if (!opening->request.upgrade) return;  // it may still read the answer
            end(Phase::Finished, CloseCode::Abnormal, "the stream ended before the answer to the handshake", now);
            break;
        case Phase::AwaitingResponse:
            end(Phase::Finished, CloseCode::Abnormal,
                opening->refusal ? opening->refused
                                 : "the server closed the stream during the handshake; is it a WebSocket server?",
                now);
            break;
        case Phase::Open:
            end(Phase::Draining, CloseCode::Abnormal, "the stream ended without a close frame", now);
            break;
        case Phase::Closing:
            end(Phase::Draining, rare().code, rare().reason, now);
            return;
        case Phase::Draining:
        case Phase::Finished:
            return;
    }
    rare().by_peer = true;
}

}  // namespace tidewire::ws
