// H29: a bit that flips on its way, or in a server's own memory. A client notices, says what differs, and is right again within
// 2.5 seconds, or ends its session; it never goes on with a world that is not the server's.
#include <map>

#include "sdk/core/base/random.h"
#include "sdk/core/session/client_peer.h"
#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// A real client behind a wire on which a test changes bytes.
class Patient {
public:
    Patient(Stage& stage, std::uint64_t seed)
        : stage_(&stage),
          peer_(&stage.connect()),
          client_(
              stage.schema(), {.player_name = "ann"}, "localhost", "/",
              [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
                  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
              },
              stage.now()) {
        peer_->on_bytes = [this](ByteSpan bytes) { append(arrived_, bytes); };
        step();
        stage.say(*peer_, std::exchange(peer_->to_say, {}));
        step();
    }

    /// Gives the client what has come, and sends what it says.
    void step() {
        carry();
        if (client_.poll_timeout() <= stage_->now()) client_.handle_timeout(stage_->now());
        client_.advance(stage_->now());
        while (auto event = client_.poll_event()) events.push_back(std::move(*event));
        for (auto parts = client_.poll_transmit(); !parts.empty(); parts = client_.poll_transmit()) {
            std::size_t count = 0;
            for (const ByteSpan part : parts) {
                append(peer_->to_say, part);
                count += part.size();
            }
            client_.transmitted(count, stage_->now());
        }
    }
    /// Of the next Tick that has a body, one bit behind its head.
    void flip_next(SeededRandom& random) { flip_ = &random; }
    bool flipped() const { return flipped_; }
    bool exact() {
        const replication::Snapshot* const newest = client_.session().snapshots().newest();
        const replication::Snapshot* const truth =
            newest == nullptr ? nullptr : stage_->room().snapshots().find(newest->tick);
        return truth != nullptr && replication::same_state(*newest, *truth);
    }
    bool closed() const { return !events.empty() && events.back().kind == session::ClientEvent::Kind::Closed; }
    std::vector<session::ClientEvent> events;

private:
    void carry() {
        if (!open_) {
            const std::size_t end = as_text(arrived_).find("\r\n\r\n");
            if (end == std::string_view::npos) return;
            open_ = true;
            forward(end + 4);
        }
        for (;;) {
            const auto parsed = ws::parse_frame_header(arrived_, ws::Role::Client);
            REQUIRE(parsed);
            if (!*parsed) return;
            const std::size_t whole = (*parsed)->bytes + static_cast<std::size_t>((*parsed)->header.payload_bytes);
            if (arrived_.size() < whole) return;
            if (flip_ != nullptr && (*parsed)->header.opcode == ws::Opcode::Binary) change((*parsed)->bytes, whole);
            forward(whole);
        }
    }
    void change(std::size_t begin, std::size_t end) {
        const ByteSpan message = ByteSpan(arrived_).subspan(begin, end - begin);
        if (message.size() < 4 || message[0] != std::byte{8}) return;  // a Tick, stored
        const std::size_t bodies =
            3 + (std::to_integer<std::size_t>(message[1]) | std::to_integer<std::size_t>(message[2]) << 8);
        if (bodies >= message.size()) return;
        const std::size_t at = begin + bodies + flip_->below(static_cast<std::uint32_t>(message.size() - bodies));
        arrived_[at] ^= static_cast<std::byte>(1U << flip_->below(8));
        flip_ = nullptr;
        flipped_ = true;
    }
    void forward(std::size_t bytes) {
        Bytes piece(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(bytes));
        arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(bytes));
        client_.receive(piece, stage_->now());
    }

    Stage* stage_;
    RawPeer* peer_;
    session::ClientPeer client_;
    Bytes arrived_;
    bool open_ = false;
    SeededRandom* flip_ = nullptr;
    bool flipped_ = false;
};

}  // namespace

TEST_CASE("H29: whatever bit of a delta flips, the client is exact again within 2.5 seconds or has ended its session",
          "[H29]") {
    SeededRandom random(GENERATE(81U, 82U));
    std::map<std::string, int> outcomes;
    Duration longest{0};
    for (int round = 0; round < 150; ++round) {
        CAPTURE(round);
        Balls balls(12);
        Stage stage(balls.game(), {});
        RawPeer& other = stage.join("bob");
        const auto playing = play(stage, other, wander(1));
        Patient patient(stage, static_cast<std::uint64_t>(round));
        stage.before_tick = [&] { patient.step(); };
        // The hash comes every two seconds: anywhere within them.
        stage.run_for(2s + std::chrono::milliseconds(random.below(2000)));
        patient.step();
        REQUIRE(patient.exact());
        REQUIRE_FALSE(patient.closed());
        patient.flip_next(random);
        while (!patient.flipped()) {
            stage.run_tick();
            patient.step();
        }
        const TimePoint began = stage.now();
        bool differed = false;
        TimePoint healed = began;
        while (stage.now() - began < 2500ms && !patient.closed()) {
            if (!patient.exact()) {
                differed = true;
                healed = TimePoint::max();
            } else if (healed == TimePoint::max()) {
                healed = stage.now();
            }
            stage.run_tick();
            patient.step();
        }
        if (patient.closed()) {
            const auto code = patient.events.back().close_code;
            CAPTURE(patient.events.back().reason);
            CHECK((code == 1002 || code == 1007 || code == 1009));
            ++outcomes["ended"];
            continue;
        }
        REQUIRE(patient.exact());
        // Nobody else was told of it.
        CHECK(playing->newest == stage.room().tick_number());
        if (!differed) {
            ++outcomes["no difference"];
            continue;
        }
        ++outcomes["healed"];
        longest = std::max(longest, healed - began);
        const auto named =
            std::count_if(patient.events.begin(), patient.events.end(), [](const session::ClientEvent& event) {
                return event.kind == session::ClientEvent::Kind::Desync &&
                       event.reason.find("entity ") != std::string::npos;
            });
        const auto logged = std::count_if(stage.events.begin(), stage.events.end(), [](const server::GateEvent& event) {
            return event.kind == server::GateEvent::Kind::Desync;
        });
        CHECK(named >= 1);
        CHECK(logged == named);
    }
    CHECK(outcomes["ended"] + outcomes["healed"] > 100);
    CHECK(outcomes["healed"] > 10);
    CHECK(longest <= 2500ms);
    print_figure("H29", "150 flipped bits: " + std::to_string(outcomes["healed"]) + " healed, the last after " +
                            std::to_string(longest.count() / 1000) + " ms; " + std::to_string(outcomes["ended"]) +
                            " ended the session, " + std::to_string(outcomes["no difference"]) + " made no difference");
}
