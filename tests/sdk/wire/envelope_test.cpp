// The envelope byte: what it may be, and what each other value is refused with.
#include "sdk/core/wire/envelope.h"

#include <catch2/catch.hpp>

#include "sdk/core/wire/codec.h"

using namespace tidewire;
using namespace tidewire::wire;

TEST_CASE("the envelope has five kinds in three codings, and every other byte is refused", "[wire][envelope]") {
    int accepted = 0;
    for (unsigned value = 0; value < 256; ++value) {
        const auto byte = static_cast<std::byte>(value);
        const auto envelope = parse_envelope(byte);
        CAPTURE(value);
        CHECK(envelope.has_value() == (value / 4 >= 1 && value / 4 <= 5 && value % 4 <= 2));
        if (envelope) {
            ++accepted;
            CHECK(to_byte(*envelope) == byte);
        } else {
            CHECK(envelope.error().close_code == 1002);
            CHECK(envelope.error().blame == Blame::Peer);
        }
    }
    CHECK(accepted == 15);
}

TEST_CASE("an envelope without a message behind it is refused, whatever it says", "[wire][envelope]") {
    for (unsigned value = 0; value < 256; ++value) {
        const Bytes message{static_cast<std::byte>(value)};
        CAPTURE(value);
        CHECK_FALSE(parse_message(message, Limits{}));
    }
    CHECK(parse_message({}, Limits{}).error().close_code == 1002);
}

TEST_CASE("only cold messages may be compressed, by zstd alone, and a packed body is no message", "[wire][envelope]") {
    for (const Envelope envelope :
         {Envelope{Kind::Tick, Coding::Zstd}, Envelope{Kind::Input, Coding::Zstd}, Envelope{Kind::Body, Coding::Zstd},
          Envelope{Kind::Body, Coding::Stored}, Envelope{Kind::Body, Coding::ZstdDictionary},
          Envelope{Kind::Part, Coding::Zstd}, Envelope{Kind::Cold, Coding::ZstdDictionary}}) {
        Bytes message = encode(Ping{.id = 1, .sent_us = 2});
        message.front() = to_byte(envelope);
        const auto parsed = parse_message(message, Limits{});
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().close_code == 1002);
    }
}
