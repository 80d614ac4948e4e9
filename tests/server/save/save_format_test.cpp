// Saved rooms as bytes: what goes in comes out, and whatever else is there is refused in a sentence.
#include "server/save/save_format.h"

#include <catch2/catch.hpp>
#include <memory>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/replication/event_codec.h"
#include "sdk/core/replication/owned_schema.h"
#include "tests/sdk/replication/random_schema.h"
#include "tests/sdk/replication/random_world.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::replication::testing;

namespace {

constexpr SaveLimits limits{.entities_max = 512};

/// A room of any schema, with something of everything.
struct Sample {
    explicit Sample(std::uint64_t seed) : random(seed), schema(random_schema(random)), layout(schema.info()) {
        RandomWorld world(schema.info(), limits.entities_max, seed);
        for (Tick tick = 1; tick <= 20; ++tick) {
            world.mutate(40);
            game.room.world = world.capture(layout, tick);
        }
        game.number = 3;
        game.entities_max = limits.entities_max;
        game.description = {.name = "harbour",
                            .properties = {{"map", "sea"}, {"mode", "duel"}},
                            .seats = 12,
                            .code = "K7MXQ2ZV",
                            .empty_for = std::chrono::milliseconds(15'000)};
        game.opened_by = RoomOrigin::Client;
        game.room.tick = 20;
        game.room.next_player = 9;
        game.room.retired = {{511, 4}, {500, 1}};
        const auto map = std::make_shared<const Bytes>(Bytes(3000, std::byte{7}));
        game.room.players = {{.id = 2, .name = "Ann", .identity = {.subject = "a-1", .claims = {{"team", "red"}}}, .bulks_received = 3, .bulk = {{1, map}}},
                             {.id = 5, .name = "bot 1", .bot = true, .muted_until = 60},
                             {.id = 8, .name = "Ben", .bulk = {{2, map}, {3, std::make_shared<const Bytes>(Bytes(5, std::byte{1}))}}}};
        SavedInterest& interest = game.room.interest;
        interest.cells = 16;
        interest.ids = {.next = 30, .returned = {{40, 19}}};
        interest.game_groups = {{18, 1}, {20, 9}};
        interest.teams = {{7, 21}};
        interest.places = {{{3, 1}, true, group_always}, {{4, 2}, false, 18}, {{5, 2}, false, group_nobody}};
        interest.viewers = {{.player = 2,
                             .own_group = 22,
                             .team = 21,
                             .focus = SavedInterest::Viewer::Focus::Point,
                             .point = {1.5, -2},
                             .subscribed = {{18, replication::Rate::Half}}},
                            {.player = 8, .focus = SavedInterest::Viewer::Focus::Entity, .followed = {3, 1}}};
        game.room.outgoing = {{.to = OutgoingEvent::To::Near,
                               .player = 2,
                               .group = 18,
                               .entity = {3, 1},
                               .hidden = true,
                               .message = std::make_shared<const Bytes>(Bytes(9, std::byte{3}))}};
        game.room.game = Bytes(100, std::byte{42});
        const auto told = std::make_shared<const Bytes>(Bytes(12, std::byte{5}));
        game.sessions = {{.player = 2, .id = 77, .events_received = 4, .events_sent = 10, .events = {told, told}, .connected = true},
                         {.player = 8, .id = 78, .before = SavedSession::Digest{}}};
        game.sessions[0].secret.fill(std::byte{1});
    }

    SeededRandom random;
    replication::OwnedSchema schema;
    replication::Layout layout;
    SavedGame game;
};

Bytes with_content_checksum(Bytes file) {
    Bytes head(file.begin(), file.begin() + 16);
    append_little_endian(head, fnv1a(ByteSpan(file).subspan(save_head_bytes)));
    std::copy(head.begin(), head.end(), file.begin());
    return file;
}

}  // namespace

TEST_CASE("what is saved is what is restored, of any schema", "[save]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 21)));
    CAPTURE(seed);
    const Sample sample(seed);
    const auto file = encode_save(sample.game, sample.layout, limits);
    REQUIRE(file);
    const auto read = parse_save(*file, sample.layout, limits);
    INFO((read ? "" : read.error().message));
    REQUIRE(read);
    CHECK(replication::same_state(read->room.world, sample.game.room.world));
    CHECK(what_is_wrong(sample.layout, read->room.world, limits.entities_max).empty());
    CHECK(read->number == 3);
    CHECK(read->description.name == "harbour");
    CHECK(read->description.properties == sample.game.description.properties);
    CHECK(read->description.seats == 12);
    CHECK(read->description.code == "K7MXQ2ZV");
    CHECK(read->description.empty_for == std::chrono::milliseconds(15'000));
    CHECK(read->opened_by == RoomOrigin::Client);
    CHECK(read->room.tick == 20);
    CHECK(read->room.next_player == 9);
    CHECK(read->room.retired == sample.game.room.retired);
    CHECK(read->room.game == sample.game.room.game);
    REQUIRE(read->room.players.size() == 3);
    CHECK(read->room.players[0].identity.subject == "a-1");
    CHECK(read->room.players[0].identity.claims.at("team") == "red");
    CHECK(read->room.players[0].identity.expires == SystemTime::max());
    CHECK(read->room.players[0].bulks_received == 3);
    CHECK(read->room.players[1].bot);
    CHECK(read->room.players[0].muted_until == 0);
    CHECK(read->room.players[1].muted_until == 60);
    REQUIRE(read->room.players[2].bulk.size() == 2);
    CHECK(*read->room.players[2].bulk[0].bytes == Bytes(3000, std::byte{7}));
    // The same bytes are kept once.
    CHECK(read->room.players[2].bulk[0].bytes == read->room.players[0].bulk[0].bytes);
    const SavedInterest& interest = read->room.interest;
    CHECK(interest.cells == 16);
    CHECK(interest.ids.next == 30);
    REQUIRE(interest.ids.returned.size() == 1);
    CHECK(interest.ids.returned[0].from == 40);
    CHECK(interest.game_groups[1].priority == 9);
    CHECK(interest.teams[0].team == 7);
    CHECK(interest.places[0].for_owner);
    CHECK(interest.places[1].entity == EntityId{4, 2});
    CHECK(interest.viewers[0].own_group == 22);
    CHECK(interest.viewers[0].point.x == 1.5);
    CHECK(interest.viewers[0].subscribed[0].rate == replication::Rate::Half);
    CHECK(interest.viewers[1].followed == EntityId{3, 1});
    CHECK(read->room.outgoing[0].hidden);
    CHECK(*read->room.outgoing[0].message == Bytes(9, std::byte{3}));
    REQUIRE(read->sessions.size() == 2);
    CHECK(read->sessions[0].id == 77);
    CHECK(read->sessions[0].secret == sample.game.sessions[0].secret);
    CHECK_FALSE(read->sessions[0].before);
    CHECK(read->sessions[0].events_sent == 10);
    REQUIRE(read->sessions[0].events.size() == 2);
    CHECK(*read->sessions[0].events[1] == Bytes(12, std::byte{5}));
    CHECK(read->sessions[0].connected);
    CHECK(read->sessions[1].before);
}

TEST_CASE("every proper prefix of a save, and every changed byte, is refused", "[save]") {
    const Sample sample(3);
    const Bytes file = encode_save(sample.game, sample.layout, limits).value();
    for (std::size_t size = 0; size < file.size(); size += size < 64 ? 1 : 97)
        CHECK_FALSE(parse_save(ByteSpan(file).first(size), sample.layout, limits));
    for (std::size_t at = 0; at < file.size(); at += at < 64 ? 1 : 61) {
        if (at >= 5 && at < 8) continue;  // said to be zeros, and not looked at
        Bytes changed = file;
        changed[at] ^= std::byte{0x10};
        CAPTURE(at);
        CHECK_FALSE(parse_save(changed, sample.layout, limits));
    }
}

TEST_CASE("what a file is not is said in a sentence", "[save]") {
    const Sample sample(3);
    const Bytes file = encode_save(sample.game, sample.layout, limits).value();
    const auto why_not = [&](ByteSpan bytes, const replication::Layout& layout, SaveLimits given) {
        const auto read = parse_save(bytes, layout, given);
        return read ? std::string("it was taken") : read.error().message;
    };
    CHECK(why_not(as_bytes("a text of some length that is no save"), sample.layout, limits) == "it is no saved room");
    Bytes newer = file;
    newer[4] = std::byte{9};
    CHECK(why_not(newer, sample.layout, limits) == "it is of version 9 of the format, and this server reads version 1");
    const Sample other(4);
    CHECK_THAT(why_not(file, other.layout, limits), Catch::StartsWith("it is of another schema than ") &&
                                                        Catch::Contains("start the server that saved it"));
    CHECK(why_not(ByteSpan(file).first(file.size() - 1), sample.layout, limits) == "it is damaged or cut off");
    CHECK_THAT(why_not(file, sample.layout, {.entities_max = 8}), Catch::Contains("entities_max was 512 when it was saved, and is 8 now"));
    CHECK_FALSE(encode_save(sample.game, sample.layout, {.content_bytes_max = 4096, .entities_max = 512}));
}

TEST_CASE("values that no room could have are refused, whoever made the file", "[save]") {
    Sample sample(5);
    SavedGame& game = sample.game;
    const auto refused = [&] {
        const auto file = encode_save(game, sample.layout, limits);
        REQUIRE(file);
        return !parse_save(*file, sample.layout, limits);
    };
    REQUIRE_FALSE(refused());
    SECTION("a name that nobody could write") { game.description.name = "a\nb"; }
    SECTION("more properties than a room has")
        for (int i = 0; i < 9; ++i) game.description.properties.emplace(std::to_string(i), "");
    SECTION("a time longer than any") { game.description.empty_for = std::chrono::milliseconds(-1); }
    SECTION("an opener that is none") { game.opened_by = static_cast<RoomOrigin>(3); }
    SECTION("players out of order") { std::swap(game.room.players[0], game.room.players[1]); }
    SECTION("a player to come that is there") { game.room.next_player = 8; }
    SECTION("a group beyond all ids") { game.room.interest.ids.next = 0x9000; }
    SECTION("a group that nobody has taken") { game.room.interest.game_groups.push_back({31, 1}); }
    SECTION("a team in a cell") { game.room.interest.teams[0].group = 5; }
    SECTION("a place beyond the world") { game.room.interest.places[0].entity.index = 512; }
    SECTION("a rate that is none") { game.room.interest.viewers[0].subscribed[0].rate = static_cast<replication::Rate>(7); }
    SECTION("a focus that is none") { game.room.interest.viewers[0].focus = static_cast<SavedInterest::Viewer::Focus>(3); }
    SECTION("an entity that is gone beyond the world") { game.room.retired.push_back({512, 1}); }
    SECTION("a session of nobody") { game.sessions[0].player = 3; }
    SECTION("a session of a bot") { game.sessions[0].player = 5; }
    SECTION("two sessions of one") { game.sessions[0].player = 8; }
    SECTION("more events than were sent") { game.sessions[0].events_sent = 1; }
    SECTION("an event of a type that is none") { game.room.arrived = {{.player = 2, .type = 999}}; }
    CHECK(refused());
}

TEST_CASE("no change of the content makes a reader go astray", "[save]") {
    const Sample sample(6);
    const Bytes file = encode_save(sample.game, sample.layout, limits).value();
    SeededRandom random(11);
    std::size_t refused = 0;
    for (int i = 0; i < 3000; ++i) {
        Bytes changed = file;
        for (std::uint32_t changes = 1 + random.below(3); changes > 0; --changes)
            changed[save_head_bytes + random.below(static_cast<std::uint32_t>(file.size() - save_head_bytes))] =
                static_cast<std::byte>(random.below(256));
        refused += parse_save(with_content_checksum(std::move(changed)), sample.layout, limits) ? 0U : 1U;
    }
    CHECK(refused > 100);
}
