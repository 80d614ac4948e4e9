// Events on the wire: structs as inputs are, tables as records.
#include "sdk/core/replication/event_codec.h"

#include <catch2/catch.hpp>

#include "sdk/core/replication/aggregate.h"
#include "test_schema.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

namespace model = ::test;

const Layout& layout() {
    static const Layout made(model::Schema::info());
    return made;
}

template <class T>
Bytes encode(const T& event) {
    return encode_event(layout(), event_index<T>, &event);
}

}  // namespace

TEST_CASE("a struct is its scalars, a table its fields", "[replication][event]") {
    CHECK(tidewire::test::to_hex(encode(model::Hit{.x = 1.5F, .damage = 3})) == "ac 02 06");
    CHECK(tidewire::test::to_hex(encode(model::Note{.text = "hi", .to = 5})) == "03 02 68 69 00 05");
    CHECK(encode(model::Note{}).empty());
}

TEST_CASE("an event comes back as it was, and what does not fit its range is made to", "[replication][event]") {
    Aggregate note(layout().event(event_index<model::Note>).info());
    const model::Note given{.text = "a text that is too long to lie within the string itself", .to = 9};
    REQUIRE(decode_event(layout(), event_index<model::Note>, encode(given), note.get()));
    CHECK(*static_cast<model::Note*>(note.get()) == given);
    Aggregate moved = std::move(note);
    CHECK(*static_cast<model::Note*>(moved.get()) == given);
    model::Hit hit{};
    REQUIRE(decode_event(layout(), event_index<model::Hit>, encode(model::Hit{.x = 1000, .damage = 0}), &hit));
    CHECK(hit == model::Hit{.x = 100, .damage = 1});
}

TEST_CASE("every proper prefix of an event of a struct is refused, and so is a byte more", "[replication][event]") {
    const Bytes whole = encode(model::Hit{.x = 50, .damage = 3});
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(check_event(layout(), event_index<model::Hit>, ByteSpan(whole).first(size)));
    Bytes more = whole;
    more.push_back(std::byte{0});
    CHECK_FALSE(check_event(layout(), event_index<model::Hit>, more));
    CHECK(check_event(layout(), event_index<model::Hit>, whole));
    const auto unknown = check_event(layout(), 2, whole);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().close_code == 1007);
}
