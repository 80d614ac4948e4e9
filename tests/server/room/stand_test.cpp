// Whoever watches sees the room as it was, exactly, so late as was said and never a tick sooner; and nothing that is for one alone.
#include "server/room/stand.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "sdk/core/replication/aggregate.h"
#include "sdk/core/replication/body.h"
#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/snapshot_edit.h"
#include "server/room/saved_room.h"
#include "test_schema.h"
#include "tests/server/room/told_client.h"
#include "tests/server/room/walkers.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using tidewire::test::ToldClient;
using tidewire::test::Walkers;
using wire::BodyCoding;

namespace {

constexpr std::uint16_t note = event_index<::test::Note>;

/// What everybody may know of a snapshot: neither what is for owners alone nor who is hidden.
replication::Snapshot public_part(const replication::Layout& layout, const replication::Snapshot& snapshot,
                                  const std::vector<EntityId>& hidden) {
    replication::Snapshot part{.tick = snapshot.tick, .tables = {}};
    part.tables.resize(snapshot.tables.size());
    for (std::size_t table = 0; table < snapshot.tables.size(); ++table)
        if (replication::covers(layout, replication::Coverage::Public, table)) part.tables[table] = snapshot.tables[table];
    replication::SnapshotEdit edit(layout, part);
    for (const EntityId entity : hidden)
        edit.remove_entity(entity.index);
    return std::move(edit).finish(snapshot.tick);
}

/// A room of walkers with a stand, and what was true at each tick.
struct Fixture {
    explicit Fixture(StandOptions options, std::uint64_t seed = 7)
        : walkers(seed), room(walkers.game(), layout, {.snapshots_held = 40}), stand(room, {}, options) {
        for (int i = 0; i < 6; ++i) room.join("player", false);
    }
    void tick() {
        room.tick();
        for (const OutgoingEvent& event : room.outbox().take()) stand.note_event(event);
        room.interest().find_hidden(*room.snapshots().newest(), hidden);
        truth[room.tick_number()] = public_part(layout, *room.snapshots().newest(), hidden);
        seen_hidden = seen_hidden || !hidden.empty();
        stand.note_tick();
        if (stand.has_news() && stand.spectators() != 0) stand.fanout().begin();
    }
    ToldClient& watch() {
        const PlayerId spectator = stand.enter();
        return clients.emplace_back(stand.scene(), room.options().entities_max, stand.fanout().resources(), spectator);
    }
    void check_exact(const ToldClient& client) {
        const replication::Snapshot& was = truth.at(client.newest.tick);
        INFO("tick " << was.tick << ": " << replication::first_difference(layout, client.newest, was));
        REQUIRE(replication::same_state(client.newest, was));
    }

    Walkers walkers;
    replication::Layout layout{*walkers.game().schema};
    Room room;
    Stand stand;
    std::vector<EntityId> hidden;
    bool seen_hidden = false;
    std::map<Tick, replication::Snapshot> truth;
    std::deque<ToldClient> clients;
};

}  // namespace

TEST_CASE("a spectator sees every tick of the room, so late as was said, and exactly", "[stand]") {
    const auto delay = GENERATE(0ms, 1ms, 500ms, 3000ms);
    const auto seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3));
    CAPTURE(delay.count(), seed);
    Fixture fixture({.delay = delay}, seed);
    const auto behind = static_cast<Tick>((delay.count() * 30 + 999) / 1000);
    CHECK(fixture.stand.delay_ticks() == behind);
    ToldClient& early = fixture.watch();
    ToldClient* late = nullptr;
    for (Tick tick = 1; tick <= 300; ++tick) {
        if (tick == 200) late = &fixture.watch();
        fixture.tick();
        REQUIRE(fixture.stand.has_news() == (tick > behind));
        if (tick <= behind) continue;
        REQUIRE(fixture.stand.tick() == tick - behind);
        for (ToldClient& client : fixture.clients) {
            client.take(fixture.stand.fanout());
            REQUIRE(client.newest.tick == tick - behind);
            fixture.check_exact(client);
            REQUIRE(client.difference().empty());
        }
    }
    CHECK(fixture.seen_hidden);
    // Who has the last tick is told what has changed.
    CHECK(early.count(BodyCoding::Keyframe) == 0);
    REQUIRE(late != nullptr);
    CHECK(late->count(BodyCoding::Keyframe) == 0);
}

TEST_CASE("all who watch share one body of each tick", "[stand]") {
    Fixture fixture({.delay = 200ms});
    for (int i = 0; i < 50; ++i) fixture.watch();
    for (Tick tick = 1; tick <= 106; ++tick) {
        fixture.tick();
        if (!fixture.stand.has_news()) continue;
        for (ToldClient& client : fixture.clients) client.take(fixture.stand.fanout());
    }
    // One keyframe to begin with, and what it did not tell of motion in a catch-up.
    CHECK(fixture.stand.fanout().streams().counters().keyframes == 1);
    CHECK(fixture.stand.fanout().streams().counters().catch_ups <= 1);
    CHECK(fixture.stand.fanout().streams().counters().deltas == 99);
    for (const ToldClient& client : fixture.clients) {
        REQUIRE(client.message.bodies.size() == 1);
        CHECK(client.message.bodies[0].bytes.data() == fixture.clients[0].message.bodies[0].bytes.data());
    }
}

TEST_CASE("who watches over a slow link sees fewer ticks, and each exactly", "[stand]") {
    Fixture fixture({.delay = 300ms});
    const std::vector<Tick> periods{1, 2, 3, 7, 39, 90};
    for (std::size_t i = 0; i < periods.size(); ++i) fixture.watch();
    for (Tick tick = 1; tick <= 400; ++tick) {
        fixture.tick();
        if (!fixture.stand.has_news()) continue;
        for (std::size_t i = 0; i < periods.size(); ++i) {
            if (tick % periods[i] != 0) continue;
            CAPTURE(tick, periods[i]);
            fixture.clients[i].take(fixture.stand.fanout());
            fixture.check_exact(fixture.clients[i]);
        }
    }
}

TEST_CASE("what the room leaves out, the stand leaves out, and nobody is confused by it", "[stand]") {
    Fixture fixture({.delay = 300ms});
    ToldClient& client = fixture.watch();
    for (Tick tick = 1; tick <= 300; ++tick) {
        // Ticks that ran in one go, or a turn of the spectators that was left out.
        for (Tick extra = 0; extra < tick % 5; ++extra) fixture.room.tick();
        if (tick % 40 == 0)
            for (Tick extra = 0; extra < 100; ++extra) fixture.room.tick();
        for (const OutgoingEvent& event : fixture.room.outbox().take()) fixture.stand.note_event(event);
        fixture.tick();
        if (!fixture.stand.has_news()) continue;
        client.take(fixture.stand.fanout());
        REQUIRE(client.newest.tick + fixture.stand.delay_ticks() <= fixture.room.tick_number());
        fixture.check_exact(client);
    }
}

TEST_CASE("what only its owner may see never stands on the stand", "[stand]") {
    Walkers walkers(3);
    Game game = walkers.game();
    std::vector<EntityId> purses;
    game.on_tick = [&](ServerSim& sim) {
        if (sim.tick() == 1)
            for (PlayerId player = 1; player <= 3; ++player) {
                const Entity purse = sim.spawn_for(player, ::test::Position{.x = 1, .y = 1});
                sim.interest().place_for_owner(purse.id());
                purses.push_back(purse.id());
            }
        // One is shown to everybody for a while, and one is another's from then on.
        if (sim.tick() == 30) sim.interest().place_always(purses[0]);
        if (sim.tick() == 60) sim.interest().place_for_owner(purses[0]);
        for (auto [entity, inventory] : sim.view<::test::Inventory>()) ++inventory.gold;
    };
    const replication::Layout layout(*game.schema);
    Room room(game, layout, {});
    for (int i = 0; i < 3; ++i) room.join("player", false);
    Stand stand(room, {}, {.delay = 100ms});
    const PlayerId spectator = stand.enter();
    ToldClient client(stand.scene(), room.options().entities_max, stand.fanout().resources(), spectator);
    for (Tick tick = 1; tick <= 120; ++tick) {
        if (tick == 90) room.leave(2);
        room.tick();
        stand.note_tick();
        if (!stand.has_news()) continue;
        stand.fanout().begin();
        client.take(stand.fanout());
        const Tick shown = client.newest.tick;
        CAPTURE(shown);
        for (std::size_t i = 0; i < purses.size(); ++i) {
            const replication::Chunk* const chunk = client.newest.chunk(0, purses[i].index / replication::Chunk::rows);
            const bool there = chunk != nullptr && (chunk->present >> (purses[i].index % replication::Chunk::rows) & 1) != 0;
            REQUIRE(there == (i == 0 && shown >= 30 && shown < 60));
        }
        for (std::size_t table = 1; table < layout.table_count(); ++table) {
            if (!layout.component(table).info().owner_only) continue;
            REQUIRE(client.newest.chunk(table, 0) == nullptr);
            REQUIRE(stand.scene().snapshots.newest()->chunk(table, 0) == nullptr);
        }
        for (const wire::GroupBody& body : client.message.bodies) REQUIRE(body.group == group_always);
    }
}

TEST_CASE("what only its owner may see never stands on the stand of a restored room", "[stand][save]") {
    Walkers walkers(3);
    Game game = walkers.game();
    game.on_tick = [](ServerSim& sim) {
        if (sim.tick() != 1) return;
        for (PlayerId player = 1; player <= 3; ++player)
            sim.interest().place_for_owner(sim.spawn_for(player, ::test::Position{.x = 1, .y = 1}).id());
    };
    const replication::Layout layout(*game.schema);
    Room first(game, layout, {});
    for (int i = 0; i < 3; ++i) first.join("player", false);
    for (int i = 0; i < 5; ++i) first.tick();
    std::vector<EntityId> hidden;
    first.interest().find_hidden(*first.snapshots().newest(), hidden);
    REQUIRE(hidden.size() == 3);

    Room room(game, layout, {});
    REQUIRE(room.restore(first.save()));
    Stand stand(room, {}, {.delay = 100ms});
    const PlayerId spectator = stand.enter();
    ToldClient client(stand.scene(), room.options().entities_max, stand.fanout().resources(), spectator);
    for (int i = 0; i < 20; ++i) {
        room.tick();
        stand.note_tick();
        if (!stand.has_news()) continue;
        stand.fanout().begin();
        client.take(stand.fanout());
        REQUIRE(replication::same_state(client.newest, public_part(layout, *room.snapshots().find(client.newest.tick), hidden)));
    }
    CHECK(client.newest.tick > 5);
}

TEST_CASE("what a leaver's hidden things say is told to no spectator", "[stand]") {
    Walkers walkers(3);
    Game game = walkers.game();
    std::vector<Entity> things;  // of the first player: a purse that only it sees, and one that all see
    game.on_tick = [&](ServerSim& sim) {
        if (sim.tick() != 1) return;
        for (int i = 0; i < 2; ++i) things.push_back(sim.spawn_for(1, ::test::Position{.x = 1, .y = 1}));
        sim.interest().place_for_owner(things[0].id());
    };
    const bool waits = GENERATE(false, true);
    const bool restored = waits && GENERATE(false, true);
    CAPTURE(waits, restored);
    game.on_leave = [&](ServerSim& sim, Player) {
        // An event waits for the tick that places what it is near, and so do those behind it.
        if (waits) sim.send_near(sim.spawn(::test::Position{}), ::test::Note{.text = "", .to = 2});
        sim.send_near(things[0], ::test::Note{.text = "", .to = 7});
        sim.send_near(things[1], ::test::Note{.text = "", .to = 1});
    };
    const replication::Layout layout(*game.schema);
    Room before(game, layout, {});
    for (int i = 0; i < 2; ++i) before.join("player", false);
    for (int i = 0; i < 3; ++i) before.tick();
    before.leave(1);
    Room after(game, layout, {});
    if (restored) REQUIRE(after.restore(before.save()));
    Room& room = restored ? after : before;
    Stand stand(room, {}, {.delay = 0ms});
    stand.enter();
    const auto note_all = [&] {
        for (const OutgoingEvent& event : room.outbox().take()) stand.note_event(event);
    };
    note_all();
    room.tick();
    note_all();
    stand.note_tick();
    std::vector<std::uint32_t> told;
    for (const SharedMessage& message : stand.events()) {
        const auto parsed = wire::parse_message(*message, {});
        REQUIRE(parsed);
        replication::Aggregate value(layout.event(note).info());
        REQUIRE(replication::decode_event(layout, note, std::get<wire::Event>(*parsed).data, value.get()));
        told.push_back(static_cast<const ::test::Note*>(static_cast<const void*>(value.get()))->to);
    }
    CHECK(told == (waits ? std::vector<std::uint32_t>{2, 1} : std::vector<std::uint32_t>{1}));
}

TEST_CASE("events for all come with their tick, in order, and none that is for some", "[stand]") {
    Walkers walkers(3);
    Game game = walkers.game();
    std::vector<Entity> entities;  // a ghost, and one that is seen
    game.on_tick = [&](ServerSim& sim) {
        if (entities.empty()) {
            for (int i = 0; i < 2; ++i) entities.push_back(sim.spawn(::test::Position{}));
            sim.interest().place(entities[0].id(), Group{});
        }
        const auto send = [&](std::uint32_t kind) { return ::test::Note{.text = "", .to = sim.tick() * 10 + kind}; };
        sim.broadcast(send(0));
        sim.send(1, send(1));
        sim.send_team(1, send(2));
        sim.send_near(entities[0], send(3));
        sim.send_near(entities[1], send(4));
    };
    const replication::Layout layout(*game.schema);
    Room room(game, layout, {});
    room.join("player", false);
    Stand stand(room, {}, {.delay = 100ms});
    stand.enter();
    std::vector<std::uint32_t> told;
    for (Tick tick = 1; tick <= 60; ++tick) {
        room.tick();
        for (const OutgoingEvent& event : room.outbox().take()) stand.note_event(event);
        stand.note_tick();
        for (const SharedMessage& message : stand.events()) {
            const auto parsed = wire::parse_message(*message, {});
            REQUIRE(parsed);
            const auto& event = std::get<wire::Event>(*parsed);
            REQUIRE(event.type == note);
            // With its own tick, which is three ticks old.
            REQUIRE(event.tick == stand.tick());
            REQUIRE(event.tick + 3 == tick);
            replication::Aggregate value(layout.event(note).info());
            REQUIRE(replication::decode_event(layout, event.type, event.data, value.get()));
            told.push_back(static_cast<const ::test::Note*>(static_cast<const void*>(value.get()))->to);
        }
    }
    std::vector<std::uint32_t> expected;
    for (std::uint32_t tick = 1; tick <= 57; ++tick) {
        expected.push_back(tick * 10);
        expected.push_back(tick * 10 + 4);
    }
    CHECK(told == expected);
}

TEST_CASE("nothing is kept that nobody waits for and nobody sees", "[stand]") {
    Fixture live({.delay = 0ms});
    for (int i = 0; i < 100; ++i) live.tick();
    CHECK(live.stand.memory_bytes() == 0);
    CHECK(live.stand.ticks_waiting() == 0);
    const PlayerId spectator = live.stand.enter();
    for (int i = 0; i < 10; ++i) live.tick();
    CHECK(live.stand.memory_bytes() > 0);
    live.stand.leave(spectator);
    live.tick();
    CHECK(live.stand.memory_bytes() == 0);
    CHECK(live.stand.tick() == 0);

    // With a delay the ticks wait all the same: whoever comes sees something at once.
    Fixture later({.delay = 1s});
    for (int i = 0; i < 100; ++i) later.tick();
    CHECK(later.stand.ticks_waiting() == 30);
    ToldClient& client = later.watch();
    later.tick();
    REQUIRE(later.stand.has_news());
    client.take(later.stand.fanout());
    CHECK(client.newest.tick == 71);
    later.check_exact(client);
}

TEST_CASE("ticks that would take too much memory are kept less often, and shown no sooner", "[stand]") {
    Fixture all({.delay = 2s});
    for (int i = 0; i < 200; ++i) all.tick();
    const std::size_t whole = all.stand.memory_bytes();
    CHECK(all.stand.ticks_waiting() == 60);
    for (const std::size_t part : {2U, 3U, 7U}) {
        CAPTURE(part);
        Fixture some({.delay = 2s, .bytes_max = whole / part});
        ToldClient& client = some.watch();
        std::size_t most = 0;
        std::size_t shown = 0;
        for (Tick tick = 1; tick <= 400; ++tick) {
            some.tick();
            if (some.stand.has_news()) {
                ++shown;
                client.take(some.stand.fanout());
                REQUIRE(client.newest.tick + 60 <= tick);
                some.check_exact(client);
            }
        }
        some.stand.leave(first_spectator);
        for (Tick tick = 0; tick < 200; ++tick) {
            some.tick();
            most = std::max(most, some.stand.memory_bytes());
        }
        // And one tick, which is at most the world.
        CHECK(most <= whole / part + whole / 10);
        CHECK(shown >= 340 / (part + 1) - 20);
        CHECK(shown < 340);
    }
}

TEST_CASE("events alone take no more than the stand may take", "[stand]") {
    Walkers walkers(3);
    Game game = walkers.game();
    game.on_tick = nullptr;
    const replication::Layout layout(*game.schema);
    Room room(game, layout, {});
    room.join("player", false);
    constexpr std::size_t bytes_max = 256 * 1024;
    constexpr int events_per_tick = 20;
    std::uint32_t said = 0;
    const auto say = [&](Stand& stand) {
        Bytes message(1000);
        std::memcpy(message.data(), &++said, sizeof said);
        stand.note_event({.message = std::make_shared<const Bytes>(std::move(message))});
        REQUIRE(stand.memory_bytes() <= bytes_max);
    };

    SECTION("where a turn of the spectators never comes") {
        Stand stand(room, {}, {.delay = 0ms, .bytes_max = bytes_max});
        for (int i = 0; i < 1000; ++i) say(stand);
        CHECK(stand.memory_bytes() == 0);  // nobody is there
        stand.enter();
        for (int i = 0; i < 5000; ++i) say(stand);
        CHECK(stand.memory_bytes() > bytes_max / 5);
        room.tick();
        stand.note_tick();
        // The newest are there.
        REQUIRE_FALSE(stand.events().empty());
        std::uint32_t last = 0;
        std::memcpy(&last, stand.events().back()->data(), sizeof last);
        CHECK(last == said);
    }
    SECTION("where they come faster than they may wait") {
        Stand stand(room, {}, {.delay = 2s, .bytes_max = bytes_max});
        stand.enter();
        std::size_t shown = 0;
        std::uint32_t last = 0;
        std::size_t told = 0;
        for (Tick tick = 1; tick <= 600; ++tick) {
            room.tick();
            for (int i = 0; i < events_per_tick; ++i) say(stand);
            stand.note_tick();
            REQUIRE(stand.memory_bytes() <= bytes_max);
            shown += tick > 300 && stand.has_news() ? 1U : 0U;
            for (const SharedMessage& event : stand.events()) {
                std::uint32_t number = 0;
                std::memcpy(&number, event->data(), sizeof number);
                REQUIRE(number > last);
                last = number;
                ++told;
            }
        }
        // Something is to be seen all the while, and a good part of what happened is told.
        CHECK(shown > 100);
        CHECK(told > 600);
        CHECK(stand.tick() > 530);
    }
}
