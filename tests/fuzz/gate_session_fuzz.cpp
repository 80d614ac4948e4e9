// libFuzzer: a client that has said a valid Hello, and then any messages in any order, to a whole gate with its room and an honest
// player. It loses its connection and comes back, or says so. The gate keeps within its memory, the player stays, and the hostile one
// leaves nothing behind.
#include <optional>
#include <string_view>
#include <utility>

#include "sdk/core/session/client_peer.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"
#include "server/gate/gate.h"
#include "tests/fuzz/script.h"
#include "tests/scenario/duel_game.h"
#include "tidewire/version.h"

using namespace tidewire;
using fuzz::require;

namespace {

constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "
    "tidewire.v1\r\n\r\n";

/// What one connection may hold: its queues, its history of inputs, its player's entities, and the sanitizer's own care for each.
constexpr std::size_t held_bytes_max = 2 * 1024 * 1024;
constexpr std::size_t bulk_bytes = 40'000;

ServerOptions small() {
    ServerOptions options;
    options.players_max = 4;
    options.entities_max = 64;
    options.snapshots_held = 8;
    options.transmit_bytes_max = 64 * 1024;
    options.events_unsent_max = 32;
    options.event_bytes_unsent_max = 16 * 1024;
    options.unread_timeout = std::chrono::seconds(2);
    options.tick_rate = 10;  // an input costs few of them
    options.resume_within = std::chrono::seconds(2);
    return options;
}

/// From here on a step is a new connection: the first values are those of the corpus of the time before there was one.
constexpr std::uint8_t comes_back_from = 250;

RandomSource counting() {
    return [next = std::uint8_t{1}](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(next++);
    };
}

class Attack {
public:
    explicit Attack(fuzz::Script script)
        : script_(script), gate_(prepared(duel_), options_, now_, {}, {}, counting()), honest_(accept()) {
        exchange();
        hostile_ = accept();
        say_hello({});
    }

    void play() {
        require(gate_.room().player_count() == 2, "a valid Hello joins");
        const std::size_t before = fuzz::allocated_bytes();
        while (!script_.over()) {
            const std::uint8_t way = script_.u8();
            if (way < comes_back_from && gate_.standing(hostile_).finished) break;
            step(way);
            require(queued() <= options_.transmit_bytes_max + options_.event_bytes_unsent_max,
                    "a connection queues no more than its limits");
            require(fuzz::allocated_bytes() <= before + held_bytes_max, "a session stays within its memory");
        }
        gate_.receive_eof(hostile_, now_);
        // Time ends what is left.
        advance(std::chrono::seconds(3));
        take(SIZE_MAX);
        let_go(hostile_);
        if (before_ != server::ConnectionId{}) let_go(before_);
        advance(std::chrono::seconds(3));
        require(gate_.connection_count() == 1, "who is gone has no connection");
        require(gate_.room().player_count() == 1, "who is gone has no player");
        require(ann_.session().state() == session::ClientState::Playing, "the other player stays");
    }

private:
    static const Game& prepared(test::Duel& duel) {
        duel.joined = [](ServerSim& sim, Player player) {
            static const BulkBytes map = std::make_shared<const std::vector<std::byte>>(bulk_bytes, std::byte{3});
            require(sim.send_bulk(player.id(), 1, map).has_value(), "a map is queued");
        };
        duel.after_tick = [&duel](ServerSim& sim) {
            // What the game itself keeps is not the gate's.
            duel.heard.clear();
            if (sim.tick() % 4 == 0) sim.broadcast(duel::Later{.number = sim.tick()});
        };
        return duel.game;
    }

    server::ConnectionId accept() {
        const auto id = gate_.accept("fuzz", now_);
        require(id.has_value(), "a connection is accepted");
        return *id;
    }

    void say_hello(std::optional<wire::Resume> resume) {
        Bytes request(as_bytes(upgrade).begin(), as_bytes(upgrade).end());
        gate_.receive(hostile_, request, now_);
        take(SIZE_MAX);
        const SchemaInfo& schema = duel::Schema::info();
        say(wire::encode(wire::Hello{.protocol = protocol_version,
                                     .schema_hash = schema.hash,
                                     .schema_name = schema.name,
                                     .sdk_version = version,
                                     .player_name = "eve",
                                     .resume = std::move(resume)}));
        note_token();
        take(SIZE_MAX);
    }

    /// Of the Welcome, which is the first that is said to who comes in.
    void note_token() {
        const Bytes said = joined(gate_.poll_transmit(hostile_));
        const auto header = ws::parse_frame_header(said, ws::Role::Client);
        if (!header || !*header || said.size() < (*header)->bytes + (*header)->header.payload_bytes) return;
        const auto message = wire::parse_message(ByteSpan(said).subspan((*header)->bytes, (*header)->header.payload_bytes), {});
        if (!message) return;
        if (const auto* const welcome = std::get_if<wire::Welcome>(&*message)) token_ = welcome->session_token;
    }

    /// The connection ends, in order, by a reset, or without that the gate hears of it; another says that it has been this player.
    void come_back() {
        if (before_ != server::ConnectionId{}) let_go(before_);
        before_ = hostile_;
        const std::uint8_t how = script_.u8() % 3;
        if (how == 0) gate_.abort(before_, "reset", now_);
        if (how == 1) gate_.receive_eof(before_, now_);
        advance(std::chrono::milliseconds(16 * script_.u8()));
        hostile_ = accept();
        wire::Resume resume{.token = token_,
                            .tick = script_.near(gate_.room().tick_number()),
                            .events_received = script_.u8(),
                            .bulks_received = script_.u8() % 4U,
                            .attempt = ++attempt_};
        for (int groups = script_.u8() % 4; groups > 0; --groups) {
            const auto group = static_cast<std::uint16_t>(script_.u8() % 2 == 0 ? 0 : script_.u16());
            resume.groups.push_back({group, script_.near(gate_.room().tick_number())});
        }
        input_ = 0;
        say_hello(std::move(resume));
    }

    void let_go(server::ConnectionId connection) {
        gate_.abort(connection, "over", now_);
        gate_.forget(connection);
    }

    /// One binary message in a masked frame; the mask is zero.
    void say(ByteSpan sent) {
        Bytes message(sent.begin(), sent.end());
        flip_.apply(message);
        Bytes frame{std::byte{0x82}};
        if (message.size() < 126) {
            frame.push_back(static_cast<std::byte>(0x80 | message.size()));
        } else {
            frame.push_back(std::byte{0x80 | 126});
            frame.push_back(static_cast<std::byte>(message.size() >> 8));
            frame.push_back(static_cast<std::byte>(message.size()));
        }
        frame.resize(frame.size() + 4);
        append(frame, message);
        gate_.receive(hostile_, frame, now_);
    }

    void take(std::size_t most) {
        while (most > 0) {
            std::size_t count = 0;
            for (const ByteSpan part : gate_.poll_transmit(hostile_)) count += part.size();
            count = std::min(count, most);
            if (count == 0) return;
            gate_.transmitted(hostile_, count, now_);
            most -= count;
        }
    }

    std::size_t queued() {
        std::size_t count = 0;
        for (const ByteSpan part : gate_.poll_transmit(hostile_)) count += part.size();
        return count;
    }

    void advance(Duration duration) {
        const TimePoint end = now_ + duration;
        while (gate_.poll_timeout() <= end) {
            now_ = std::max(now_, gate_.poll_timeout());
            gate_.handle_timeout(now_);
            exchange();
            while (gate_.poll_ready()) continue;
            while (gate_.poll_event()) continue;
        }
        now_ = end;
    }

    /// The honest player's link carries everything at once.
    void exchange() {
        if (ann_.poll_timeout() <= now_) ann_.handle_timeout(now_);
        for (bool moved = true; moved;) {
            const Bytes down = joined(gate_.poll_transmit(honest_));
            gate_.transmitted(honest_, down.size(), now_);
            Bytes read = down;
            if (!read.empty()) ann_.receive(read, now_);
            Bytes up = joined(ann_.poll_transmit());
            ann_.transmitted(up.size(), now_);
            moved = !down.empty() || !up.empty();
            if (!up.empty()) gate_.receive(honest_, up, now_);
        }
        while (ann_.poll_event()) continue;
        while (ann_.session().poll_bulk()) continue;
        heard_.clear();
        ann_.session().take_events(heard_);
    }

    static Bytes joined(std::span<const ByteSpan> parts) {
        Bytes all;
        for (const ByteSpan part : parts) append(all, part);
        return all;
    }

    void step(std::uint8_t way) {
        if (way >= comes_back_from) return come_back();
        switch (way % 13) {
            case 0: {
                const std::uint16_t type = script_.u8() % 8;
                return say(wire::encode(wire::Event{.type = type, .data = script_.bytes()}));
            }
            case 1: {
                const std::uint32_t id = script_.near(requests_++);
                const std::uint16_t type = script_.u8() % 8;
                return say(wire::encode(wire::Request{.id = id, .type = type, .data = script_.bytes()}));
            }
            case 2:
                return say_input();
            case 3:
                return say(wire::encode(wire::Ping{.id = script_.u8(), .sent_us = script_.u32()}));
            case 4:
                return say(wire::encode(wire::Pong{.id = script_.near(1),
                                                   .sent_us = script_.u32(),
                                                   .received_us = script_.u32(),
                                                   .hold_us = script_.u32()}));
            case 5: {
                const std::uint32_t tick = script_.near(gate_.room().tick_number());
                const auto group = script_.u16();
                return say(
                    wire::encode(wire::Desync{.tick = tick, .group = group, .difference = to_string(script_.bytes())}));
            }
            case 6:
                return say(wire::encode(wire::Suspend{.suspended = script_.u8() % 2 == 0}));
            case 7: {
                const auto code = script_.u16();
                return say(wire::encode(wire::Goodbye{.close_code = code, .reason = to_string(script_.bytes())}));
            }
            case 8:
                return say(script_.bytes());
            case 9:
                return advance(std::chrono::milliseconds(4 * script_.u8()));
            case 10:
                return take(script_.u16());
            case 11:
                flip_.read(script_);
                return;
            default:
                return take(SIZE_MAX);
        }
    }

    void say_input() {
        const std::uint32_t tick = script_.u8() % 4 == 0 ? 0 : script_.near(input_ + 1);
        input_ = std::max(input_, tick);
        const std::uint32_t ack = script_.near(gate_.room().tick_number());
        const std::uint16_t type = script_.u8() % 2;
        const std::uint64_t parts = script_.u16();
        const std::uint32_t view = script_.near(ack);
        const std::uint8_t fraction = script_.u8();
        const ByteSpan data = tick == 0 ? ByteSpan{} : script_.bytes();
        say(wire::encode(wire::InputMessage{.tick = tick,
                                            .ack_tick = ack,
                                            .type = type,
                                            .data = data,
                                            .view_tick = view,
                                            .view_fraction = fraction,
                                            .parts_received = parts}));
    }

    fuzz::Script script_;
    fuzz::Flip flip_;
    TimePoint now_{std::chrono::seconds(1)};
    ServerOptions options_ = small();
    test::Duel duel_;
    server::Gate gate_;
    server::ConnectionId honest_;
    session::ClientPeer ann_{duel::Schema::info(),
                             {.player_name = "ann"},
                             "fuzz",
                             "/",
                             [](MutableByteSpan bytes) { std::fill(bytes.begin(), bytes.end(), std::byte{1}); },
                             now_};
    std::vector<session::ReceivedEvent> heard_;
    server::ConnectionId hostile_{};
    server::ConnectionId before_{};  // the one that hostile_ follows; none at first
    Bytes token_;
    std::uint32_t requests_ = 1;
    std::uint32_t input_ = 0;
    std::uint32_t attempt_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Attack(fuzz::Script(data, size)).play();
    return 0;
}
