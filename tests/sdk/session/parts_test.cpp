// Large messages in parts, as a client's session takes them, and what the two ends tell each other of them.
#include <catch2/catch.hpp>

#include "tests/sdk/session/playing.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;
using Lane = wire::Part::Lane;

namespace {

std::vector<Bytes> cut(ByteSpan message, std::size_t size, Lane lane = Lane::Message, std::uint32_t id = 0) {
    std::vector<Bytes> parts;
    for (std::size_t at = 0; at < message.size(); at += size)
        parts.push_back(wire::encode(wire::Part{.lane = lane,
                                                .id = id,
                                                .offset = static_cast<std::uint32_t>(at),
                                                .total = static_cast<std::uint32_t>(message.size()),
                                                .bytes = message.subspan(at, std::min(size, message.size() - at))}));
    return parts;
}

std::uint64_t parts_told(ClientSession& session) {
    std::uint64_t told = 0;
    for (const auto& input : only<wire::InputMessage>(sent(session))) told = std::max(told, input.parts_received);
    return told;
}

}  // namespace

TEST_CASE("a tick in parts is applied with its last one, and other messages go between", "[session][part]") {
    Playing playing;
    const Bytes keyframe = keyframe_message(10, playing.source.keyframe_body(10));
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, keyframe.size()}) {
        Playing fresh;
        const auto parts = cut(keyframe, size);
        for (const Bytes& part : parts) {
            CHECK(fresh.session.snapshots().newest() == nullptr);
            const TimePoint now = at(20ms + std::chrono::milliseconds(60 * (&part - parts.data())));
            fresh.session.receive(wire::encode(wire::Ping{.id = 1, .sent_us = 2}), now);
            CHECK(only<wire::Pong>(sent(fresh.session)).size() == 1);
            fresh.session.receive(part, now);
            REQUIRE(fresh.session.state() == ClientState::Playing);
        }
        REQUIRE(fresh.session.snapshots().newest() != nullptr);
        CHECK(replication::same_state(*fresh.session.snapshots().newest(), *playing.source.snapshots.find(10)));
        CHECK(fresh.session.counters().ticks == 1);
    }
}

TEST_CASE("a client tells at once what it has of parts, but not all the time", "[session][part]") {
    Playing playing;
    const auto parts = cut(Bytes(1000), 100, Lane::Bulk);
    playing.session.receive(parts[0], at(50ms));
    REQUIRE(playing.session.poll_timeout() == at(50ms));
    playing.session.handle_timeout(at(50ms));
    CHECK(parts_told(playing.session) == 100);
    playing.session.receive(parts[1], at(51ms));
    playing.session.receive(parts[2], at(51ms));
    CHECK(playing.session.poll_timeout() == at(52ms));
    playing.session.handle_timeout(at(52ms));
    CHECK(parts_told(playing.session) == 300);
    CHECK(playing.session.poll_timeout() > at(60ms));
}

TEST_CASE("an input tells of parts too, once", "[session][part]") {
    Playing playing;
    playing.take_keyframe();
    playing.session.receive(cut(Bytes(1000), 100, Lane::Bulk)[0], at(50ms));
    const model::Steer steer{};
    TimePoint now = at(50ms);
    while (!playing.session.advance(now)) now += 1ms;
    REQUIRE(playing.session.inputs_due() > 0);
    playing.session.send_due_inputs(0, reinterpret_cast<const std::byte*>(&steer), now);
    const auto inputs = only<wire::InputMessage>(sent(playing.session));
    REQUIRE_FALSE(inputs.empty());
    CHECK(inputs[0].parts_received == 100);
    CHECK(inputs[0].ack_tick == 10);
    playing.session.handle_timeout(now + 5ms);
    CHECK(parts_told(playing.session) == 0);
}

TEST_CASE("a part in a part, and one that is not next, end the session", "[session][part]") {
    SECTION("a part in a part") {
        Playing playing;
        for (const Bytes& part : cut(cut(Bytes(50), 10)[0], 8)) playing.session.receive(part, at(20ms));
        CHECK(refused(playing.session, 1002).find("is a part itself") != std::string::npos);
    }
    SECTION("one that is missing") {
        Playing playing;
        const auto parts = cut(Bytes(50), 10);
        playing.session.receive(parts[0], at(20ms));
        playing.session.receive(parts[2], at(20ms));
        CHECK(refused(playing.session, 1002) == "a part at 20 of 50 bytes came where one at 10 of 50 was due");
    }
    SECTION("what is whole and no message") {
        Playing playing;
        for (const Bytes& part : cut(Bytes(50), 10)) playing.session.receive(part, at(20ms));
        refused(playing.session, 1002);
    }
    SECTION("before the Welcome") {
        ClientSession session(schema(), {}, at(0s));
        session.transport_opened(at(0s));
        sent(session);
        session.receive(cut(Bytes(50), 10)[0], at(20ms));
        CHECK(refused(session, 4003).find("kind Part while the client joins") != std::string::npos);
    }
}

TEST_CASE("bulk comes with its progress between ticks, and is taken in order", "[session][part]") {
    Playing playing;
    playing.take_keyframe();
    CHECK_FALSE(playing.session.bulk_progress());
    Bytes map(5000);
    for (std::size_t i = 0; i < map.size(); ++i) map[i] = static_cast<std::byte>(i);
    const auto parts = cut(map, 1000, Lane::Bulk, 3);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        CHECK_FALSE(playing.session.poll_bulk());
        playing.session.receive(parts[i], at(30ms));
        if (i + 1 == parts.size()) break;
        const auto progress = playing.session.bulk_progress();
        REQUIRE(progress);
        CHECK(progress->id == 3);
        CHECK(progress->bytes_received == 1000 * (i + 1));
        CHECK(progress->bytes_total == 5000);
        playing.step(static_cast<Tick>(11 + i));
        playing.session.receive(
            delta_message(static_cast<Tick>(11 + i),
                          playing.source.delta_body(static_cast<Tick>(10 + i), static_cast<Tick>(11 + i))),
            at(30ms));
    }
    CHECK(playing.session.counters().ticks == 5);
    CHECK_FALSE(playing.session.bulk_progress());
    playing.session.receive(cut(Bytes(1), 1, Lane::Bulk, 4)[0], at(40ms));
    const auto first = playing.session.poll_bulk();
    REQUIRE(first);
    CHECK(first->id == 3);
    CHECK(first->bytes == map);
    const auto second = playing.session.poll_bulk();
    REQUIRE(second);
    CHECK(second->id == 4);
    CHECK_FALSE(playing.session.poll_bulk());
}

TEST_CASE("what the program does not take is bounded, and so is what a server announces", "[session][part]") {
    ClientSession session(schema(), {.message_bytes_max = 2000, .bulk_bytes_max = 1000}, at(0s));
    session.transport_opened(at(0s));
    session.receive(wire::encode(good_welcome()), at(10ms));
    sent(session);
    events(session);
    SECTION("a transfer that is too large") {
        session.receive(cut(Bytes(1001), 10, Lane::Bulk)[0], at(20ms));
        refused(session, 1009);
    }
    SECTION("a message that is too large") {
        session.receive(cut(Bytes(2001), 10)[0], at(20ms));
        refused(session, 1009);
    }
    SECTION("transfers that nobody takes") {
        for (int i = 0; i < 2; ++i) session.receive(cut(Bytes(500), 500, Lane::Bulk)[0], at(20ms));
        CHECK(session.state() == ClientState::Playing);
        REQUIRE(session.poll_bulk());
        session.receive(cut(Bytes(500), 500, Lane::Bulk)[0], at(20ms));
        CHECK(session.state() == ClientState::Playing);
        session.receive(cut(Bytes(2), 1, Lane::Bulk)[0], at(20ms));
        CHECK(refused(session, 1013).find("does not take") != std::string::npos);
    }
}

TEST_CASE("a server believes of parts what it wrote, rising", "[session][part]") {
    const replication::Layout layout(schema());
    ServerSession session(layout, {}, at(0s));
    session.receive(wire::encode(good_hello()), at(0s));
    session.welcome({.player = 7, .tick_rate = 30, .tick = 5, .entities_max = 256}, at(0s));
    sent(session);
    events(session);
    const auto acknowledge = [&](std::uint64_t bytes) {
        session.receive(wire::encode(wire::InputMessage{.parts_received = bytes}), at(1s));
    };
    session.note_parts_written(500);
    acknowledge(200);
    acknowledge(0);
    acknowledge(200);
    CHECK(session.parts_received() == 200);
    CHECK(session.state() == ServerState::Playing);
    SECTION("more than was sent") {
        acknowledge(501);
        CHECK(refused(session, 1002) ==
              "input 0 acknowledges 501 bytes of parts; they were 200 before, and 500 were sent");
    }
    SECTION("fewer than before") {
        acknowledge(199);
        refused(session, 1002);
    }
    SECTION("a part of the client's") {
        session.receive(cut(Bytes(50), 10)[0], at(1s));
        CHECK(refused(session, 4003).find("kind Part") != std::string::npos);
    }
}
