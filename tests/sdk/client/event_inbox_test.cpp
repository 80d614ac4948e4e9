// Each event is seen once, whatever the order of looking, asking and arriving.
#include "sdk/client/event_inbox.h"

#include <catch2/catch.hpp>

#include "test_schema.h"

using namespace tidewire;
using session::ReceivedEvent;

namespace {

namespace model = ::test;

ReceivedEvent hit(std::uint8_t damage, ReceivedEvent::Kind kind = ReceivedEvent::Kind::Arrived) {
    ReceivedEvent event{kind, event_index<model::Hit>, 5, 2,
                        replication::Aggregate(model::Schema::info().events[event_index<model::Hit>])};
    static_cast<model::Hit*>(event.value.get())->damage = damage;
    return event;
}

ReceivedEvent note(std::string text) {
    ReceivedEvent event{ReceivedEvent::Kind::Arrived, event_index<model::Note>, 5, 0,
                        replication::Aggregate(model::Schema::info().events[event_index<model::Note>])};
    static_cast<model::Note*>(event.value.get())->text = std::move(text);
    return event;
}

void add(EventInbox& inbox, ReceivedEvent event) {
    std::vector<ReceivedEvent> events;
    events.push_back(std::move(event));
    inbox.add(events);
    CHECK(events.empty());
}

std::vector<int> hits(EventInbox& inbox) {
    std::vector<int> seen;
    for (const auto& event : Events<model::Hit>(inbox.arrived(event_index<model::Hit>))) seen.push_back(event->damage);
    return seen;
}

std::vector<std::string> notes(EventInbox& inbox) {
    std::vector<std::string> seen;
    for (const auto& event : Events<model::Note>(inbox.arrived(event_index<model::Note>))) seen.push_back(event->text);
    return seen;
}

}  // namespace

TEST_CASE("a frame has what came since the last one, by type and in order", "[client][event]") {
    EventInbox inbox(model::Schema::info());
    add(inbox, hit(1));
    add(inbox, note("a text that is too long to lie within the string itself"));
    add(inbox, hit(2));
    CHECK(hits(inbox) == std::vector{1, 2});
    CHECK(notes(inbox) == std::vector<std::string>{"a text that is too long to lie within the string itself"});
    CHECK(hits(inbox) == std::vector{1, 2});
    inbox.begin_frame();
    CHECK(hits(inbox).empty());
    CHECK(notes(inbox).empty());
}

TEST_CASE("what comes after the game has looked is there in the next frame, and what it never looks at goes",
          "[client][event]") {
    EventInbox inbox(model::Schema::info());
    add(inbox, hit(1));
    add(inbox, note("unseen"));
    CHECK(hits(inbox) == std::vector{1});
    add(inbox, hit(2));
    inbox.begin_frame();
    CHECK(hits(inbox) == std::vector{2});
    CHECK(notes(inbox).empty());
    add(inbox, note("late"));
    inbox.begin_frame();
    CHECK(hits(inbox).empty());
    CHECK(notes(inbox) == std::vector<std::string>{"late"});
}

TEST_CASE("what is retracted stands in a list of its own", "[client][event]") {
    EventInbox inbox(model::Schema::info());
    add(inbox, hit(1, ReceivedEvent::Kind::Predicted));
    add(inbox, hit(9, ReceivedEvent::Kind::Retracted));
    const Events<model::Hit> arrived(inbox.arrived(event_index<model::Hit>));
    REQUIRE_FALSE(arrived.empty());
    CHECK((*arrived.begin()).predicted());
    CHECK((*arrived.begin()).tick() == 5);
    CHECK((*arrived.begin()).player() == 2);
    CHECK(hits(inbox) == std::vector{1});
    const Events<model::Hit> retracted(inbox.retracted(event_index<model::Hit>));
    CHECK((*retracted.begin())->damage == 9);
}
