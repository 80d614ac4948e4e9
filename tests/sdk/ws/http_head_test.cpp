// The head parser: what it accepts, what it refuses and with which status, at every cut.
#include "sdk/core/ws/http_head.h"

#include "tests/sdk/ws/endpoint.h"
#include "tests/sdk/ws/splits.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

namespace {

/// The start line, the fields and how many bytes were left over; or the fault.
std::vector<std::string> parse(const Pieces& pieces, const Limits& limits = {}) {
    HeadParser parser(limits);
    std::size_t left = 0;
    for (const ByteSpan piece : pieces) left += piece.size() - parser.receive(piece);
    if (parser.fault()) return {std::to_string(parser.fault()->status) + " " + parser.fault()->reason};
    if (!parser.complete()) return {"incomplete"};
    const Head head = parser.take();
    std::vector<std::string> words{head.start_line};
    for (const HeaderField& field : head.headers) words.push_back(field.name + "=" + field.value);
    words.push_back("left " + std::to_string(left));
    return words;
}

std::vector<std::string> parse_everywhere(std::string_view text, const Limits& limits = {}) {
    INFO(text);
    return same_at_every_split(as_bytes(text), [&](const Pieces& pieces) { return parse(pieces, limits); });
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a head gives its start line and its fields without white space around the values", "[ws][http]") {
    CHECK(parse_everywhere("GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Space: \t b c \t\r\nX-Colon: a:b\r\n\r\n") ==
          Words{"GET / HTTP/1.1", "Host=a", "X-Empty=", "X-Space=b c", "X-Colon=a:b", "left 0"});
    CHECK(parse_everywhere("x\r\n\r\n") == Words{"x", "left 0"});
}

TEST_CASE("bytes behind a head are left to whoever comes next", "[ws][http]") {
    CHECK(parse_everywhere("GET / HTTP/1.1\r\nHost: a\r\n\r\n\x81\x01"
                           "a") == Words{"GET / HTTP/1.1", "Host=a", "left 3"});
}

TEST_CASE("every proper prefix of a head asks for more bytes", "[ws][http]") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t size = 0; size < head.size(); ++size) {
        INFO(size);
        CHECK(parse({as_bytes(head).first(size)}) == Words{"incomplete"});
    }
}

TEST_CASE("RFC 9112 2.2 and 5: a head that leaves the grammar is refused with 400", "[ws][http]") {
    const std::string first = "GET / HTTP/1.1\r\n";
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"\r\n" + first, "the head begins with an empty line"},
        {"GET / HTTP/1.1\nHost: a\r\n\r\n", "a line feed stands without a carriage return"},
        {first + "Host: a\n\r\n", "a line feed stands without a carriage return"},
        {first + "Host: a\r\n\n", "a line feed stands without a carriage return"},
        {first + "Host: a\rb\r\n\r\n", "a carriage return stands without a line feed"},
        {first + "Host: a\r\r\n\r\n", "a carriage return stands without a line feed"},
        {first + "Host: a\r\n folded\r\n\r\n", "a header field is folded over two lines"},
        {first + "Host: a\r\n\tfolded\r\n\r\n", "a header field is folded over two lines"},
        {first + " Host: a\r\n\r\n", "a header field is folded over two lines"},
        {first + "Host\r\n\r\n", "a header field has no colon"},
        {first + "Host : a\r\n\r\n", "the name of a header field is not a token"},
        {first + ": a\r\n\r\n", "the name of a header field is not a token"},
        {first + "Ho st: a\r\n\r\n", "the name of a header field is not a token"},
        {first + "H\xc3\xb6st: a\r\n\r\n", "the name of a header field is not a token"},
        {first + std::string("Host: a\0b\r\n\r\n", 12), "the head has a control character; is it HTTP?"},
        {first + "Host: a\x7f\r\n\r\n", "the head has a control character; is it HTTP?"},
        {"\x16\x03\x01\x02", "the head has a control character; is it HTTP?"},  // a TLS ClientHello
    };
    for (const auto& [text, reason] : rows) CHECK(parse_everywhere(text) == Words{"400 " + reason});
}

TEST_CASE("a head over the limit of bytes is refused with 431 and kept no further", "[ws][http]") {
    const Limits limits{.head_bytes_max = 40};
    const std::string exact = "GET / HTTP/1.1\r\nX: " + std::string(17, 'a') + "\r\n\r\n";
    REQUIRE(exact.size() == 40);
    CHECK(parse_everywhere(exact, limits).size() == 3);
    const Words refused{"431 the head of the request is longer than this server reads"};
    CHECK(parse_everywhere("GET / HTTP/1.1\r\nX: " + std::string(18, 'a') + "\r\n\r\n", limits) == refused);
    CHECK(parse_everywhere(std::string(41, 'a'), limits) == refused);
}

TEST_CASE("a head over the limit of fields is refused with 431", "[ws][http]") {
    std::string text = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 64; ++i) text += "X: 1\r\n";
    CHECK(parse({as_bytes(text + "\r\n")}).size() == 66);
    CHECK(parse_everywhere(text + "X: 1\r\n\r\n") == Words{"431 the head has more fields than this server reads"});
}

TEST_CASE("a header is found whatever its case, the first of several", "[ws][http]") {
    const std::vector<HeaderField> headers = {{"Host", "a"}, {"hOST", "b"}};
    REQUIRE(find_header(headers, "HOST") != nullptr);
    CHECK(*find_header(headers, "HOST") == "a");
    CHECK(find_header(headers, "Hos") == nullptr);
    CHECK(count_headers(headers, "host") == 2);
}
