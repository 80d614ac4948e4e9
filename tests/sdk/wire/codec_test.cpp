// Promises of the codec that hold for every message alike.
#include <catch2/catch.hpp>

#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/messages.h"
#include "tests/support/hex.h"

using namespace tidewire;
using namespace tidewire::wire;
using test::encode_any;
using test::MessageMaker;
using test::same;

namespace {

constexpr std::uint64_t seed = 20240;

/// Exactly this many bytes on the heap, `offset` bytes past an aligned address: a sanitizer sees any step outside.
class Exact {
public:
    Exact(ByteSpan bytes, std::size_t offset) : memory_(std::make_unique<std::byte[]>(offset + bytes.size())) {
        std::copy(bytes.begin(), bytes.end(), memory_.get() + offset);
        bytes_ = {memory_.get() + offset, bytes.size()};
    }
    ByteSpan bytes() const { return bytes_; }

private:
    std::unique_ptr<std::byte[]> memory_;
    ByteSpan bytes_;
};

/// Refused, and in the way that every refusal promises.
void check_refused(ByteSpan bytes) {
    const Exact exact(bytes, 0);
    const auto parsed = parse_message(exact.bytes(), Limits{});
    CAPTURE(test::to_hex(bytes));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().blame == Blame::Peer);
    CHECK(
        (parsed.error().close_code == 1002 || parsed.error().close_code == 1007 || parsed.error().close_code == 1009));
    CHECK(parsed.error().message.back() == '.');
}

}  // namespace

TEST_CASE("every message reads back as it was written, at any address", "[wire][codec]") {
    MessageMaker maker(seed);
    CAPTURE(seed);
    for (int i = 0; i < 2000; ++i) {
        const Message message = maker.make(static_cast<std::size_t>(i) % MessageMaker::kinds);
        const Bytes bytes = encode_any(message);
        const Exact exact(bytes, static_cast<std::size_t>(i) % 8);
        const auto parsed = parse_message(exact.bytes(), Limits{});
        CAPTURE(i, message.index(), test::to_hex(bytes));
        REQUIRE(parsed);
        CHECK(same(*parsed, message));
        CHECK(encode_any(*parsed) == bytes);
    }
}

TEST_CASE("the spans of a parsed message point into the buffer that was parsed", "[wire][codec]") {
    const Bytes body(5, std::byte{7});
    const auto inside = [](ByteSpan part, ByteSpan whole) {
        return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
    };
    for (std::size_t offset = 0; offset < 8; ++offset) {
        const Exact input(encode(InputMessage{.tick = 1, .ack_tick = 0, .type = 0, .data = body}), offset);
        const auto parsed_input = parse_message(input.bytes(), Limits{});
        REQUIRE(parsed_input);
        CHECK(inside(std::get<InputMessage>(*parsed_input).data, input.bytes()));
        const Exact tick(
            test::encode_whole(TickMessage{.tick = 9, .input_tick = 0, .bodies = {{.group = 1, .bytes = body}}}),
            offset);
        const auto parsed_tick = parse_message(tick.bytes(), Limits{});
        REQUIRE(parsed_tick);
        CHECK(inside(std::get<TickMessage>(*parsed_tick).bodies.at(0).bytes, tick.bytes()));
    }
}

TEST_CASE("every proper prefix of a message is refused", "[wire][codec]") {
    MessageMaker maker(seed + 1);
    CAPTURE(seed + 1);
    for (std::size_t i = 0; i < 10 * MessageMaker::delimited_kinds; ++i) {
        const Bytes bytes = encode_any(maker.make(i % MessageMaker::delimited_kinds));
        for (std::size_t size = 0; size < bytes.size(); ++size) check_refused(ByteSpan(bytes).first(size));
    }
}

TEST_CASE("bytes after the end of a message are refused", "[wire][codec]") {
    MessageMaker maker(seed + 2);
    CAPTURE(seed + 2);
    for (std::size_t i = 0; i < 20 * MessageMaker::delimited_kinds; ++i) {
        const Bytes bytes = encode_any(maker.make(i % MessageMaker::delimited_kinds));
        for (const std::size_t extra : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 64U}) {
            for (const std::byte filler : {std::byte{0}, std::byte{0xa5}}) {
                Bytes longer = bytes;
                longer.resize(bytes.size() + extra, filler);
                check_refused(longer);
            }
        }
    }
}

TEST_CASE("any flipped bit is refused or makes another message that is as good as any", "[wire][codec]") {
    MessageMaker maker(seed + 3);
    CAPTURE(seed + 3);
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < 8 * MessageMaker::kinds; ++i) {
        Bytes bytes = encode_any(maker.make(i % MessageMaker::kinds));
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            const std::byte mask = std::byte{1} << (bit % 8);
            bytes[bit / 8] ^= mask;
            const Exact exact(bytes, bit % 8);
            if (const auto parsed = parse_message(exact.bytes(), Limits{})) {
                ++accepted;
                const Bytes again = encode_any(*parsed);
                const auto reparsed = parse_message(again, Limits{});
                CAPTURE(i, bit, test::to_hex(bytes));
                REQUIRE(reparsed);
                CHECK(same(*parsed, *reparsed));
            } else {
                ++refused;
            }
            bytes[bit / 8] ^= mask;
        }
    }
    CHECK(accepted > 0);
    CHECK(refused > 0);
}

TEST_CASE("noise never makes the parser step outside its input", "[wire][codec]") {
    SeededRandom random(seed + 4);
    CAPTURE(seed + 4);
    for (int i = 0; i < 20'000; ++i) {
        Bytes bytes(random.below(96));
        for (std::byte& byte : bytes)
            byte = static_cast<std::byte>(random.below(4) == 0 ? random.next() : random.below(16));
        const std::byte kinds[] = {std::byte{0x04}, std::byte{0x05}, std::byte{0x08}, std::byte{0x0c}};
        if (!bytes.empty()) bytes.front() = kinds[i % 4];
        const Exact exact(bytes, static_cast<std::size_t>(i) % 8);
        if (const auto parsed = parse_message(exact.bytes(), Limits{})) CHECK_FALSE(encode_any(*parsed).empty());
    }
}

TEST_CASE("what goes beyond a limit is refused with 1009, and what just fits is not", "[wire][codec][limits]") {
    const auto code = [](ByteSpan bytes, const Limits& limits) {
        const auto parsed = parse_message(bytes, limits);
        return parsed ? 0 : int{parsed.error().close_code};
    };
    const Bytes goodbye = encode(Goodbye{.close_code = 1000, .reason = std::string(40, 'r')});
    CHECK(code(goodbye, {.message_bytes_max = goodbye.size()}) == 0);
    CHECK(code(goodbye, {.message_bytes_max = goodbye.size() - 1}) == 1009);
    CHECK(code(goodbye, {.text_bytes_max = 40}) == 0);
    CHECK(code(goodbye, {.text_bytes_max = 39}) == 1009);

    const Bytes data(100);
    const Bytes input = encode(InputMessage{.tick = 1, .ack_tick = 0, .type = 0, .data = data});
    CHECK(code(input, {.input_bytes_max = 100}) == 0);
    CHECK(code(input, {.input_bytes_max = 99}) == 1009);

    const Bytes hello = encode(Hello{.protocol = 1, .schema_prints = std::vector<std::uint32_t>(100, 7)});
    CHECK(code(hello, {.schema_prints_max = 100}) == 0);
    CHECK(code(hello, {.schema_prints_max = 99}) == 1009);

    const Bytes tick =
        test::encode_whole(TickMessage{.tick = 1, .input_tick = 0, .bodies = std::vector<GroupBody>(20)});
    CHECK(code(tick, {.bodies_max = 20}) == 0);
    CHECK(code(tick, {.bodies_max = 19}) == 1009);

    const Bytes hungry = encode(Hello{.code_tables = std::vector<std::uint64_t>(10, 7)});
    CHECK(code(hungry, {.resources_max = 10}) == 0);
    CHECK(code(hungry, {.resources_max = 9}) == 1009);
    const Bytes dictionaries = encode(Hello{.dictionaries = std::vector<std::uint64_t>(10, 7)});
    CHECK(code(dictionaries, {.resources_max = 10}) == 0);
    CHECK(code(dictionaries, {.resources_max = 9}) == 1009);

    const Bytes token = encode(Hello{.token = std::string(300, 'k')});
    CHECK(code(token, {.text_bytes_max = 10, .token_bytes_max = 300}) == 0);
    CHECK(code(token, {.token_bytes_max = 299}) == 1009);

    const Bytes resource = encode(Resource{.id = 1, .data = Bytes(1000)});
    CHECK(code(resource, {.resource_bytes_max = 1000}) == 0);
    CHECK(code(resource, {.resource_bytes_max = 999}) == 1009);

    const Bytes desync = encode(Desync{.difference = std::string(40, 'd')});
    CHECK(code(desync, {.text_bytes_max = 40}) == 0);
    CHECK(code(desync, {.text_bytes_max = 39}) == 1009);

    const Bytes compressed = encode(Goodbye{.close_code = 1000, .reason = std::string(250, 'r')});
    REQUIRE(compressed.front() == std::byte{0x05});
    CHECK(code(compressed, {.inflated_bytes_max = 512}) == 0);
    CHECK(code(compressed, {.inflated_bytes_max = 128}) == 1009);
}

TEST_CASE("the largest Hello fits into what a server takes as one message", "[wire][codec][limits]") {
    const std::string text(Limits{}.text_bytes_max, 't');
    const Hello hello{.protocol = 1,
                      .schema_hash = 2,
                      .schema_name = text,
                      .sdk_version = text,
                      .player_name = text,
                      .schema_prints = std::vector<std::uint32_t>(Limits{}.schema_prints_max, 0xffffffff),
                      .code_tables = std::vector<std::uint64_t>(Limits{}.resources_max, ~std::uint64_t{0}),
                      .dictionaries = std::vector<std::uint64_t>(Limits{}.resources_max, ~std::uint64_t{0}),
                      .token = std::string(Limits{}.token_bytes_max, 'k')};
    const auto parsed = parse_message(encode(hello), {.message_bytes_max = 16 * 1024});
    REQUIRE(parsed);
    CHECK(same(*parsed, hello));
}

TEST_CASE("a Hello with a token is never compressed, however well it would be", "[wire][codec][H27]") {
    const Bytes hello = encode(Hello{.protocol = 1, .player_name = "aaaa", .token = std::string(4000, 'a')});
    CHECK(hello.front() == std::byte{0x04});
    CHECK(hello.size() > 4000);
}

TEST_CASE("the largest Resource fits into what a client takes as one message", "[wire][codec][limits]") {
    const Resource resource{
        .kind = Resource::Kind::Dictionary, .id = 3, .data = Bytes(Limits{}.resource_bytes_max, std::byte{0xd1})};
    const auto parsed = parse_message(encode(resource), Limits{});
    REQUIRE(parsed);
    CHECK(same(*parsed, resource));
}

TEST_CASE("a Resource of an unknown kind is refused", "[wire][codec]") {
    for (const unsigned kind : {0U, 3U, 255U}) {
        const auto parsed =
            parse_message(encode(Resource{.kind = static_cast<Resource::Kind>(kind), .id = 1}), Limits{});
        CAPTURE(kind);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().close_code == 1002);
    }
}

TEST_CASE("Resources and Desyncs are never compressed", "[wire][codec]") {
    CHECK(encode(Resource{.id = 1, .data = Bytes(5000)}).front() == std::byte{0x04});
    CHECK(encode(Desync{.difference = std::string(250, 'd')}).front() == std::byte{0x04});
}

TEST_CASE("an input of four bytes of the first type costs 41 bytes", "[wire][codec][size]") {
    const Bytes data(4);
    CHECK(encode(InputMessage{.tick = 1000, .ack_tick = 990, .type = 0, .data = data}).size() == 41);
    CHECK(encode(InputMessage{.tick = 1000, .ack_tick = 990, .type = 1, .data = data}).size() == 45);
}

TEST_CASE("text that is not UTF-8 is refused with 1007", "[wire][codec]") {
    for (const char* text : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "name\xff"}) {
        const auto parsed = parse_message(encode(Hello{.player_name = text}), Limits{});
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().close_code == 1007);
        CHECK(parsed.error().message == "The text Hello.player_name is not UTF-8.");
    }
}

TEST_CASE("a text that is too long is cut at a code point before it is sent", "[wire][codec]") {
    std::string reason(255, 'x');
    reason += "\xc3\xa4 and more";
    const auto parsed = parse_message(encode(Goodbye{.close_code = 1000, .reason = reason}), Limits{});
    REQUIRE(parsed);
    CHECK(std::get<Goodbye>(*parsed).reason == std::string(255, 'x'));
}

TEST_CASE("a Hello is never compressed, however well it would", "[wire][codec]") {
    const Hello hello{.protocol = 1,
                      .schema_hash = 2,
                      .schema_name = std::string(250, 's'),
                      .sdk_version = std::string(250, 'v'),
                      .player_name = std::string(250, 'p')};
    const Bytes bytes = encode(hello);
    CHECK(bytes.front() == std::byte{0x04});
    CHECK(bytes.size() > 750);
}

TEST_CASE("other cold messages are compressed where that saves bytes", "[wire][codec]") {
    const Bytes small = encode(Goodbye{.close_code = 1000, .reason = std::string(20, 'r')});
    CHECK(small.front() == std::byte{0x04});
    const Bytes large = encode(Goodbye{.close_code = 1000, .reason = std::string(252, 'r')});
    CHECK(large.front() == std::byte{0x05});
    CHECK(large.size() < 150);
    // Whatever the text, the message is never larger than stored.
    const std::size_t overhead = small.size() - 20;
    SeededRandom random(seed);
    for (std::size_t size = 4; size <= 256; size += 4) {
        std::string noise;
        while (noise.size() < size) noise += static_cast<char>(random.below(128));
        CAPTURE(size);
        CHECK(encode(Goodbye{.close_code = 1000, .reason = noise}).size() <= size + overhead);
    }
}
