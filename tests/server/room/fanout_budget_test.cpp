// What a client is told when it cannot be told everything at once: by bytes, and by the bodies that a message holds.
#include <catch2/catch.hpp>
#include <limits>
#include <memory>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/wire/codec.h"
#include "server/room/fanout.h"
#include "test_schema.h"
#include "tests/server/room/told_client.h"

using namespace tidewire;
using namespace tidewire::server;
using tidewire::test::ToldClient;
using wire::BodyCoding;

namespace {

/// Groups of three entities each, of which every player follows the first `followed`. A few entities move in each tick.
class ManyGroups {
public:
    ManyGroups(std::size_t groups, std::size_t client_bytes_per_tick, std::size_t client_count = 1)
        : followed(groups),
          layout_(::test::Schema::info()),
          room(game(groups), layout_, {.players_max = 64}),
          fanout(room.scene(), {}, client_bytes_per_tick) {
        for (std::size_t i = 0; i < client_count; ++i)
            clients.push_back(
                std::make_unique<ToldClient>(room, fanout.resources(), players.emplace_back(room.join("p", false))));
    }

    void tick() {
        room.tick();
        fanout.begin();
    }
    /// Also tells client `i`, and returns the bytes of its message.
    std::size_t take(std::size_t i) {
        ToldClient& client = *clients[i];
        client.take(fanout, news_bytes_max);
        CHECK(client.difference() == "");
        Bytes bytes;
        REQUIRE(wire::append_tick_head(bytes, client.message));
        for (const wire::GroupBody& body : client.message.bodies) append(bytes, body.bytes);
        // As any client would: within the limits.
        const auto parsed = wire::parse_message(bytes, wire::Limits{});
        INFO((parsed ? std::string() : parsed.error().message));
        CHECK(parsed);
        return bytes.size();
    }

    std::size_t followed;
    std::size_t news_bytes_max = std::numeric_limits<std::size_t>::max();
    std::vector<PlayerId> players;
    std::vector<std::unique_ptr<ToldClient>> clients;

private:
    const Game& game(std::size_t groups) {
        game_.schema = &::test::Schema::info();
        game_.on_tick = [this, groups](ServerSim& sim) {
            while (groups_.size() < groups) {
                const Group group = groups_.emplace_back(sim.interest().add_group());
                for (int i = 0; i < 3; ++i) sim.interest().place(sim.spawn(place()).id(), group);
            }
            for (auto [entity, position] : sim.view<::test::Position>())
                if (random_.below(10) == 0) position.x += 1;
            for (const PlayerId player : players)
                for (std::size_t i = 0; i < groups; ++i)
                    if (i < followed)
                        sim.interest().subscribe(player, groups_[i]);
                    else
                        sim.interest().unsubscribe(player, groups_[i]);
        };
        return game_;
    }
    ::test::Position place() { return {.x = random_.range(-100.0F, 100.0F), .y = random_.range(-100.0F, 100.0F)}; }

    SeededRandom random_{5};
    Game game_;
    std::vector<Group> groups_;
    replication::Layout layout_;

public:
    Room room;
    Fanout fanout;
};

std::size_t groups_told(const ToldClient& client) {
    return client.count(BodyCoding::Delta) + client.count(BodyCoding::CatchUp) + client.count(BodyCoding::Keyframe);
}

}  // namespace

TEST_CASE("a message has no more bodies than a client takes, and the groups beyond have the next turns",
          "[fanout][budget]") {
    // One more that everybody follows makes these 1024, 1025 and 2501.
    const std::size_t groups = GENERATE(std::size_t{1023}, std::size_t{1024}, std::size_t{2500});
    const std::size_t bytes_per_tick = GENERATE(std::size_t{0}, std::size_t{1'000'000});
    CAPTURE(groups, bytes_per_tick);
    ManyGroups world(groups, bytes_per_tick);
    const ToldClient& client = *world.clients[0];
    std::vector<Tick> told_at(0x8000);
    for (Tick tick = 1; tick <= 12; ++tick) {
        CAPTURE(tick);
        world.tick();
        world.take(0);
        CHECK(client.message.bodies.size() == std::min<std::size_t>(groups + 1, 1024));
        for (const wire::GroupBody& body : client.message.bodies) told_at[body.group] = tick;
        const Tick turns = static_cast<Tick>((groups + 1 + 1023) / 1024);
        if (tick < turns) continue;
        std::size_t waiting = 0;
        for (const Wanted& each : world.room.interest().wanted(world.players[0]))
            waiting += told_at[each.group] + turns <= tick ? 1U : 0U;
        CHECK(waiting == 0);
    }
    CHECK(client.replica().group_count() == groups + 1);
}

TEST_CASE("groups that end by the thousand are told of in turns, and those that begin again meanwhile stay",
          "[fanout][budget]") {
    ManyGroups world(2500, 0);
    const ToldClient& client = *world.clients[0];
    const auto run = [&](int ticks) {
        for (int i = 0; i < ticks; ++i) {
            world.tick();
            world.take(0);
            CHECK(client.message.bodies.size() <= 1024);
        }
    };
    run(5);
    world.followed = 10;
    run(2);
    CHECK(client.replica().group_count() > 1000);
    world.followed = 600;
    run(1);
    world.followed = 200;
    run(8);
    CHECK(client.replica().group_count() == 201);
    run(1);
    CHECK(client.message.bodies.size() == 201);
}

TEST_CASE("nothing is made for who cannot pay for it", "[fanout][budget]") {
    ManyGroups world(300, 400);
    const BodyCounters& made = world.fanout.streams().counters();
    std::size_t told = 0;
    for (Tick tick = 1; tick <= 200; ++tick) {
        CAPTURE(tick);
        world.tick();
        world.take(0);
        told += groups_told(*world.clients[0]);
        CHECK(made.keyframes <= told);
        CHECK(made.deltas + made.catch_ups <= 2 * told);
    }
    CHECK(world.clients[0]->replica().group_count() == 301);
    CHECK(told < 100 * 200);
}

TEST_CASE("a budget is of all bytes of the messages, and it is used", "[fanout][budget]") {
    for (const std::size_t bytes_per_tick : {100U, 300U, 1000U}) {
        ManyGroups world(200, bytes_per_tick, 5);
        std::vector<std::size_t> sums(world.clients.size());
        constexpr Tick ticks = 600;
        for (Tick tick = 1; tick <= ticks; ++tick) {
            world.tick();
            for (std::size_t i = 0; i < sums.size(); ++i) {
                if (tick % (i + 1) == 0) sums[i] += world.take(i) * (i + 1);
            }
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            CAPTURE(bytes_per_tick, i);
            CHECK(sums[i] <= (ticks + 8) * bytes_per_tick);
            CHECK(sums[i] >= ticks * bytes_per_tick * 8 / 10);
            CHECK(world.clients[i]->replica().group_count() == 201);
        }
    }
}

TEST_CASE("streams that nobody follows any more are given up, and who comes back is told exactly", "[fanout]") {
    ManyGroups world(100, 0);
    for (int i = 0; i < 10; ++i) {
        world.tick();
        world.take(0);
    }
    CHECK(world.fanout.streams().size() == 101);
    world.followed = 20;
    for (Tick i = 0; i < 2 * GroupStreams::unused_ticks + 1; ++i) {
        world.tick();
        world.take(0);
    }
    CHECK(world.fanout.streams().size() == 21);
    for (Tick i = 0; i < 2 * GroupStreams::unused_ticks + 1; ++i) world.tick();
    CHECK(world.fanout.streams().size() == 0);
    world.followed = 100;
    for (int i = 0; i < 10; ++i) {
        world.tick();
        world.take(0);
    }
    CHECK(world.clients[0]->replica().group_count() == 101);
}

TEST_CASE("groups that begin in the midst of a game come a few at a time, and the others go on", "[fanout][budget]") {
    const std::size_t news_bytes_max = GENERATE(std::size_t{1}, std::size_t{300});
    CAPTURE(news_bytes_max);
    ManyGroups world(100, 0);
    world.followed = 20;
    world.news_bytes_max = news_bytes_max;
    const ToldClient& client = *world.clients[0];
    // What a client is told first comes whole, so that its first picture is.
    world.tick();
    world.take(0);
    CHECK(client.count(BodyCoding::Keyframe) == 21);
    world.followed = 100;
    std::size_t told = 21;
    for (int tick = 0; told < 101; ++tick) {
        REQUIRE(tick < 90);
        world.tick();
        world.take(0);
        std::size_t bytes = 0;
        std::size_t begun = 0;
        for (const wire::GroupBody& body : client.message.bodies) {
            if (body.coding != BodyCoding::Keyframe) continue;
            bytes += body.bytes.size();
            ++begun;
        }
        CHECK(begun >= 1);
        CHECK((begun == 1 || bytes <= news_bytes_max));
        CHECK(client.message.bodies.size() - begun >= told);
        told += begun;
    }
    world.tick();
    world.take(0);
    CHECK(groups_told(client) == 101);
    CHECK(client.count(BodyCoding::Keyframe) == 0);
}
