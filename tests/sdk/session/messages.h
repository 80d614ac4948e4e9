// Messages as the other end would send them, and what a session put out.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sdk/core/replication/delta.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/keyframe.h"
#include "sdk/core/session/client_session.h"
#include "sdk/core/session/server_session.h"
#include "test_schema.h"
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

    const replication::Snapshot& capture(Tick tick) {
        replication::QuantizeCounters counters;
        return snapshots.push(replication::capture(layout, world, snapshots.newest(), tick, counters));
    }
    Bytes keyframe_body(Tick tick, std::uint16_t group = 0) const {
        const auto tables = replication::encode_planes(layout, *snapshots.find(tick));
        wire::Keyframe keyframe{.group = group, .tick = tick};
        for (const auto& table : tables)
            keyframe.tables.push_back({.table = table.table, .present = table.present, .planes = table.planes});
        return wire::encode(keyframe);
    }
    Bytes delta_body(Tick from, Tick to) const {
        return replication::encode_delta(layout, *snapshots.find(from), *snapshots.find(to));
    }
};

inline Bytes tick_message(Tick tick, std::vector<wire::GroupBody> bodies, std::uint32_t input_tick = 0) {
    Bytes message = wire::encode_tick_head({.tick = tick, .input_tick = input_tick, .bodies = bodies});
    for (const wire::GroupBody& body : bodies) append(message, body.bytes);
    return message;
}

inline Bytes keyframe_message(Tick tick, ByteSpan body, std::uint16_t group = 0) {
    return tick_message(tick,
                        {{.group = group, .coding = wire::BodyCoding::Keyframe, .baseline_age = 0, .bytes = body}});
}

inline Bytes delta_message(Tick tick, std::uint8_t age, ByteSpan body) {
    return tick_message(tick, {{.group = 0, .coding = wire::BodyCoding::Delta, .baseline_age = age, .bytes = body}});
}

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
    std::vector<typename decltype(session.poll_event())::value_type> all;
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
