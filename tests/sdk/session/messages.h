// Messages as the other end would send them, and what a session put out.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/session/client_session.h"
#include "sdk/core/session/server_session.h"
#include "test_schema.h"
#include "tests/support/whole_world.h"
#include "tidewire/version.h"

namespace tidewire::test {

/// The tests' schema, which generated code puts into a namespace of the same name as this one.
namespace model = ::test;

inline const SchemaInfo& schema() { return model::Schema::info(); }

inline wire::Hello good_hello() {
    return {.protocol = protocol_version,
            .schema_hash = schema().hash,
            .schema_name = schema().name,
            .sdk_version = version,
            .player_name = "ann"};
}

inline wire::Welcome good_welcome() {
    return {.protocol = protocol_version,
            .schema_hash = schema().hash,
            .schema_name = schema().name,
            .player = 7,
            .tick_rate = 30,
            .tick = 0,
            .entities_max = 256};
}

/// A server's world, its snapshots, and Tick messages made of them.
struct Source {
    replication::Layout layout{schema()};
    World world{schema(), 256};
    replication::SnapshotRing snapshots{16};
    WholeWorld stream{layout};

    const replication::Snapshot& capture(Tick tick) {
        replication::QuantizeCounters counters;
        return snapshots.push(replication::capture(layout, world, snapshots.newest(), tick, counters));
    }
    Bytes keyframe_body(Tick tick) { return stream.keyframe(*snapshots.find(tick)); }
    Bytes delta_body(Tick from, Tick to) { return stream.delta(*snapshots.find(from), *snapshots.find(to)); }
    Bytes catch_up_body(Tick from, Tick to) { return stream.catch_up(*snapshots.find(from), *snapshots.find(to)); }
};

inline Bytes tick_message(const wire::TickMessage& tick) {
    Bytes message;
    wire::append_tick_head(message, tick);
    for (const wire::GroupBody& body : tick.bodies) append(message, body.bytes);
    return message;
}

/// A tick with one body of group 0.
inline Bytes body_message(Tick tick, wire::BodyCoding coding, ByteSpan body, std::uint16_t group = 0) {
    return tick_message({.tick = tick, .bodies = {{.group = group, .coding = coding, .bytes = body}}});
}

inline Bytes keyframe_message(Tick tick, ByteSpan body, std::uint16_t group = 0) {
    return body_message(tick, wire::BodyCoding::Keyframe, body, group);
}

inline Bytes delta_message(Tick tick, ByteSpan body) { return body_message(tick, wire::BodyCoding::Delta, body); }

/// Everything that the session wants to send, parsed as the other end would. `bytes` keeps what the spans point into.
template <class Session>
std::vector<wire::Message> sent(Session& session, std::vector<Bytes>& bytes) {
    std::vector<wire::Message> messages;
    while (auto message = session.poll_transmit()) {
        bytes.push_back(std::move(*message));
        auto parsed = wire::parse_message(bytes.back(), {});
        REQUIRE(parsed.has_value());
        messages.push_back(std::move(*parsed));
    }
    return messages;
}

template <class Session>
std::vector<wire::Message> sent(Session& session) {
    static std::vector<Bytes> kept;
    return sent(session, kept);
}

/// How many of the messages are a T, and the last of them.
template <class T>
std::vector<T> only(const std::vector<wire::Message>& messages) {
    std::vector<T> found;
    for (const auto& message : messages)
        if (const T* one = std::get_if<T>(&message)) found.push_back(*one);
    return found;
}

template <class Session>
auto events(Session& session) {
    std::vector<std::remove_cvref_t<decltype(*session.poll_event())>> all;
    while (auto event = session.poll_event()) all.push_back(std::move(*event));
    return all;
}

/// The session ended for this code, told the peer so in a Goodbye, and wants the transport closed. Returns the sentence.
template <class Session>
std::string refused(Session& session, std::uint16_t code) {
    REQUIRE(session.wants_close().has_value());
    CHECK(session.wants_close()->close_code == code);
    const auto goodbyes = only<wire::Goodbye>(sent(session));
    REQUIRE(goodbyes.size() == 1);
    CHECK(goodbyes[0].close_code == code);
    const auto all = events(session);
    REQUIRE_FALSE(all.empty());
    CHECK(all.back().close_code == code);
    CHECK(all.back().reason == session.wants_close()->reason);
    CHECK(session.poll_timeout() == never);
    return all.back().reason;
}

}  // namespace tidewire::test
