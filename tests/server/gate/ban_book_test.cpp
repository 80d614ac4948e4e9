// Who is banned, for how long, and what they are told.
#include "server/gate/ban_book.h"

#include <catch2/catch.hpp>
#include <string>

#include "server/gate/iso_time.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

struct Book {
    explicit Book(BanLimits limits = {}) : book(fronts, [this] { return clock; }, limits) {}

    std::string why_not(Ban ban) {
        const auto added = book.add(std::move(ban));
        return added ? std::string() : added.error().message;
    }
    bool refuses(std::string_view address, std::string_view subject = {}) const {
        return book.refusal(address, subject).has_value();
    }

    SystemTime clock{1'800'000'000s};
    Fronts fronts = Fronts::parse({"10.0.0.0/8"}).value();
    BanBook book;
};

}  // namespace

TEST_CASE("a ban by identity is of the identity wherever it comes from, and is over when its time is", "[gate][bans]") {
    Book bans;
    REQUIRE(bans.book.add({.subject = "account-7", .until = bans.clock + 60s, .reason = "insults"}));
    CHECK(bans.book.refusal("203.0.113.1", "account-7") == "banned until 2027-01-15T08:01:00Z: insults");
    CHECK(bans.book.refusal("2001:db8::1", "account-7"));
    CHECK_FALSE(bans.refuses("203.0.113.1", "account-8"));
    CHECK_FALSE(bans.refuses("203.0.113.1"));
    bans.clock += 59s;
    CHECK(bans.refuses("203.0.113.1", "account-7"));
    bans.clock += 1s;
    CHECK_FALSE(bans.refuses("203.0.113.1", "account-7"));
    CHECK(bans.book.list().empty());
}

TEST_CASE("a ban by address is of one IPv4 address, or of a /64 of IPv6", "[gate][bans]") {
    Book bans;
    REQUIRE(bans.book.add({.address = "203.0.113.7", .until = bans.clock + 60s}));
    REQUIRE(bans.book.add({.address = "2001:db8:1:2::7", .until = bans.clock + 60s}));
    CHECK(bans.book.refusal("203.0.113.7", "anybody") == "banned until 2027-01-15T08:01:00Z");
    CHECK_FALSE(bans.refuses("203.0.113.8"));
    CHECK(bans.refuses("2001:db8:1:2:ffff::1"));
    CHECK_FALSE(bans.refuses("2001:db8:1:3::7"));
    CHECK_FALSE(bans.refuses("not an address"));
}

TEST_CASE("a ban that would shut out others, or nobody, is refused with the remedy", "[gate][bans]") {
    using Catch::Matchers::Contains;
    Book bans;
    const SystemTime later = bans.clock + 60s;
    CHECK_THAT(bans.why_not({.until = later}), Contains("names a subject or an address"));
    CHECK_THAT(bans.why_not({.address = "127.0.0.1", .until = later}), Contains("ban by identity instead"));
    CHECK_THAT(bans.why_not({.address = "10.1.2.3", .until = later}), Contains("ban by identity instead"));
    CHECK_THAT(bans.why_not({.address = "example.com", .until = later}), Contains("is no address"));
    CHECK_THAT(bans.why_not({.subject = "a", .until = bans.clock}), Contains("over already"));
    CHECK_THAT(bans.why_not({.subject = std::string(129, 'a'), .until = later}), Contains("at most 128 bytes"));
    CHECK_THAT(bans.why_not({.subject = "\xff", .until = later}), Contains("UTF-8"));
    CHECK(bans.book.list().empty());
}

TEST_CASE("a ban takes the place of the one before, and can be lifted", "[gate][bans]") {
    Book bans;
    const auto first = bans.book.add({.subject = "a", .until = bans.clock + 60s});
    const std::uint64_t version = bans.book.version();
    const auto second = bans.book.add({.subject = "a", .until = bans.clock + 120s, .reason = "again"});
    REQUIRE((first && second));
    CHECK(bans.book.version() != version);
    REQUIRE(bans.book.list().size() == 1);
    CHECK(bans.book.list().front().id == *second);
    CHECK(bans.book.list().front().reason == "again");
    CHECK_FALSE(bans.book.lift(*first));
    CHECK(bans.book.lift(*second));
    CHECK_FALSE(bans.refuses({}, "a"));
    // Of both at once it takes the place of both.
    REQUIRE(bans.book.add({.subject = "a", .until = bans.clock + 60s}));
    REQUIRE(bans.book.add({.address = "203.0.113.7", .until = bans.clock + 60s}));
    const auto both = bans.book.add({.subject = "a", .address = "203.0.113.7", .until = bans.clock + 60s});
    REQUIRE(both);
    CHECK(bans.book.list().size() == 1);
    CHECK(bans.book.lift(*both));
    CHECK_FALSE(bans.refuses("203.0.113.7", "a"));
}

TEST_CASE("a ban of an address leaves the identities that were banned with it banned", "[gate][bans]") {
    Book bans({.bans_max = 3});
    const auto alice = bans.book.add({.subject = "alice", .address = "2001:db8:1:2::7", .until = bans.clock + 60s, .reason = "insults"});
    const auto bob = bans.book.add({.subject = "bob", .address = "2001:db8:1:2::8", .until = bans.clock + 120s, .reason = "cheating"});
    REQUIRE((alice && bob));
    CHECK(bans.book.refusal("203.0.113.1", "alice") == "banned until 2027-01-15T08:01:00Z: insults");
    CHECK(bans.book.refusal("203.0.113.1", "bob") == "banned until 2027-01-15T08:02:00Z: cheating");
    CHECK(bans.book.refusal("2001:db8:1:2::9", "carol") == "banned until 2027-01-15T08:02:00Z: cheating");
    const auto all = bans.book.list();
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == *alice);
    CHECK(all[0].subject == "alice");
    CHECK(all[0].address.empty());
    CHECK(all[1].address == "2001:db8:1:2::8");
    SECTION("and the other way round") {
        // Where it was banned before it stays banned, until somebody lifts that.
        REQUIRE(bans.book.add({.subject = "bob", .until = bans.clock + 30s}));
        CHECK(bans.book.refusal("203.0.113.1", "bob") == "banned until 2027-01-15T08:00:30Z");
        CHECK(bans.refuses("2001:db8:1:2::9"));
        CHECK(bans.book.list().size() == 3);
        CHECK(bans.book.lift(*bob));
        CHECK_FALSE(bans.refuses("2001:db8:1:2::9"));
        CHECK(bans.refuses({}, "bob"));
    }
    SECTION("each is lifted by itself") {
        CHECK(bans.book.lift(*bob));
        CHECK_FALSE(bans.refuses("2001:db8:1:2::7", "bob"));
        CHECK(bans.refuses("2001:db8:1:2::7", "alice"));
        CHECK(bans.book.lift(*alice));
        CHECK_FALSE(bans.refuses("2001:db8:1:2::7", "alice"));
    }
    SECTION("a ban that finds no room changes nothing") {
        REQUIRE(bans.book.add({.subject = "carol", .until = bans.clock + 60s}));
        const std::uint64_t version = bans.book.version();
        CHECK(bans.why_not({.subject = "dave", .address = "2001:db8:1:2::", .until = bans.clock + 60s}) ==
              "there are 3 bans, as many as are kept; lift some");
        CHECK(bans.book.version() == version);
        CHECK(bans.book.refusal("2001:db8:1:2::9", {}) == "banned until 2027-01-15T08:02:00Z: cheating");
        // One that goes whole makes room.
        CHECK(bans.why_not({.subject = "carol", .until = bans.clock + 90s}).empty());
    }
}

TEST_CASE("as many bans as are kept leave room for others only when some are over", "[gate][bans]") {
    Book bans({.bans_max = 3});
    for (int i = 0; i < 3; ++i)
        REQUIRE(bans.book.add({.subject = "player " + std::to_string(i), .until = bans.clock + 60s * (i + 1)}));
    CHECK(bans.why_not({.subject = "x", .until = bans.clock + 60s}) == "there are 3 bans, as many as are kept; lift some");
    // Who is in it already can be told another time.
    CHECK(bans.why_not({.subject = "player 1", .until = bans.clock + 300s}).empty());
    bans.clock += 60s;
    CHECK(bans.why_not({.subject = "x", .until = bans.clock + 60s}).empty());
    CHECK(bans.book.list().size() == 3);
}

TEST_CASE("a reason is one line of bounded length", "[gate][bans]") {
    Book bans;
    REQUIRE(bans.book.add({.subject = "a", .until = bans.clock + 60s, .reason = "x\n\x1b[31m" + std::string(500, 'y')}));
    const std::string told = bans.book.refusal({}, "a").value();
    CHECK(told.size() <= 37 + 120);
    for (const char c : told) CHECK(static_cast<unsigned char>(c) >= 0x20);
    REQUIRE(bans.book.add({.subject = "b", .until = bans.clock + 60s, .reason = "\xff\xfe"}));
    CHECK(bans.book.refusal({}, "b") == "banned until 2027-01-15T08:01:00Z: ?");
}

TEST_CASE("whoever keeps the book is told of each change, and of none after it has let go", "[gate][bans]") {
    Book bans;
    int told = 0;
    bans.book.on_change([&] { ++told; });
    const auto id = bans.book.add({.subject = "a", .until = bans.clock + 60s});
    REQUIRE(id);
    CHECK_FALSE(bans.book.add({.until = bans.clock + 60s}));
    CHECK(told == 1);
    CHECK(bans.book.lift(*id));
    CHECK_FALSE(bans.book.lift(*id));
    CHECK(told == 2);
    bans.book.on_change({});
    CHECK(bans.book.add({.subject = "a", .until = bans.clock + 60s}));
    CHECK(told == 2);
}

TEST_CASE("instants are written and read in one form", "[gate][time]") {
    CHECK(to_iso(SystemTime{0s}) == "1970-01-01T00:00:00Z");
    CHECK(to_iso(SystemTime{-5s}) == "1970-01-01T00:00:00Z");
    CHECK(to_iso(SystemTime::max()) == "9999-12-31T23:59:59Z");
    for (const std::int64_t seconds : {std::int64_t{0}, std::int64_t{951'826'271}, std::int64_t{1'800'000'000}, std::int64_t{253'402'300'799}}) {
        const SystemTime time{std::chrono::seconds(seconds)};
        CHECK(parse_iso(to_iso(time)) == time);
    }
    for (const char* bad : {"", "2026-11-30", "2026-11-30T18:00:00", "2026-11-30 18:00:00Z", "2026-02-30T00:00:00Z",
                            "2026-13-01T00:00:00Z", "2026-11-30T24:00:00Z", "1969-12-31T23:59:59Z", "2026-11-30T18:00:0-Z"})
        CHECK_FALSE(parse_iso(bad));
}
