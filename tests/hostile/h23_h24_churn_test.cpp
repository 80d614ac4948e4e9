// H23 and H24: joins and leaves without end, and everybody coming at once. Nothing is left behind, nothing runs out, and whoever finds no
// place is told when to come again.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

TEST_CASE("H23: 5 000 joins and leaves leave no seat taken, no entity, no memory, and nothing in the others' stream",
          "[H23]") {
    Balls balls;
    Stage stage(balls.game(), {.players_max = 8});
    stage.keeps_events = false;
    RawPeer& ann = stage.join("ann");
    const auto playing = play(stage, ann, wander(1));
    stage.run_for(5s);
    const auto churn = [&](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            RawPeer& peer = stage.join("bob");
            if (i % 4 == 0) stage.run_tick();
            switch (i % 3) {
                case 0:
                    stage.end(peer);
                    break;
                case 1:
                    stage.reset(peer);
                    break;
                default:
                    stage.say_message(peer, wire::encode_stored(wire::Goodbye{.close_code = 1000, .reason = "bye"}));
                    stage.end(peer);
            }
            if (i % 100 == 0) stage.sweep();
        }
        stage.run_for(4s);
    };
    churn(5000);
    const std::int64_t before = Stage::heap_bytes();
    churn(5000);
    CHECK(stage.gate().connection_count() == 1);
    CHECK(stage.room().player_count() == 1);
    std::size_t entities = 0;
    for ([[maybe_unused]] auto [entity, ball] : View<const sim::Ball>(stage.room().world())) ++entities;
    CHECK(entities == 1);
    const std::int64_t left_behind = Stage::heap_bytes() - before;
    CHECK(left_behind < 4 * 1024);
    CHECK(playing->newest == stage.room().tick_number());
    CHECK(ann.close_code == 0);
    // All seats are free.
    for (int i = 0; i < 7; ++i) stage.join("bob");
    RawPeer& late = stage.open();
    stage.say_message(late, wire::encode(hello_for(stage.schema(), "late")));
    CHECK(late.close_code == 4002);
    print_figure("H23", "5000 joins and leaves: " + std::to_string(left_behind) + " bytes left behind");
}

TEST_CASE("H24: of 5 000 that come at once each is let in or told when to come again, and no number is used twice",
          "[H24]") {
    Balls balls;
    ServerOptions options;
    options.players_max = 64;
    Stage stage(balls.game(), options);
    stage.keeps_events = false;
    stage.run_for(1s);
    std::set<server::ConnectionId> ids;
    int joined = 0;
    int full = 0;
    int unavailable = 0;
    int closed = 0;
    for (int i = 0; i < 5000; ++i) {
        // A tick for every fifty: as many as come in two seconds at 30 Hz.
        if (i % 50 == 0) stage.run_tick();
        RawPeer* const peer = stage.try_connect();
        if (peer == nullptr) {
            ++closed;
            continue;
        }
        CHECK(ids.insert(peer->id).second);
        std::uint32_t retry_after = 0;
        peer->on_message = [&](ByteSpan message) {
            const auto parsed = wire::parse_message(message, {});
            REQUIRE(parsed);
            if (const auto* const goodbye = std::get_if<wire::Goodbye>(&*parsed)) retry_after = goodbye->retry_after_ms;
        };
        stage.say(*peer, upgrade_request());
        if (peer->status() == 503) {
            ++unavailable;
            CHECK(peer->answer.find("\r\nRetry-After: ") != std::string::npos);
            continue;
        }
        REQUIRE(peer->status() == 101);
        stage.say_message(*peer, wire::encode(hello_for(stage.schema(), "storm")));
        if (peer->close_code == 4002) {
            ++full;
            CHECK(retry_after == 5000);
            stage.end(*peer);
        } else {
            REQUIRE(peer->close_code == 0);
            ++joined;
            peer->on_message = nullptr;
        }
        if (i % 3 == 0) {
            stage.reset(*peer);
            --joined;
        }
    }
    CHECK(stage.gate().connection_count() <= options.connections_limit() + server::CensusLimits{}.reserve);
    CHECK(static_cast<int>(stage.room().player_count()) <= 64);
    CHECK(full > 1000);
    print_figure("H24", "5000 at once: " + std::to_string(full) + " told that it is full and when to come again, " +
                            std::to_string(unavailable) + " by HTTP, " + std::to_string(closed) + " streams closed, " +
                            std::to_string(stage.room().player_count()) + " play");
    // When they have gone the server is as it was.
    for (const auto& peer : stage.peers()) stage.end(*peer);
    stage.run_for(20s);
    CHECK(stage.gate().connection_count() == 0);
    stage.join("ann");
}

TEST_CASE("H24: no hash table has keys that a peer chooses", "[H24]") {
    // Ordered maps and small vectors have no collisions to be chosen. Rooms are numbered by the server, and what is remembered of tokens
    // are digests of those whose signature was good.
    namespace fs = std::filesystem;
    const std::set<std::string> allowed = {"RoomNumber", "Id"};
    const std::regex table("unordered_(?:map|set)<([A-Za-z:_]+)");
    std::size_t files = 0;
    std::size_t tables = 0;
    for (const char* const top : {"/sdk", "/server"})
        for (const auto& entry : fs::recursive_directory_iterator(std::string(TIDEWIRE_SOURCE_DIR) + top)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".h" && extension != ".cpp") continue;
            ++files;
            std::ifstream file(entry.path());
            std::stringstream stream;
            stream << file.rdbuf();
            const std::string text = stream.str();
            for (auto it = std::sregex_iterator(text.begin(), text.end(), table); it != std::sregex_iterator(); ++it) {
                CAPTURE(entry.path().string());
                CHECK(allowed.count((*it)[1]) == 1);
                ++tables;
            }
        }
    CHECK(files > 200);
    CHECK(tables > 0);
}
