// H26: a server that means its clients ill. A client's session has limits of its own, and ends with a sentence and bounded memory.
#include <algorithm>
#include <map>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/random.h"
#include "sdk/core/wire/envelope.h"
#include "tests/hostile/victim.h"
#include "tests/sdk/session/playing.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// What a client may hold at most beyond what it has when it begins to play: its history of a world, and what its options name.
constexpr std::int64_t held_bytes_max = 8 * 1024 * 1024;

Bytes part_head(std::uint8_t lane, std::uint32_t id, std::uint32_t offset, std::uint32_t total, ByteSpan bytes) {
    Bytes message{wire::to_byte({wire::Kind::Part, wire::Coding::Stored}), static_cast<std::byte>(lane)};
    for (const std::uint32_t number : {id, offset, total}) append_little_endian(message, number);
    append(message, bytes);
    return message;
}

/// A world and its ticks, as an honest server would send them.
class Honest {
public:
    Honest() {
        for (int i = 0; i < 20; ++i) {
            Entity entity(source_.world, source_.world.spawn(7));
            entity.set(tidewire::test::model::Position{.x = static_cast<float>(i), .y = 2});
            entity.set(tidewire::test::model::Vitals{
                .hp = 9, .shield = 5, .alive = true, .mode = tidewire::test::model::Mode::Run});
        }
        source_.capture(1);
    }
    Bytes next() {
        if (tick_++ == 0) return tidewire::test::keyframe_message(1, source_.keyframe_body(1));
        for (auto [entity, position] : View<tidewire::test::model::Position>(source_.world)) position.x += 0.5F;
        source_.capture(tick_);
        return tidewire::test::delta_message(tick_, source_.delta_body(tick_ - 1, tick_));
    }
    Tick tick() const { return tick_; }

private:
    tidewire::test::Source source_;
    Tick tick_ = 0;
};

wire::Welcome welcome() { return tidewire::test::good_welcome(); }

}  // namespace

TEST_CASE("H26: a server that answers at one byte a second, or without end, is given up", "[H26]") {
    const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(5000, 'a');
    Victim slow(Victim::Until::Nothing);
    const TimePoint began = slow.now();
    for (std::size_t i = 0; i < answer.size() && slow.closed() == nullptr; ++i) {
        slow.hear(std::string_view(answer).substr(i, 1));
        slow.run_for(1s);
    }
    REQUIRE(slow.closed() != nullptr);
    CHECK(slow.now() - began == 10s);
    Victim quick(Victim::Until::Nothing);
    const std::int64_t before = Victim::heap_bytes();
    quick.hear(answer);
    REQUIRE(quick.closed() != nullptr);
    CHECK(Victim::heap_bytes() - before < 16 * 1024);
    // A server that opens and then says nothing.
    Victim waiting(Victim::Until::Opened);
    waiting.run_for(11s);
    REQUIRE(waiting.closed() != nullptr);
}

TEST_CASE("H26: a Welcome that cannot be is refused", "[H26]") {
    struct Row {
        const char* what;
        wire::Welcome welcome;
        std::uint16_t code;
    };
    std::vector<Row> rows(8, {"", welcome(), 1007});
    rows[0].what = "player 0";
    rows[0].welcome.player = 0;
    rows[1].what = "0 Hz";
    rows[1].welcome.tick_rate = 0;
    rows[2].what = "65535 Hz";
    rows[2].welcome.tick_rate = 65535;
    rows[3].what = "no entities";
    rows[3].welcome.entities_max = 0;
    rows[4].what = "65537 entities";
    rows[4].welcome.entities_max = 65537;
    rows[5].what = "4 billion entities";
    rows[5].welcome.entities_max = ~std::uint32_t{0};
    rows[6].what = "another protocol";
    rows[6].welcome.protocol = 99;
    rows[6].code = 4001;
    rows[7].what = "a Tick instead";
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Victim victim(Victim::Until::Opened);
        const std::int64_t before = Victim::heap_bytes();
        if (std::string_view(row.what) == "a Tick instead")
            victim.hear_message(tidewire::test::tick_message({.tick = 1}));
        else
            victim.hear_message(wire::encode(row.welcome));
        REQUIRE(victim.closed() != nullptr);
        CHECK(victim.closed()->close_code == (std::string_view(row.what) == "a Tick instead" ? 4003 : row.code));
        CHECK_FALSE(victim.closed()->reason.empty());
        CHECK(Victim::heap_bytes() - before < 64 * 1024);
    }
}

TEST_CASE("H26: the largest Welcome that is allowed takes memory for a world, once", "[H26]") {
    Victim victim(Victim::Until::Opened);
    const std::int64_t before = Victim::heap_bytes();
    wire::Welcome large = welcome();
    large.entities_max = 65536;
    victim.hear_message(wire::encode(large));
    CHECK(victim.closed() == nullptr);
    CHECK(Victim::heap_bytes() - before < held_bytes_max);
    victim.hear_message(wire::encode(large));
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.closed()->close_code == 4003);
}

TEST_CASE("H26: what no honest server says ends the session with its code, and takes little memory", "[H26]") {
    Honest honest;
    const Bytes keyframe = honest.next();
    const Bytes delta = honest.next();
    const Bytes body(100, std::byte{0x55});
    const Bytes noise(100, std::byte{0xff});
    const auto input_claim = tidewire::test::tick_message({.tick = 5, .input_tick = 4'000'000'000});
    const auto parts = [&](std::uint32_t total) { return part_head(0, 0, 0, total, body); };
    struct Row {
        const char* what;
        std::vector<Bytes> messages;
        std::uint16_t code;
    };
    const Row rows[] = {
        {"a delta of a group that never began", {delta}, 1002},
        {"the same tick twice", {keyframe, keyframe}, 1002},
        {"a tick of the past", {keyframe, delta, keyframe}, 1002},
        {"tick 0", {tidewire::test::tick_message({.tick = 0})}, 0},
        {"a keyframe of noise", {tidewire::test::keyframe_message(1, body)}, 0},
        {"an empty keyframe", {tidewire::test::keyframe_message(1, {})}, 1002},
        {"an input that was never sent has arrived", {input_claim}, 1002},
        {"a message in parts of 1 GiB", {parts(1 << 30)}, 1009},
        {"a bulk transfer of 1 GiB", {part_head(1, 1, 0, 1 << 30, body)}, 1009},
        {"a part that begins in the middle", {part_head(1, 1, 50, 1000, body)}, 1002},
        {"a part beyond its end", {part_head(1, 1, 950, 1000, body)}, 1002},
        {"a part without bytes", {part_head(1, 1, 0, 1000, {})}, 1002},
        {"a Hello", {wire::encode(tidewire::test::good_hello())}, 4003},
        {"an Input", {wire::encode(wire::InputMessage{.ack_tick = 1})}, 4003},
        {"code tables that nobody named",
         {wire::encode(wire::Resource{.kind = wire::Resource::Kind::CodeTables, .id = 5, .data = body})},
         0},
        {"a Reply to nothing", {wire::encode(wire::Reply{.id = 77, .type = 0, .data = {}, .refusal = "no"})}, 0},
        {"an event of noise", {wire::encode(wire::Event{.type = 0, .data = noise, .tick = 1})}, 1007},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Victim victim;
        const std::int64_t before = Victim::heap_bytes();
        for (const Bytes& message : row.messages) victim.hear_message(message);
        victim.run_for(50ms);
        CHECK(Victim::heap_bytes() - before < 256 * 1024);
        if (victim.closed() == nullptr) {
            CHECK(row.code == 0);
            continue;
        }
        CAPTURE(victim.closed()->close_code, victim.closed()->reason);
        CHECK((row.code == 0 || victim.closed()->close_code == row.code));
        CHECK_FALSE(victim.closed()->reason.empty());
    }
}

TEST_CASE("H26: announced sizes of a server's frames take no memory, and more than 256 KiB is refused by the header",
          "[H26]") {
    struct Row {
        std::uint64_t length;
        std::uint16_t code;
    };
    for (const Row& row : {Row{256 * 1024, 0}, Row{256 * 1024 + 1, 1009}, Row{1 << 30, 1009},
                           Row{std::uint64_t{1} << 62, 1009}, Row{~std::uint64_t{0}, 1002}}) {
        CAPTURE(row.length);
        Victim victim;
        const std::int64_t before = Victim::heap_bytes();
        Bytes header{std::byte{0x82}, std::byte{127}};
        append_big_endian(header, row.length);
        victim.hear(header);
        victim.hear(std::string(1000, 'a'));
        CHECK((victim.closed() == nullptr) == (row.code == 0));
        if (victim.closed() != nullptr) CHECK(victim.closed()->close_code == row.code);
        CHECK(Victim::heap_bytes() - before < 8 * 1024);
    }
}

TEST_CASE("H26: floods of Pings, of events and of bulk transfers end with a code, within the options' memory",
          "[H26]") {
    const int kind = GENERATE(0, 1, 2);
    Victim victim;
    const std::int64_t before = Victim::heap_bytes();
    const Bytes note = [] {
        const replication::Layout layout(tidewire::test::schema());
        const tidewire::test::model::Note said{.text = std::string(2000, 'n'), .to = 1};
        return replication::encode_event(layout, event_index<tidewire::test::model::Note>, &said);
    }();
    const Bytes megabyte(std::size_t{200} * 1024, std::byte{1});
    std::int64_t most = 0;
    int said = 0;
    for (; said < 20'000 && victim.closed() == nullptr; ++said) {
        switch (kind) {
            case 0:
                victim.hear_message(wire::encode(wire::Ping{.id = static_cast<std::uint32_t>(said), .sent_us = 1}));
                break;
            case 1:
                victim.hear_message(wire::encode(
                    wire::Event{.type = event_index<tidewire::test::model::Note>, .data = note, .tick = 1}));
                break;
            default:
                victim.hear_message(part_head(1, static_cast<std::uint32_t>(said), 0,
                                              static_cast<std::uint32_t>(megabyte.size()), megabyte));
        }
        most = std::max(most, Victim::heap_bytes() - before);
    }
    CAPTURE(kind, said, most);
    REQUIRE(victim.closed() != nullptr);
    CHECK(victim.closed()->close_code == (kind == 0 ? 1008 : 1013));
    const ClientOptions options;
    const std::size_t allowed = kind == 0   ? 64 * 1024
                                : kind == 1 ? 2 * options.event_bytes_held_max
                                            : options.bulk_bytes_max + 1024 * 1024;
    CHECK(most <= static_cast<std::int64_t>(allowed));
    print_figure("H26", std::string(kind == 0   ? "Pings"
                                    : kind == 1 ? "events"
                                                : "bulk transfers") +
                            ": the client ends after " + std::to_string(said) + ", with " +
                            std::to_string(most / 1024) + " KiB at most");
}

TEST_CASE("H26: a server that takes nothing makes a client give up before it holds much", "[H26]") {
    Victim victim;
    victim.taken = false;
    const std::int64_t before = Victim::heap_bytes();
    std::int64_t most = 0;
    Honest honest;
    for (int i = 0; i < 100'000 && victim.closed() == nullptr; ++i) {
        victim.hear_message(honest.next());
        victim.hear_message(wire::encode(wire::Ping{.id = static_cast<std::uint32_t>(i + 1), .sent_us = 1}));
        const tidewire::test::model::Steer steer{};
        victim.run_for(66ms);
        victim.peer().send_due_inputs(0, static_cast<const std::byte*>(static_cast<const void*>(&steer)), victim.now());
        most = std::max(most, Victim::heap_bytes() - before);
    }
    REQUIRE(victim.closed() != nullptr);
    CHECK(most < 4 * 1024 * 1024);
    print_figure(
        "H26", "a server that takes nothing: the client gives up with " + std::to_string(most / 1024) + " KiB at most");
}

TEST_CASE("H26: changed messages of an honest server end the session or do no harm, whatever they are", "[H26]") {
    const std::uint64_t seed = GENERATE(71U, 72U, 73U);
    CAPTURE(seed);
    SeededRandom random(seed);
    std::map<int, int> codes;
    std::int64_t most = 0;
    for (int round = 0; round < 250; ++round) {
        Victim victim;
        Honest honest;
        const std::int64_t before = Victim::heap_bytes();
        const std::uint32_t changed = random.below(12);
        for (std::uint32_t i = 0; i < 12 && victim.closed() == nullptr; ++i) {
            Bytes message = random.below(10) == 0 ? wire::encode(wire::Ping{.id = i + 1, .sent_us = 1}) : honest.next();
            if (i >= changed)
                for (std::uint32_t change = 0; change <= random.below(3); ++change) {
                    const std::size_t at = random.below(static_cast<std::uint32_t>(message.size()));
                    if (random.below(6) == 0 && message.size() > 1)
                        message.resize(std::max<std::size_t>(1, at));
                    else
                        message[at] ^= static_cast<std::byte>(1 + random.below(255));
                    if (message.empty()) break;
                }
            victim.hear_message(message);
            victim.run_for(33ms);
            most = std::max(most, Victim::heap_bytes() - before);
        }
        const auto code = victim.closed() == nullptr ? 0 : victim.closed()->close_code;
        ++codes[code];
        CAPTURE(round, code, victim.closed() == nullptr ? std::string() : victim.closed()->reason);
        CHECK((code == 0 || code == 1000 || code == 1002 || code == 1003 || code == 1007 || code == 1008 ||
               code == 1009 || code == 1011 || code == 4001 || code == 4003));
        // Nothing is left waiting: a session that goes on still has its clocks, and one that ended none.
        CHECK(victim.events().empty() == false);
    }
    CHECK(codes[1007] + codes[1002] > 100);
    CHECK(most < held_bytes_max);
    print_figure("H26", "250 sessions with changed messages: " + std::to_string(codes[1007]) + " ended with 1007, " +
                            std::to_string(codes[1002]) + " with 1002, " + std::to_string(codes[0]) + " went on; " +
                            std::to_string(most / 1024) + " KiB at most");
}
