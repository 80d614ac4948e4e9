// H02 and H19 together: players beside a thousand peers that never read or that trickle are told exactly what they would be told alone.
#include <vector>

#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

constexpr std::size_t players = 200;
constexpr std::size_t attackers = 500;  // of each sort

ServerOptions roomy() {
    ServerOptions options;
    options.players_max = players + 2 * attackers + 100;
    options.connections_max = players + 4 * attackers;
    return options;
}

struct Stream {
    std::uint64_t bytes;
    std::uint64_t hash;
    Tick newest;
    friend bool operator==(const Stream&, const Stream&) = default;
};

/// Hundreds that say one byte a second: of a request, of a Hello, or of an input. Who is closed comes again.
class Tricklers {
public:
    explicit Tricklers(Stage& stage) : stage_(&stage), who_(attackers) {}

    void act(Tick tick) {
        for (std::size_t i = 0; i < who_.size(); ++i) {
            One& one = who_[i];
            if (one.peer == nullptr || one.peer->over) {
                if (tick % 30 == i % 30) begin(one, i);
            } else if ((tick + i) % 30 == 0 && one.said < one.bytes.size()) {
                stage_->say(*one.peer, ByteSpan(one.bytes).subspan(one.said++, 1));
            }
        }
    }
    std::uint64_t connections = 0;

private:
    struct One {
        RawPeer* peer = nullptr;
        Bytes bytes;
        std::size_t said = 0;
    };
    void begin(One& one, std::size_t i) {
        ++connections;
        one.said = 0;
        one.peer = i % 3 == 2 ? &stage_->join("x") : i % 3 == 1 ? &stage_->open() : &stage_->connect();
        one.peer->ends = i % 2 == 0;
        const std::string request = upgrade_request();
        if (i % 3 == 0)
            one.bytes.assign(as_bytes(request).begin(), as_bytes(request).end());
        else if (i % 3 == 1)
            one.bytes = client_frame(binary_frame, wire::encode(hello_for(stage_->schema(), "x")));
        else
            one.bytes = client_frame(binary_frame, wire::encode(wire::InputMessage{.tick = tick_of(i), .data = {}}));
    }
    Tick tick_of(std::size_t i) const { return stage_->room().tick_number() + static_cast<Tick>(i % 60); }

    Stage* stage_;
    std::vector<One> who_;
};

/// Hundreds that join and take nothing beyond what a kernel holds. Who is closed comes again.
class NonReaders {
public:
    explicit NonReaders(Stage& stage) : stage_(&stage), who_(attackers) {}

    void act(Tick tick) {
        for (std::size_t i = 0; i < who_.size(); ++i) {
            if (who_[i] != nullptr && !who_[i]->over) continue;
            if (tick % 30 != i % 30) continue;
            ++connections;
            who_[i] = &stage_->join("x");
            who_[i]->room = 4096;
            who_[i]->reads = false;
            who_[i]->ends = false;
        }
    }
    std::uint64_t connections = 0;

private:
    Stage* stage_;
    std::vector<RawPeer*> who_;
};

std::vector<Stream> streams(bool attacked, Duration duration, std::string& figures) {
    Balls balls;
    Stage stage(balls.game(), roomy());
    stage.keeps_events = false;
    std::vector<RawPeer*> peers;
    std::vector<std::shared_ptr<Play>> plays;
    for (unsigned i = 0; i < players; ++i) {
        peers.push_back(&stage.join("ann"));
        plays.push_back(play(stage, *peers.back(), wander(i)));
        if (i % 10 == 0) stage.run_tick();
    }
    Tricklers tricklers(stage);
    NonReaders non_readers(stage);
    std::size_t connections_max = 0;
    if (attacked)
        stage.before_tick = [&] {
            const Tick tick = stage.room().tick_number();
            tricklers.act(tick);
            non_readers.act(tick);
            connections_max = std::max(connections_max, stage.gate().connection_count());
        };
    stage.run_for(duration);
    if (attacked) {
        // It was an attack.
        CHECK(connections_max >= players + 2 * attackers - 50);
        CHECK(tricklers.connections > attackers);
        figures = std::to_string(tricklers.connections + non_readers.connections) + " hostile connections in " +
                  std::to_string(duration.count() / 1'000'000) + " s, " + std::to_string(connections_max) + " at once";
    }
    std::vector<Stream> told;
    for (unsigned i = 0; i < players; ++i) told.push_back({peers[i]->bytes, peers[i]->hash, plays[i]->newest});
    CHECK(told.front().newest == stage.room().tick_number());
    return told;
}

void check_the_same(Duration duration) {
    std::string figures;
    const auto alone = streams(false, duration, figures);
    const auto attacked = streams(true, duration, figures);
    CHECK(alone == attacked);
    std::uint64_t bytes = 0;
    for (const Stream& stream : alone) bytes += stream.bytes;
    print_figure("H02/H19", std::to_string(players) + " players, " + std::to_string(bytes) +
                                " bytes told, the same with and without " + figures);
}

}  // namespace

TEST_CASE(
    "H02, H19: what 200 players are told is the same, byte for byte, beside 500 that never read and 500 that trickle",
    "[H02][H19]") {
    check_the_same(20s);
}

TEST_CASE("H02, H19: and so for five minutes", "[.long][H02][H19]") { check_the_same(300s); }
