// Which tick the server knew to have arrived, by the input that told it.
#include "sdk/core/session/sent_inputs.h"

#include <catch2/catch.hpp>

using namespace tidewire;
using session::SentInputs;

TEST_CASE("an input that arrived says which tick the server knows of", "[session][input]") {
    SentInputs inputs;
    CHECK(inputs.newest() == 0);
    CHECK_FALSE(inputs.ack_arrived());
    inputs.note_sent(11, 5);
    inputs.note_sent(12, 7);
    CHECK_FALSE(inputs.ack_arrived());
    inputs.note_arrived(11);
    CHECK(inputs.ack_arrived() == std::optional<Tick>(5));
    inputs.note_arrived(12);
    CHECK(inputs.ack_arrived() == std::optional<Tick>(7));
}

TEST_CASE("a server can have received only what was sent, and no less than before", "[session][input]") {
    SentInputs inputs;
    CHECK(inputs.may_have_arrived(0));
    CHECK_FALSE(inputs.may_have_arrived(1));
    inputs.note_sent(11, 5);
    inputs.note_sent(12, 5);
    inputs.note_arrived(11);
    CHECK_FALSE(inputs.may_have_arrived(10));
    CHECK(inputs.may_have_arrived(12));
    CHECK_FALSE(inputs.may_have_arrived(13));
}

TEST_CASE("what an input told is forgotten when as many were sent after it as are remembered", "[session][input]") {
    SentInputs inputs;
    inputs.note_sent(1, 1);
    inputs.note_arrived(1);
    for (Tick input = 2; input <= SentInputs::remembered; ++input) inputs.note_sent(input, input);
    CHECK(inputs.ack_arrived() == std::optional<Tick>(1));
    inputs.note_sent(SentInputs::remembered + 1, 300);
    CHECK_FALSE(inputs.ack_arrived());
}
