// libFuzzer: a server that has said a valid Welcome, and then any messages in any order, to a whole client's session that predicts, asks
// and listens. The transport may go, and another come, whose server says what it likes of the session. The session keeps within the memory
// that its options name, and ends with one Closed event.
#include "sdk/core/session/client_session.h"
#include "sdk/core/wire/codec.h"
#include "tests/fuzz/script.h"
#include "tests/scenario/duel_rules.h"
#include "tests/support/whole_world.h"
#include "tidewire/version.h"

using namespace tidewire;
using fuzz::require;

namespace {

constexpr std::size_t bulk_bytes_max = 16 * 1024;
constexpr std::size_t event_bytes_held_max = 16 * 1024;
constexpr std::uint32_t entities_max = 64;
constexpr PlayerId player = 7;
/// Snapshots of a small world, what the options allow, and the sanitizer's own care for each block.
constexpr std::size_t held_bytes_max = 4 * 1024 * 1024;

ClientOptions small() {
    ClientOptions options;
    options.message_bytes_max = 8 * 1024;
    options.keyframe_bytes_max = 16 * 1024;
    options.bulk_bytes_max = bulk_bytes_max;
    options.snapshots_held = 8;
    options.event_bytes_held_max = event_bytes_held_max;
    return options;
}

/// From here on a step is a new transport: the first values are those of the corpus of the time before there was one.
constexpr std::uint8_t comes_back_from = 250;

/// What a server knows that a stranger would have to guess: a world, and its snapshots as bodies.
class Source {
public:
    Source() : world_(duel::Schema::info(), entities_max), snapshots_(8), stream_(layout_) {
        for (int i = 0; i < 4; ++i) {
            Entity entity(world_, world_.spawn(i == 0 ? player : 0));
            entity.set(duel::Pos{.x = static_cast<float>(i), .y = 1});
        }
        capture(1);
    }
    void step(Tick tick) {
        for (auto [entity, pos] : View<duel::Pos>(world_)) pos.x += 0.25F;
        capture(tick);
    }
    Tick tick() const { return snapshots_.newest()->tick; }
    /// The client has lost what it was told.
    void begin_anew() { told_ = 0; }
    /// The first one is a keyframe.
    wire::GroupBody body(Bytes& bytes) {
        const auto& all = snapshots_.all();
        const bool first = told_ == 0;
        bytes = first ? stream_.keyframe(all.back()) : stream_.delta(*snapshots_.find(told_), all.back());
        told_ = all.back().tick;
        return {.group = 0, .coding = first ? wire::BodyCoding::Keyframe : wire::BodyCoding::Delta, .bytes = bytes};
    }

private:
    void capture(Tick tick) {
        replication::QuantizeCounters counters;
        snapshots_.push(replication::capture(layout_, world_, snapshots_.newest(), tick, counters));
    }

    replication::Layout layout_{duel::Schema::info()};
    World world_;
    replication::SnapshotRing snapshots_;
    test::WholeWorld stream_;
    Tick told_ = 0;
};

class Attack {
public:
    explicit Attack(fuzz::Script script) : script_(script) {
        session_.predict_by(to_apply_input(test::DuelRules{}, duel::Schema::Inputs{}));
        session_.transport_opened(now_);
        session_.receive(wire::encode(welcome()), now_);
        drain();
    }

    void play() {
        require(session_.state() == session::ClientState::Playing, "a valid Welcome is enough to play");
        const std::size_t before = fuzz::allocated_bytes();
        while (!script_.over() && session_.state() != session::ClientState::Closed) {
            step();
            require(fuzz::allocated_bytes() <= before + held_bytes_max, "a session stays within its memory");
        }
        const bool refused = session_.state() == session::ClientState::Closed;
        require(refused == session_.wants_close().has_value(), "who ends wants the transport closed");
        session_.transport_closed(1006, "over", now_);
        drain();
        if (!refused) session_.give_up("over", now_);
        drain();
        require(closed_ == 1, "a session ends once");
        require(session_.poll_timeout() == never, "and waits for nothing after that");
    }

private:
    static wire::Welcome welcome() {
        const SchemaInfo& schema = duel::Schema::info();
        return {.protocol = protocol_version,
                .schema_hash = schema.hash,
                .schema_name = schema.name,
                .player = player,
                .tick_rate = 30,
                .tick = 1,
                .entities_max = entities_max,
                .session_token = Bytes(24, std::byte{7}),
                .session_ms = 30'000};
    }

    void come_back() {
        session_.transport_closed(1006, "lost", now_, script_.u8() % 2 == 0);
        drain();
        pass(std::chrono::milliseconds(16 * script_.u8()));
        session_.transport_opened(now_);
        drain();
        wire::Welcome back = welcome();
        back.resumed = static_cast<wire::Welcome::Resumed>(script_.u8() % 3);
        back.events_received = script_.u8();
        const std::uint8_t other = script_.u8();
        if (other == 1) back.player = script_.u8();
        if (other == 2) back.tick_rate = script_.u8();
        if (other == 3) back.entities_max = script_.u16();
        if (back.resumed == wire::Welcome::Resumed::Restored) source_.begin_anew();
        receive(wire::encode(back));
    }

    void drain() {
        while (session_.poll_transmit()) continue;
        while (const auto event = session_.poll_event()) {
            require(closed_ == 0, "Closed is the last event");
            closed_ += event->kind == session::ClientEvent::Kind::Closed ? 1 : 0;
        }
    }

    void step() {
        const std::uint8_t way = script_.u8();
        if (way >= comes_back_from) return come_back();
        switch (way % 19) {
            case 0: {
                const std::uint16_t type = script_.u8() % 8;
                const std::uint32_t tick = script_.near(source_.tick());
                const std::uint32_t from = script_.u8() % 2 == 0 ? player : script_.u8();
                return receive(
                    wire::encode(wire::Event{.type = type, .data = script_.bytes(), .tick = tick, .player = from}));
            }
            case 1: {
                const std::uint32_t id = script_.near(request_);
                const std::uint16_t type = script_.u8() % 8;
                const std::string refusal = script_.u8() % 4 == 0 ? to_string(script_.bytes()) : std::string();
                return receive(
                    wire::encode(wire::Reply{.id = id, .type = type, .data = script_.bytes(), .refusal = refusal}));
            }
            case 2:
                return receive_part();
            case 3:
                return receive_tick();
            case 4:
                return receive_true_tick();
            case 5:
                return receive(wire::encode(wire::Ping{.id = script_.u8(), .sent_us = script_.u32()}));
            case 6: {
                const std::uint32_t id = script_.near(1);
                const std::int64_t sent = now_.time_since_epoch().count() - script_.u16();
                return receive(wire::encode(
                    wire::Pong{.id = id, .sent_us = sent, .received_us = script_.u32(), .hold_us = script_.u16()}));
            }
            case 7: {
                const auto kind =
                    script_.u8() % 2 == 0 ? wire::Resource::Kind::CodeTables : wire::Resource::Kind::Dictionary;
                const ByteSpan data = script_.bytes();
                return receive(wire::encode(
                    wire::Resource{.kind = kind, .id = script_.u8(), .data = Bytes(data.begin(), data.end())}));
            }
            case 8: {
                const auto code = script_.u16();
                return receive(wire::encode(wire::Goodbye{.close_code = code, .reason = to_string(script_.bytes())}));
            }
            case 9:
                return receive(script_.bytes());
            case 10:
                return pass(std::chrono::milliseconds(script_.u8()));
            case 11:
                return frame();
            case 12: {
                const duel::Buy buy{.item = script_.u8()};
                static_cast<void>(session_.send_event(event_index<duel::Buy>, &buy, now_));
                return;
            }
            case 13: {
                const duel::Buy buy{.item = script_.u8()};
                if (const std::uint32_t id = session_.send_request(event_index<duel::Buy>, &buy, now_)) request_ = id;
                return;
            }
            case 14: {
                duel::Bought bought;
                static_cast<void>(session_.take_reply(script_.near(request_), event_index<duel::Bought>, &bought));
                return;
            }
            case 15:
                return take_all();
            case 16:
                flip_.read(script_);
                return;
            case 17:
                return script_.u8() % 2 == 0 ? session_.suspend(now_) : session_.resume(now_);
            default:
                return drain();
        }
    }

    void receive(ByteSpan message) {
        // A block of its own, so that a sanitizer sees each step beyond it.
        Bytes own(message.begin(), message.end());
        flip_.apply(own);
        session_.receive(own, now_);
    }

    void receive_part() {
        const auto lane = script_.u8() % 2 == 0 ? wire::Part::Lane::Message : wire::Part::Lane::Bulk;
        auto& [total, offset] = transfers_[static_cast<std::size_t>(lane)];
        if (offset >= total || script_.u8() % 8 == 0) {
            total = script_.u16();
            offset = 0;
        }
        const ByteSpan bytes = script_.bytes();
        if (bytes.empty()) return;
        const std::uint32_t at = script_.u8() % 16 == 0 ? script_.u16() : offset;
        const auto end = static_cast<std::uint32_t>(at + bytes.size());
        offset = end;
        // No other parts can be written.
        receive(wire::encode(
            wire::Part{.lane = lane, .id = 0, .offset = at, .total = std::max(total, end), .bytes = bytes}));
    }

    void receive_tick() {
        wire::TickMessage tick{.tick = script_.near(source_.tick() + 1),
                               .input_tick = script_.near(session_.input_tick())};
        tick.input_lead = static_cast<std::int16_t>(script_.u16());
        tick.state_hash = script_.u8() % 4 == 0 ? script_.u32() : 0;
        for (int bodies = script_.u8() % 4; bodies > 0; --bodies) {
            const std::uint16_t group = script_.u8() % 4 == 0 ? script_.u16() : 0;
            const auto coding = static_cast<wire::BodyCoding>(script_.u8() % 6);
            tick.bodies.push_back({.group = group, .coding = coding, .bytes = script_.bytes()});
        }
        send_tick(tick);
    }

    void receive_true_tick() {
        source_.step(source_.tick() + 1 + script_.u8() % 3);
        Bytes bytes;
        wire::TickMessage tick{.tick = source_.tick(), .input_tick = session_.input_tick()};
        tick.bodies.push_back(source_.body(bytes));
        send_tick(tick);
    }

    void send_tick(const wire::TickMessage& tick) {
        Bytes message;
        wire::append_tick_head(message, tick);
        for (const wire::GroupBody& body : tick.bodies) append(message, body.bytes);
        receive(message);
    }

    void pass(Duration duration) {
        now_ += duration;
        if (session_.poll_timeout() <= now_) session_.handle_timeout(now_);
    }

    void frame() {
        session_.advance(now_);
        const duel::Move move{.dx = 1, .fire = script_.u8() % 2 == 0};
        session_.send_due_inputs(0, static_cast<const std::byte*>(static_cast<const void*>(&move)), now_);
    }

    void take_all() {
        std::vector<session::ReceivedEvent> events;
        session_.take_events(events);
        std::size_t bytes = 0;
        while (const auto bulk = session_.poll_bulk()) bytes += bulk->bytes.size();
        require(bytes <= bulk_bytes_max, "transfers that nobody takes stay within bulk_bytes_max");
    }

    fuzz::Script script_;
    fuzz::Flip flip_;
    TimePoint now_{std::chrono::seconds(1)};
    session::ClientSession session_{duel::Schema::info(), small(), now_};
    Source source_;
    std::uint32_t request_ = 1;
    struct Transfer {
        std::uint32_t total = 0;
        std::uint32_t offset = 0;
    };
    Transfer transfers_[2];
    int closed_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Attack(fuzz::Script(data, size)).play();
    return 0;
}
