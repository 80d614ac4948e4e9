// Tokens by which players come back: which counts, and for how long.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "sdk/core/base/random.h"
#include "server/gate/session_book.h"

using namespace tidewire;
using server::RoomNumber;
using server::RoomPlace;
using server::SessionBook;
using server::SessionToken;

namespace {

RandomSource seeded(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

}  // namespace

TEST_CASE("a token finds its session and where it is, until the session is over", "[gate][resume][H18]") {
    SessionBook book(seeded(1));
    std::optional<SessionBook::Entry> entry(book.open(RoomPlace{.room = RoomNumber{7}, .shard = 3}));
    CHECK(book.size() == 1);
    const SessionToken token = book.rotate(*entry);
    const auto found = book.find(token);
    REQUIRE(found);
    CHECK(found->id == entry->id());
    CHECK(found->place.room == RoomNumber{7});
    CHECK(found->place.shard == 3);
    entry.reset();
    CHECK(book.size() == 0);
    CHECK_FALSE(book.find(token));
}

TEST_CASE("the token that was shown counts until the client has shown that it has the new one", "[gate][resume][H18]") {
    SessionBook book(seeded(2));
    const SessionBook::Entry entry = book.open({});
    const SessionToken first = book.rotate(entry);
    const SessionToken second = book.rotate(entry, first);
    CHECK(first != second);
    CHECK(book.find(first));
    CHECK(book.find(second));
    // The answers may be lost any number of times. Never more than two count.
    const SessionToken third = book.rotate(entry, first);
    CHECK(book.find(first));
    CHECK_FALSE(book.find(second));
    CHECK(book.find(third));
    book.confirm(entry);
    CHECK_FALSE(book.find(first));
    CHECK(book.find(third));
    // Or it has come, and the client's next word was lost.
    const SessionToken fourth = book.rotate(entry, third);
    const SessionToken fifth = book.rotate(entry, fourth);
    CHECK_FALSE(book.find(third));
    CHECK(book.find(fourth));
    CHECK(book.find(fifth));
}

TEST_CASE("no other bytes than the token's find anything", "[gate][resume][H18]") {
    SessionBook book(seeded(3));
    const SessionBook::Entry entry = book.open({});
    SessionToken none{};
    const SessionToken token = book.rotate(entry);
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
        SessionToken other = token;
        other[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        CHECK_FALSE(book.find(other));
    }
    CHECK_FALSE(book.find(none));
    CHECK_FALSE(book.find({}));
    CHECK_FALSE(book.find(ByteSpan(token).first(23)));
}

TEST_CASE("without randomness there are no tokens", "[gate][resume]") {
    SessionBook book({});
    const SessionBook::Entry entry = book.open({});
    CHECK_FALSE(entry.has_token());
    CHECK(book.size() == 0);
}

TEST_CASE("a session outlives its book, and what is kept of it is no token", "[gate][resume][save]") {
    SessionBook book(seeded(1));
    const SessionBook::Entry entry = book.open({});
    const SessionToken first = book.rotate(entry);
    const SessionToken second = book.rotate(entry, first);
    const SessionBook::Kept kept = book.keep(entry);
    SessionBook other(seeded(2));
    const RoomPlace place{.room = RoomNumber{3}, .shard = 1};
    const SessionBook::Entry restored = other.restore(place, kept);
    REQUIRE(restored.has_token());
    CHECK(restored.id() == entry.id());
    for (const SessionToken& token : {first, second}) {
        const auto found = other.find(token);
        REQUIRE(found);
        CHECK(found->place.room == RoomNumber{3});
    }
    SessionToken forged = second;
    std::copy(kept.secret.begin(), kept.secret.begin() + 16, forged.begin() + 8);
    CHECK_FALSE(other.find(forged));
    // Each once, and only where there are tokens at all.
    CHECK_FALSE(other.restore(place, kept).has_token());
    CHECK(other.size() == 1);
    SessionBook without({});
    CHECK_FALSE(without.restore(place, kept).has_token());
}
