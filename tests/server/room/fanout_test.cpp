// One encode for all who have the same; whatever a client has, what it is told leads to the newest snapshot exactly.
#include "server/room/fanout.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>

#include "test_schema.h"
#include "tests/sdk/wire/dictionaries.h"
#include "tests/server/room/told_client.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using namespace tidewire::server;
using tidewire::sim::SampleGame;
using tidewire::test::ToldClient;
using wire::BodyCoding;

namespace {

/// Everything in one group: what a room without interest does.
struct Fixture {
    explicit Fixture(RoomOptions options = {}, RoomResources resources = {})
        : room(sample.game(), layout, options), fanout(room.scene(), std::move(resources), 0) {
        for (int i = 0; i < 8; ++i) room.join("bot", true);
        reader = room.join("reader", false);  // bots are told nothing
    }
    void run(Tick ticks) {
        for (Tick tick = 0; tick < ticks; ++tick) room.tick();
        fanout.begin();
    }
    ToldClient client() { return {room, fanout.resources(), reader}; }
    void check_exact(const ToldClient& client) const {
        INFO(replication::first_difference(layout, client.newest, *room.snapshots().newest()));
        CHECK(replication::same_state(client.newest, *room.snapshots().newest()));
    }

    SampleGame sample{11};
    replication::Layout layout{*sample.game().schema};
    Room room;
    Fanout fanout;
    PlayerId reader = 0;
};

/// Walkers on a grid of cells at three rates; what a player carries only he is told.
class Crowd {
public:
    explicit Crowd(std::size_t client_bytes_per_tick, std::size_t snapshots_held = 64)
        : layout_(::test::Schema::info()),
          room(game(), layout_, {.snapshots_held = snapshots_held}),
          fanout(room.scene(), {}, client_bytes_per_tick) {}

    void tick() {
        room.tick();
        fanout.begin();
    }

private:
    const Game& game() {
        game_.schema = &::test::Schema::info();
        game_.interest = {.grid = GridOptions{.cell_size = 16,
                                              .enter_radius = 70,
                                              .leave_radius = 80,
                                              .leave_dwell = std::chrono::milliseconds(200),
                                              .half_rate_from = 20,
                                              .quarter_rate_from = 45,
                                              .bounds = GridBounds{-100, -100, 100, 100}},
                          .component = 0,
                          .x_offset = offsetof(::test::Position, x),
                          .y_offset = offsetof(::test::Position, y)};
        game_.on_join = [this](ServerSim&, Player player) {
            const Entity entity = player.spawn(place(), ::test::Velocity{});
            entity.set(::test::Inventory{.gold = 5});
        };
        game_.on_tick = [this](ServerSim& sim) {
            for (auto [entity, position] : sim.view<::test::Position>()) {
                if (random_.below(3) == 0) continue;
                position.x = std::clamp(position.x + random_.range(-4.0F, 4.0F), -100.0F, 100.0F);
                position.y = std::clamp(position.y + random_.range(-4.0F, 4.0F), -100.0F, 100.0F);
                if (random_.below(60) == 0 && entity.owner() == 0) entity.despawn();
            }
            for (auto [entity, inventory] : sim.view<::test::Inventory>())
                if (random_.below(5) == 0) ++inventory.gold;
            if (random_.below(2) == 0) sim.spawn(place());
        };
        return game_;
    }
    ::test::Position place() { return {.x = random_.range(-100.0F, 100.0F), .y = random_.range(-100.0F, 100.0F)}; }

    SeededRandom random_{5};
    Game game_;
    replication::Layout layout_;

public:
    Room room;
    Fanout fanout;
};

}  // namespace

TEST_CASE("however often a client is told, it has the newest snapshot each time", "[fanout]") {
    Fixture fixture({.snapshots_held = 40});
    std::map<Tick, ToldClient> clients;
    for (const Tick period : {1U, 2U, 3U, 7U, 39U, 41U, 100U})
        clients.emplace(std::piecewise_construct, std::forward_as_tuple(period),
                        std::forward_as_tuple(fixture.room, fixture.fanout.resources(), fixture.reader));
    for (Tick tick = 1; tick <= 400; ++tick) {
        fixture.run(1);
        for (auto& [period, client] : clients) {
            if (tick % period != 0) continue;
            CAPTURE(tick, period);
            client.take(fixture.fanout);
            fixture.check_exact(client);
            REQUIRE(client.message.bodies.size() == 1);
            const BodyCoding coding = client.message.bodies[0].coding;
            // From nothing, or from what is no longer held, all is told; who follows gets what all get.
            if (tick == period || period > 40)
                CHECK(coding == BodyCoding::Keyframe);
            else if (period == 1)
                CHECK(coding == BodyCoding::Delta);
            else
                CHECK(coding != BodyCoding::Delta);
        }
    }
}

TEST_CASE("clients that have the same share one body", "[fanout]") {
    Fixture fixture;
    ToldClient a = fixture.client();
    ToldClient b = fixture.client();
    ToldClient late = fixture.client();
    ToldClient later = fixture.client();
    fixture.run(1);
    a.take(fixture.fanout);
    b.take(fixture.fanout);
    late.take(fixture.fanout);
    later.take(fixture.fanout);
    CHECK(a.body(BodyCoding::Keyframe).bytes.data() == b.body(BodyCoding::Keyframe).bytes.data());
    fixture.run(1);
    a.take(fixture.fanout);
    b.take(fixture.fanout);
    CHECK(a.body(BodyCoding::Delta).bytes.data() == b.body(BodyCoding::Delta).bytes.data());
    fixture.run(1);
    late.take(fixture.fanout);
    later.take(fixture.fanout);
    REQUIRE(late.message.bodies[0].coding == later.message.bodies[0].coding);
    CHECK(late.message.bodies[0].bytes.data() == later.message.bodies[0].bytes.data());
}

TEST_CASE("what was not written does not count as told", "[fanout]") {
    Fixture fixture;
    ToldClient client = fixture.client();
    fixture.run(1);
    client.take(fixture.fanout);
    fixture.run(1);
    const wire::TickMessage lost = fixture.fanout.tell(fixture.reader, client.view).message;
    REQUIRE(lost.bodies.size() == 1);
    fixture.run(1);
    client.take(fixture.fanout);
    CHECK(client.count(BodyCoding::Delta) == 0);
    fixture.check_exact(client);
}

TEST_CASE("every two seconds a client is told the hash that its state must have", "[fanout][desync]") {
    Fixture fixture;
    ToldClient client = fixture.client();
    std::vector<Tick> told;
    for (Tick tick = 1; tick <= 305; ++tick) {
        fixture.run(1);
        client.take(fixture.fanout);
        if (client.message.state_hash == 0) continue;
        told.push_back(tick);
        CHECK(client.message.state_hash == client.replica().state_hash(client.newest));
    }
    REQUIRE(told.size() == 5);
    for (std::size_t i = 1; i < told.size(); ++i) {
        CHECK(told[i] - told[i - 1] >= 60);
        CHECK(told[i] - told[i - 1] <= 61);
    }
}

TEST_CASE("who cannot have all of the state is told no hash", "[fanout][desync]") {
    Fixture fixture;
    ToldClient client = fixture.client();
    client.view.following.hashed = false;
    for (Tick tick = 1; tick <= 200; ++tick) {
        fixture.run(1);
        client.take(fixture.fanout);
        CHECK(client.message.state_hash == 0);
    }
}

TEST_CASE("a client that asks gets a keyframe to compare with beside the ordinary body, once", "[fanout][desync]") {
    Fixture fixture;
    ToldClient client = fixture.client();
    fixture.run(1);
    client.take(fixture.fanout);
    Fanout::verify(client.view);
    fixture.run(1);
    client.take(fixture.fanout);
    REQUIRE(client.message.bodies.size() == 2);
    CHECK(client.message.bodies[0].coding == BodyCoding::Delta);
    CHECK(client.message.bodies[1].coding == BodyCoding::Verify);
    CHECK(client.replica().differences().empty());
    fixture.check_exact(client);
    fixture.run(1);
    client.take(fixture.fanout);
    CHECK(client.message.bodies.size() == 1);
    fixture.check_exact(client);
}

TEST_CASE("keyframes are packed with the room's dictionary", "[fanout]") {
    Fixture fixture({}, {.dictionary = tidewire::test::sample_dictionary()});
    ToldClient client = fixture.client();
    fixture.run(100);
    client.take(fixture.fanout);
    fixture.check_exact(client);
    // Stored where even the dictionary saves nothing, but never packed without it.
    CHECK(client.body(BodyCoding::Keyframe).bytes.front() != std::byte{0x11});
}

TEST_CASE("in a room of cells and rates every group is exact whenever it is told", "[fanout][interest]") {
    const std::size_t bytes_per_tick = GENERATE(std::size_t{0}, std::size_t{150});
    CAPTURE(bytes_per_tick);
    Crowd crowd(bytes_per_tick);
    std::deque<ToldClient> clients;
    for (int i = 0; i < 6; ++i) clients.emplace_back(crowd.room, crowd.fanout.resources(), crowd.room.join("p", false));
    std::map<BodyCoding, std::size_t> met;
    std::size_t hashes = 0;
    for (Tick tick = 1; tick <= 900; ++tick) {
        crowd.tick();
        for (std::size_t i = 0; i < clients.size(); ++i) {
            // One follows badly, one hardly ever.
            if ((i == 1 && tick % 3 != 0) || (i == 2 && tick % 90 != 0)) continue;
            ToldClient& client = clients[i];
            CAPTURE(tick, i);
            client.take(crowd.fanout);
            REQUIRE(client.difference() == "");
            for (const wire::GroupBody& body : client.message.bodies) ++met[body.coding];
            if (client.message.state_hash == 0) continue;
            ++hashes;
            REQUIRE(client.message.state_hash == client.replica().state_hash(client.newest));
        }
    }
    CHECK(hashes > 30);
    for (const BodyCoding coding :
         {BodyCoding::Delta, BodyCoding::CatchUp, BodyCoding::Keyframe, BodyCoding::Newcomers, BodyCoding::Left}) {
        CAPTURE(static_cast<int>(coding));
        CHECK(met[coding] > 0);
    }
}

TEST_CASE("who is told of every other tick hears of all groups, whenever their turns are", "[fanout][interest]") {
    const Tick period = GENERATE(Tick{2}, Tick{4}, Tick{30});
    CAPTURE(period);
    Crowd crowd(0);
    const PlayerId player = crowd.room.join("p", false);
    ToldClient client(crowd.room, crowd.fanout.resources(), player);
    std::map<GroupId, Tick> wanted_since;
    for (Tick tick = 1; tick <= 20 * period; ++tick) {
        crowd.tick();
        std::map<GroupId, Tick> wanted;
        for (const Wanted& each : crowd.room.interest().wanted(player)) {
            const auto found = wanted_since.find(each.group);
            wanted[each.group] = found == wanted_since.end() ? tick : found->second;
        }
        wanted_since.swap(wanted);
        if (tick % period != 0) continue;
        client.take(crowd.fanout);
        REQUIRE(client.difference() == "");
        for (const Subscription& each : client.view.following.subscriptions) {
            CAPTURE(tick, each.group, each.written);
            CHECK(tick - std::max(each.written, wanted_since.at(each.group)) < 4 + period);
        }
    }
}

TEST_CASE("a verification in a room of cells compares every group when its turn comes", "[fanout][interest][desync]") {
    Crowd crowd(0);
    ToldClient client(crowd.room, crowd.fanout.resources(), crowd.room.join("p", false));
    for (Tick tick = 0; tick < 40; ++tick) {
        crowd.tick();
        client.take(crowd.fanout);
    }
    Fanout::verify(client.view);
    std::set<std::uint16_t> verified;
    for (Tick tick = 0; tick < 4; ++tick) {
        crowd.tick();
        client.take(crowd.fanout);
        CHECK(client.replica().differences().empty());
        CHECK(client.difference() == "");
        for (const wire::GroupBody& body : client.message.bodies)
            if (body.coding == BodyCoding::Verify) CHECK(verified.insert(body.group).second);
    }
    CHECK(verified.size() > 20);
    crowd.tick();
    client.take(crowd.fanout);
    CHECK(client.count(BodyCoding::Verify) == 0);
}

TEST_CASE("who is told of a tick that is held goes on from it when the history has gone on", "[fanout][held]") {
    Crowd crowd(0, 40);
    const PlayerId player = crowd.room.join("reader", false);
    ToldClient held(crowd.room, crowd.fanout.resources(), player);
    ToldClient lost(crowd.room, crowd.fanout.resources(), player);
    ToldClient always(crowd.room, crowd.fanout.resources(), player);
    for (int i = 0; i < 200; ++i) {
        crowd.tick();
        for (ToldClient* const client : {&held, &always}) client->take(crowd.fanout);
        if (i < 199) lost.take(crowd.fanout);
    }
    // Groups of all rates have been told: those whose turn it is now, of the tick that is held.
    Fanout::hold(held.view, crowd.room.hold_tick());
    const std::size_t groups = held.message.bodies.size();
    for (int i = 0; i < 150; ++i) {
        crowd.tick();
        always.take(crowd.fanout);
    }
    CHECK(crowd.room.held_ticks().size() == 1);
    for (ToldClient* const client : {&held, &lost}) {
        client->take(crowd.fanout);
        CHECK(client->difference() == "");
    }
    CHECK(lost.count(BodyCoding::CatchUp) == 0);
    CHECK(held.count(BodyCoding::CatchUp) > groups / 2);
    CHECK(held.count(BodyCoding::Keyframe) < lost.count(BodyCoding::Keyframe));
    crowd.tick();
    CHECK(crowd.room.held_ticks().size() == 0);
    for (int i = 0; i < 20; ++i) {
        crowd.tick();
        for (ToldClient* const client : {&held, &lost, &always}) {
            client->take(crowd.fanout);
            CHECK(client->difference() == "");
        }
    }
}

TEST_CASE("ticks are held up to a limit, each once, and as long as somebody needs them", "[fanout][held]") {
    Fixture fixture({.ticks_held_for_joins_max = 2});
    fixture.run(1);
    server::HeldTickPointer first = fixture.room.hold_tick();
    CHECK(first == fixture.room.hold_tick());
    fixture.run(1);
    const server::HeldTickPointer second = fixture.room.hold_tick();
    fixture.run(1);
    CHECK(fixture.room.hold_tick() == nullptr);
    CHECK(fixture.room.held_ticks().find(1) == first.get());
    first.reset();
    fixture.run(1);
    CHECK(fixture.room.held_ticks().find(1) == nullptr);
    CHECK(fixture.room.hold_tick() != nullptr);
}
