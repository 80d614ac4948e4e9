// Join tickets: good once, for one room, until they expire.
#include "server/gate/ticket_book.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "server/gate/base64url.h"
#include "tests/server/gate/jwt_signer.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace tidewire::server::test;

namespace {

constexpr SystemTime now{std::chrono::seconds(1'700'000'000)};
constexpr std::chrono::seconds minute{60};
const std::string key = "0123456789abcdef0123456789abcdef";
const std::string other_key = "fedcba9876543210fedcba9876543210";

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() & 0xff);
    };
}

std::string ticket(std::uint64_t seed = 1, SystemTime expires = now + minute, const std::string& by = key) {
    const auto made =
        make_ticket(as_bytes(by), {.room = "r1", .player = "p1", .name = "Ann", .expires = expires}, seeded(seed));
    REQUIRE(made);
    return *made;
}

TicketBook book(std::size_t entries_max) { return {{HmacSha256(as_bytes(key))}, entries_max}; }

}  // namespace

TEST_CASE("a ticket is good once, in its room, until it expires", "[gate][ticket]") {
    TicketBook tickets = book(10);
    CHECK(to_words(tickets.redeem(ticket(), "r2", now)) == "WrongRoom");
    CHECK(to_words(tickets.redeem(ticket(), "r1", now + minute)) == "Expired");
    const Verdict verdict = tickets.redeem(ticket(), "r1", now);
    REQUIRE(verdict);
    CHECK(verdict.identity().subject == "p1");
    CHECK(verdict.identity().name == "Ann");
    CHECK(verdict.identity().room == "r1");
    CHECK(verdict.identity().expires == now + minute);
    CHECK(to_words(tickets.redeem(ticket(), "r1", now)) == "Replayed");
    CHECK(to_words(tickets.redeem(ticket(), "", now + minute - std::chrono::seconds(1))) == "Replayed");
    CHECK(to_words(tickets.redeem(ticket(2), "", now)) == "admitted");
    CHECK(to_words(tickets.redeem("", "r1", now)) == "NoToken");
    CHECK(to_words(tickets.redeem(std::string(1000, 'A'), "r1", now)) == "TooLarge");
    CHECK(to_words(tickets.redeem(ticket(3, now + minute, other_key), "r1", now)) == "BadSignature");
}

TEST_CASE("each flipped bit and each cut of a ticket is refused, in bytes and in text", "[gate][ticket]") {
    TicketBook tickets = book(10);
    const std::string good = ticket();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string changed = good;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        const std::string words = to_words(tickets.redeem(changed, "r1", now));
        CHECK((words == "Malformed" || words == "BadSignature"));
    }
    const auto bytes = parse_base64url(good);
    REQUIRE(bytes);
    for (std::size_t bit = 0; bit < bytes->size() * 8; ++bit) {
        Bytes changed = *bytes;
        changed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
        CHECK(to_words(tickets.redeem(to_base64url(changed), "r1", now)) == "BadSignature");
    }
    for (std::size_t size = 1; size < good.size(); ++size) {
        const std::string words = to_words(tickets.redeem(good.substr(0, size), "r1", now));
        CHECK((words == "Malformed" || words == "BadSignature"));
    }
    CHECK(to_words(tickets.redeem(good + "AAAA", "r1", now)) == "BadSignature");
    CHECK(to_words(tickets.redeem(good, "r1", now)) == "admitted");
}

TEST_CASE("a full book refuses, forgets nobody, and has room again when tickets expire", "[gate][ticket]") {
    TicketBook tickets = book(2);
    CHECK(to_words(tickets.redeem(ticket(1), "r1", now)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(2, now + 2 * minute), "r1", now)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(3, now + 2 * minute), "r1", now)) == "Full");
    CHECK(to_words(tickets.redeem(ticket(1), "r1", now)) == "Replayed");
    CHECK(to_words(tickets.redeem(ticket(3, now + 2 * minute), "r1", now + minute)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(2, now + 2 * minute), "r1", now + minute)) == "Replayed");
}

TEST_CASE("a clock that is set back lets no spent ticket in again", "[gate][ticket]") {
    TicketBook tickets = book(10);
    CHECK(to_words(tickets.redeem(ticket(1), "r1", now)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(2, now + 3 * minute), "r1", now + 2 * minute)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(1), "r1", now)) == "Expired");
}

TEST_CASE("of many threads with one ticket one comes in", "[gate][ticket]") {
    TicketBook tickets = book(10);
    const std::string one = ticket();
    std::atomic<int> admitted = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 100; ++round)
                if (tickets.redeem(one, "r1", now)) ++admitted;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(admitted == 1);
}

TEST_CASE("keys rotate: any of them is good until it goes", "[gate][ticket]") {
    TicketBook tickets = book(10);
    const auto keys =
        parse_ticket_keys(to_base64url(as_bytes(other_key)) + "\n" + to_base64url(as_bytes(key)) + "\r\n");
    REQUIRE(keys);
    tickets.set_keys(*keys);
    CHECK(to_words(tickets.redeem(ticket(1), "r1", now)) == "admitted");
    CHECK(to_words(tickets.redeem(ticket(2, now + minute, other_key), "r1", now)) == "admitted");
    tickets.set_keys({keys->front()});
    CHECK(to_words(tickets.redeem(ticket(3), "r1", now)) == "BadSignature");
    CHECK_FALSE(parse_ticket_keys(""));
    CHECK_FALSE(parse_ticket_keys(to_base64url(Bytes(31))));
    CHECK_FALSE(parse_ticket_keys("not base64!"));
}

TEST_CASE("no ticket is made that no book would take", "[gate][ticket]") {
    const auto makes = [](const Ticket& made, std::string_view by = key) {
        return make_ticket(as_bytes(by), made, seeded(1)).has_value();
    };
    const Ticket good{.room = std::string(64, 'r'),
                      .player = std::string(128, 'p'),
                      .name = std::string(64, 'n'),
                      .expires = now + minute};
    const auto largest = make_ticket(as_bytes(key), good, seeded(1));
    REQUIRE(largest);
    CHECK(to_words(book(1).redeem(*largest, good.room, now)) == "admitted");
    CHECK_FALSE(makes(good, key.substr(1)));
    CHECK_FALSE(makes({.room = "", .player = "p", .expires = now}));
    CHECK_FALSE(makes({.room = "r", .player = "", .expires = now}));
    CHECK_FALSE(makes({.room = "r", .player = "a\nb", .expires = now}));
    CHECK_FALSE(makes({.room = std::string(65, 'r'), .player = "p", .expires = now}));
    CHECK_FALSE(makes({.room = "r", .player = "p", .expires = SystemTime(std::chrono::seconds(-1))}));
}

TEST_CASE("a ticket that is given back lets in once more, and only that one", "[gate][ticket]") {
    TicketBook tickets = book(2);
    const Verdict first = tickets.redeem(ticket(1), "", now);
    const Verdict second = tickets.redeem(ticket(2), "", now);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first.identity().token_id.size() == 22);
    CHECK(to_words(tickets.redeem(ticket(3), "", now)) == "Full");
    for (int i = 0; i < 100; ++i) {
        tickets.give_back(first.identity());
        tickets.give_back(first.identity());
        CHECK(to_words(tickets.redeem(ticket(1), "", now)) == "admitted");
        CHECK(to_words(tickets.redeem(ticket(1), "", now)) == "Replayed");
        CHECK(to_words(tickets.redeem(ticket(2), "", now)) == "Replayed");
    }
    tickets.give_back(second.identity());
    tickets.give_back({.token_id = "none of ours"});
    CHECK(to_words(tickets.redeem(ticket(3), "", now)) == "admitted");
    // What has expired meanwhile stays expired.
    CHECK(to_words(tickets.redeem(ticket(4, now + 2 * minute), "", now + minute)) == "admitted");
    tickets.give_back(first.identity());
    CHECK(to_words(tickets.redeem(ticket(1), "", now)) == "Expired");
}

TEST_CASE("what was spent before is spent in the next process, and bytes that were changed change nothing", "[gate][ticket]") {
    TicketBook before = book(2);
    REQUIRE(before.redeem(ticket(1), "r1", now));
    REQUIRE(before.redeem(ticket(2, now + minute / 2), "r1", now));
    const Bytes saved = before.save();
    TicketBook after = book(2);
    for (std::size_t i = 0; i < saved.size(); ++i) {
        Bytes changed = saved;
        changed[i] ^= std::byte{0x10};
        CHECK_FALSE(after.restore(changed));
        CHECK_FALSE(after.restore(ByteSpan(saved).first(i)));
    }
    REQUIRE(before.redeem(ticket(3, now + minute), "", now + minute / 2));  // the second was forgotten for it
    REQUIRE(after.restore(saved));
    CHECK(to_words(after.redeem(ticket(1), "r1", now)) == "Replayed");
    CHECK(to_words(after.redeem(ticket(2, now + minute / 2), "r1", now)) == "Replayed");
    CHECK(to_words(after.redeem(ticket(4), "r1", now)) == "Full");
    CHECK(to_words(after.redeem(ticket(4), "r1", now + minute / 2)) == "admitted");
    // What was forgotten is known to be so, whatever the clock says there.
    TicketBook third = book(2);
    REQUIRE(third.restore(after.save()));
    CHECK(to_words(third.redeem(ticket(2, now + minute / 2), "r1", now)) == "Expired");
    CHECK(to_words(third.redeem(ticket(4), "r1", now)) == "Replayed");
}
