// H18: tokens by which players come back, in the hands of others: guessed, old, or brought by two at once.
#include <optional>
#include <vector>

#include "sdk/core/replication/event_codec.h"
#include "tests/hostile/balls.h"
#include "tests/scenario/duel_game.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

/// The last Welcome that came to each.
class Welcomes {
public:
    explicit Welcomes(Stage& stage) : stage_(&stage) {}

    RawPeer& open(std::string_view address = "virtual") {
        RawPeer& peer = stage_->open(address);
        const std::size_t place = welcomes_.size();
        welcomes_.emplace_back();
        peer.on_message = [this, place](ByteSpan message) {
            const auto parsed = wire::parse_message(message, wire::Limits{});
            if (!parsed) return;
            if (const auto* const welcome = std::get_if<wire::Welcome>(&*parsed)) welcomes_[place] = *welcome;
        };
        return peer;
    }
    const std::optional<wire::Welcome>& last() const { return welcomes_.back(); }
    /// The number of the next attempt to come back, to whichever session.
    std::uint32_t next_attempt() { return ++attempts_; }

private:
    Stage* stage_;
    std::vector<std::optional<wire::Welcome>> welcomes_;
    std::uint32_t attempts_ = 0;
};

Bytes hello_with(const Stage& stage, Bytes token, std::uint32_t attempt = 1) {
    wire::Hello hello = hello_for(stage.schema(), "ann");
    hello.resume = wire::Resume{.token = std::move(token), .attempt = attempt};
    return wire::encode(hello);
}

struct Attempt {
    std::uint16_t close_code = 0;  ///< 0: it is the player now.
    Bytes token;                   ///< Of its Welcome.
};

Attempt try_with(Stage& stage, Welcomes& welcomes, Bytes token, std::string_view address = "virtual") {
    RawPeer& peer = welcomes.open(address);
    stage.say_message(peer, hello_with(stage, std::move(token), welcomes.next_attempt()));
    stage.run_tick();
    return {.close_code = peer.close_code, .token = welcomes.last() ? welcomes.last()->session_token : Bytes()};
}

}  // namespace

TEST_CASE("H18: of two who bring a token the last has the player, and there is one player", "[H18]") {
    Balls balls;
    Stage stage(balls.game(), {}, seeded(1));
    Welcomes welcomes(stage);
    RawPeer& first = welcomes.open();
    stage.say_message(first, wire::encode(hello_for(stage.schema(), "ann")));
    REQUIRE(welcomes.last());
    const Bytes token = welcomes.last()->session_token;
    REQUIRE(token.size() == 24);
    stage.run_for(1s);
    stage.reset(first);
    stage.run_for(1s);
    CHECK(stage.room().player_count() == 1);
    const Attempt one = try_with(stage, welcomes, token);
    RawPeer& racer = *stage.peers().back();
    CHECK(one.close_code == 0);
    // Nobody has shown yet that the new token came, so the old one counts: whoever comes last has the player.
    const Attempt two = try_with(stage, welcomes, token);
    CHECK(two.close_code == 0);
    CHECK(racer.close_code == 4021);
    CHECK(stage.room().player_count() == 1);
    CHECK(two.token != one.token);
    CHECK(two.token != token);
    // What the first of them was given counts as well until then, and no more afterwards: nor does the stolen one.
    RawPeer& winner = *stage.peers().back();
    stage.say_message(winner, wire::encode(wire::Ping{.id = 1, .sent_us = 1}));
    stage.run_tick();
    CHECK(try_with(stage, welcomes, token).close_code == 4020);
    CHECK(try_with(stage, welcomes, one.token).close_code == 4020);
    CHECK(winner.close_code == 0);
    CHECK(stage.room().player_count() == 1);
    CHECK(stage.count(server::GateEvent::Kind::Joined) == 1);
}

TEST_CASE("H18: an attempt that was given up and comes late takes nothing from the later one that was welcomed", "[H18]") {
    Balls balls;
    Stage stage(balls.game(), {}, seeded(5));
    Welcomes welcomes(stage);
    RawPeer& first = welcomes.open();
    stage.say_message(first, wire::encode(hello_for(stage.schema(), "ann")));
    REQUIRE(welcomes.last());
    const Bytes token = welcomes.last()->session_token;
    stage.reset(first);
    stage.run_for(1s);
    // The client tries, hears nothing and tries again; both WebSockets are open, and the Hello of the later one is there first.
    RawPeer& given_up = welcomes.open();
    std::optional<wire::Goodbye> goodbye;
    given_up.on_message = [&](ByteSpan message) {
        if (const auto parsed = wire::parse_message(message, wire::Limits{}))
            if (const auto* const said = std::get_if<wire::Goodbye>(&*parsed)) goodbye = *said;
    };
    RawPeer& later = welcomes.open();
    stage.say_message(later, hello_with(stage, token, 2));
    stage.run_tick();
    REQUIRE(welcomes.last());
    stage.say_message(given_up, hello_with(stage, token, 1));
    stage.run_tick();
    CHECK(given_up.close_code == 4021);
    // Who brings it may be the player after all, and a thief the other.
    REQUIRE(goodbye);
    CHECK(goodbye->keeps_session);
    CHECK(later.close_code == 0);
    // A late one of who is lost again harms nobody, and the next has the session whatever it was.
    stage.reset(later);
    stage.run_tick();
    const bool again = GENERATE(false, true);
    CAPTURE(again);
    if (again) stage.say_message(welcomes.open(), hello_with(stage, token, 1));
    stage.run_tick();
    RawPeer& next = welcomes.open();
    stage.say_message(next, hello_with(stage, token, 3));
    stage.run_tick();
    CHECK(next.close_code == 0);
    CHECK(stage.room().player_count() == 1);
    CHECK(stage.count(server::GateEvent::Kind::Joined) == 1);
    CHECK(stage.count(server::GateEvent::Kind::Left) == 0);
}

TEST_CASE("H18: a token ends with its session, by leaving or by time", "[H18]") {
    Balls balls;
    Stage stage(balls.game(), {.resume_within = 5s}, seeded(2));
    Welcomes welcomes(stage);
    const auto join = [&] {
        RawPeer& peer = welcomes.open();
        stage.say_message(peer, wire::encode(hello_for(stage.schema(), "ann")));
        REQUIRE(welcomes.last());
        return std::pair<RawPeer*, Bytes>(&peer, welcomes.last()->session_token);
    };
    const auto [leaver, left] = join();
    stage.say_message(*leaver, wire::encode_stored(wire::Goodbye{.close_code = 1000, .reason = "bye"}));
    stage.run_tick();
    CHECK(try_with(stage, welcomes, left).close_code == 4020);
    const auto [lost, late] = join();
    stage.reset(*lost);
    stage.run_for(4s);
    CHECK(stage.room().player_count() == 1);
    stage.run_for(2s);
    CHECK(stage.room().player_count() == 0);
    CHECK(try_with(stage, welcomes, late).close_code == 4020);
}

TEST_CASE("H18: guesses are bounded for each address, and none is any nearer than another", "[H18]") {
    Balls balls;
    Stage stage(balls.game(), {.connections_per_address_max = 0}, seeded(3));
    stage.keeps_events = false;
    Welcomes welcomes(stage);
    RawPeer& ann = welcomes.open();
    stage.say_message(ann, wire::encode(hello_for(stage.schema(), "ann")));
    REQUIRE(welcomes.last());
    const Bytes token = welcomes.last()->session_token;
    int refused = 0;
    int too_many = 0;
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
        Bytes guess = token;
        guess[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        const std::uint16_t code = try_with(stage, welcomes, guess, "203.0.113.9").close_code;
        refused += code == 4020 ? 1 : 0;
        too_many += code == 4017 ? 1 : 0;
    }
    CHECK(refused + too_many == 192);
    CHECK(too_many > 30);
    CHECK(ann.close_code == 0);
    // The player itself, if it is of that address, comes back as soon as the rate allows: its place waits.
    stage.reset(ann);
    stage.run_tick();
    std::optional<wire::Goodbye> goodbye;
    RawPeer& early = stage.open("203.0.113.9");
    early.on_message = [&](ByteSpan message) {
        if (const auto parsed = wire::parse_message(message, wire::Limits{}))
            if (const auto* const said = std::get_if<wire::Goodbye>(&*parsed)) goodbye = *said;
    };
    stage.say_message(early, hello_with(stage, token));
    stage.run_tick();
    CHECK(early.close_code == 4017);
    REQUIRE(goodbye);
    CHECK(goodbye->keeps_session);
    CHECK(goodbye->retry_after_ms > 0);
    stage.run_for(2s);
    CHECK(try_with(stage, welcomes, token, "203.0.113.9").close_code == 0);
    for (const Bytes& odd : {Bytes(1), Bytes(23), Bytes(25), Bytes(64)})
        CHECK(try_with(stage, welcomes, odd).close_code == 4020);
    print_figure("H18", std::to_string(refused) + " of 192 guesses of one address were looked at in 7 s");
}

TEST_CASE("H18: what one says to have harms nobody else, whatever it is", "[H18]") {
    constexpr std::uint64_t seed = 4;
    Balls balls;
    Stage stage(balls.game(), {}, seeded(seed));
    SeededRandom random(seed);
    RawPeer& other = stage.join("other");
    const auto playing = play(stage, other, wander(1));
    Welcomes welcomes(stage);
    RawPeer& first = welcomes.open();
    stage.say_message(first, wire::encode(hello_for(stage.schema(), "ann")));
    REQUIRE(welcomes.last());
    Bytes token = welcomes.last()->session_token;
    stage.run_for(2s);
    for (int i = 0; i < 100; ++i) {
        RawPeer& peer = welcomes.open();
        wire::Hello hello = hello_for(stage.schema(), "ann");
        hello.resume = wire::Resume{.token = token,
                                    .tick = random.below(4) == 0 ? random.below(UINT32_MAX) : random.below(200),
                                    .attempt = welcomes.next_attempt()};
        std::uint16_t group = 0;
        while (random.below(8) != 0 && hello.resume->groups.size() < 256) {
            group = static_cast<std::uint16_t>(group + 1 + random.below(200));
            hello.resume->groups.push_back({group, random.below(hello.resume->tick + 1)});
        }
        hello.resume->events_received = random.below(4) == 0 ? random.below(UINT32_MAX) : 0;
        stage.say_message(peer, wire::encode(hello));
        stage.run_for(200ms);
        // Who says to have had events that were never sent has lost the session: another one then.
        if (welcomes.last()) {
            token = welcomes.last()->session_token;
            continue;
        }
        CHECK(peer.close_code == 4020);
        RawPeer& again = welcomes.open();
        stage.say_message(again, wire::encode(hello_for(stage.schema(), "ann")));
        REQUIRE(welcomes.last());
        token = welcomes.last()->session_token;
    }
    CHECK(stage.room().player_count() == 2);
    CHECK(playing->newest == stage.room().tick_number());
    CHECK(other.close_code == 0);
}

TEST_CASE("H18: whoever joins and breaks off again and again holds no more places than its address may have", "[H18]") {
    Balls balls;
    Stage stage(balls.game(), {.connections_per_address_max = 8}, seeded(5));
    Welcomes welcomes(stage);
    std::vector<Bytes> tokens;
    int refused = 0;
    for (int i = 0; i < 50; ++i) {
        RawPeer& peer = welcomes.open("203.0.113.9");
        stage.say_message(peer, wire::encode(hello_for(stage.schema(), "mallory")));
        if (welcomes.last())
            tokens.push_back(welcomes.last()->session_token);
        else
            refused += peer.close_code == 4017 ? 1 : 0;
        stage.reset(peer);
        stage.run_tick();
        stage.sweep();
    }
    CHECK(tokens.size() == 8);
    CHECK(refused == 42);
    CHECK(stage.room().player_count() == 8);
    RawPeer& other = welcomes.open("203.0.113.10");
    stage.say_message(other, wire::encode(hello_for(stage.schema(), "ann")));
    CHECK(welcomes.last());
    // A house that has lost its way comes back whole.
    for (const Bytes& token : tokens) CHECK(try_with(stage, welcomes, token, "203.0.113.9").close_code == 0);
    CHECK(stage.room().player_count() == 9);
    print_figure("H18", "8 places for 50 joins of one address that break off");
}

TEST_CASE("H18: who comes back again and again says no more than who stays", "[H18]") {
    const bool asks = GENERATE(false, true);  // for keyframes, or events
    CAPTURE(asks);
    tidewire::test::Duel duel;
    std::size_t heard = 0;
    duel.game.on_event[event_index<duel::Later>] = [&heard](ServerSim&, Player, const void*) { ++heard; };
    Stage stage(duel.game, {}, seeded(6));
    Welcomes welcomes(stage);
    RawPeer* bot = &welcomes.open();
    stage.say_message(*bot, wire::encode(hello_for(stage.schema(), "bot")));
    REQUIRE(welcomes.last());
    Bytes token = welcomes.last()->session_token;
    const duel::Later later{.number = 1};
    const Bytes data = replication::encode_event(stage.room().layout(), event_index<duel::Later>, &later);
    const Bytes message = asks ? wire::encode(wire::Desync{.tick = 1, .group = 0, .difference = {}})
                               : wire::encode(wire::Event{.type = event_index<duel::Later>, .data = data});
    const session::MessageRates rates;
    const double burst = asks ? rates.desyncs_burst : rates.client_events.burst;
    const double per_second = asks ? rates.desyncs_per_second : rates.client_events.per_second;
    const TimePoint began = stage.now();
    int said = 0;
    int returns = 0;
    while (bot->close_code == 0 && stage.now() < began + 10s) {
        for (int i = 0; i < burst / 3 && bot->close_code == 0; ++i, ++said) stage.say_message(*bot, message);
        stage.run_tick();
        if (bot->close_code != 0) break;
        // Now it is known to be lost when it comes back, and now it is not.
        if (returns % 2 == 0) stage.reset(*bot);
        const Attempt attempt = try_with(stage, welcomes, token);
        REQUIRE(attempt.close_code == 0);
        token = attempt.token;
        bot = stage.peers().back().get();
        ++returns;
    }
    CHECK(bot->close_code == 1008);
    CHECK(returns >= 2);
    const double seconds = std::chrono::duration<double>(stage.now() - began).count();
    CHECK(said <= burst + per_second * seconds + 1);
    if (!asks) CHECK(heard >= static_cast<std::size_t>(burst));
    // With its session it has lost the way back.
    CHECK(try_with(stage, welcomes, token).close_code == 4020);
    print_figure("H18", std::to_string(said) + (asks ? " requests for keyframes" : " events") + " in " + std::to_string(returns) +
                            " returns until the end");
}
