// The events of a client's session: what it sends of them, and what it takes.
#include <cassert>
#include <string>

#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/record.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/session/client_session.h"

namespace tidewire::session {

Result<void> ClientSession::send_event(std::uint16_t type, const void* aggregate, TimePoint now) {
    const Result<Bytes> data = outgoing(type, aggregate, now);
    if (!data) return Unexpected{data.error()};
    return send_reliably(wire::encode(wire::Event{.type = type, .data = *data}), layout_->event(type).info().name);
}

std::uint32_t ClientSession::send_request(std::uint16_t type, const void* aggregate, TimePoint now) {
    const std::uint32_t id = requests_.begin(now + options_.request_timeout);
    if (id == 0) return 0;
    const Result<Bytes> data = outgoing(type, aggregate, now);
    const Result<void> sent =
        data ? send_reliably(wire::encode(wire::Request{.id = id, .type = type, .data = *data}), layout_->event(type).info().name)
             : Result<void>(Unexpected{data.error()});
    if (!sent) requests_.refuse(id, sent.error());
    return id;
}

Result<Bytes> ClientSession::outgoing(std::uint16_t type, const void* aggregate, TimePoint now) {
    assert(type < layout_->event_count());
    const std::string name = layout_->event(type).info().name;
    if (state_ != ClientState::Playing && !lost())
        return unexpected(Blame::Caller, name + " cannot be sent " +
                                             (state_ == ClientState::Closed ? "after the end of the connection"
                                                                            : "yet; wait until status() is Playing"));
    if (welcome_.spectates)
        return unexpected(Blame::Caller, name + " cannot be sent by a spectator; connect without ClientOptions::spectate to play");
    if (const StructInfo& info = layout_->event(type).info(); info.is_table)
        if (const std::string cut = replication::first_cut(info, aggregate); !cut.empty())
            return unexpected(Blame::Caller, cut + "; send less of it, or give the field a wider range in the schema");
    Bytes data = replication::encode_event(*layout_, type, aggregate);
    if (data.size() > client_event_bytes_max)
        return unexpected(Blame::Caller, name + " has " + std::to_string(data.size()) + " bytes, more than the " +
                                             std::to_string(client_event_bytes_max) +
                                             " that a server takes; send it in parts");
    if (!event_limiter_.take(data.size(), now))
        return unexpected(Blame::Caller, name +
                                             " is one event too many; wait a moment, send what changes all the time as "
                                             "input, or raise ClientOptions::events and ServerOptions::client_events");
    return data;
}

void ClientSession::handle(const wire::Event& message, TimePoint) {
    ++events_received_;
    if (auto taken = incoming_->receive(message); !taken) fail(taken.error().close_code, taken.error().message);
}

void ClientSession::handle(const wire::Reply& message, TimePoint) {
    ++events_received_;
    if (auto taken = requests_.receive(message); !taken) fail(taken.error().close_code, taken.error().message);
}

}  // namespace tidewire::session
