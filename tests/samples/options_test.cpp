// What the client is told, and what it says of it.
#include "samples/arena/client/options.h"

#include <catch2/catch.hpp>

#include "samples/arena/client/complaint.h"
#include "samples/arena/client/window.h"

namespace arena {

TEST_CASE("two players of one user have different names that are shown whole", "[arena][client]") {
    CHECK(default_name("anna", 36) == "anna-10");
    CHECK(default_name("anna", 37) == "anna-11");
    CHECK(default_name("a-very-long-name", 1) == "a-very-01");
    CHECK(default_name(nullptr, 0) == "player-00");
    CHECK(default_name("", 0) == "player-00");
    CHECK(default_name("m\xC3\xBCller", 0) == "player-00");
}

TEST_CASE("what is no flag is refused", "[arena][client]") {
    std::string program = "arena";
    std::string flag = "--nonsense";
    char* arguments[] = {program.data(), flag.data(), nullptr};
    const ParsedOptions parsed = parse_options(2, arguments);
    CHECK(!parsed.options);
    CHECK(parsed.exit_code == 2);
}

TEST_CASE("a link is one of those that there are", "[arena][client]") {
    const auto parse = [](std::string link) {
        std::string program = "arena";
        std::string flag = "--link";
        std::string graphs = "--graphs";
        char* arguments[] = {program.data(), flag.data(), link.data(), graphs.data(), nullptr};
        return parse_options(4, arguments);
    };
    const ParsedOptions hotel = parse("hotel-wifi");
    REQUIRE(hotel.options);
    CHECK(hotel.options->link == "hotel-wifi");
    CHECK(hotel.options->graphs);
    CHECK(parse("carrier-pigeon").exit_code == 2);
}

TEST_CASE("who wants to watch says so", "[arena][client]") {
    std::string program = "arena";
    std::string flag = "--spectate";
    char* arguments[] = {program.data(), flag.data(), nullptr};
    const ParsedOptions parsed = parse_options(2, arguments);
    REQUIRE(parsed.options);
    CHECK(parsed.options->spectate);
    CHECK_FALSE(parse_options(1, arguments).options->spectate);
}

TEST_CASE("a complaint is one line that cannot move the terminal", "[arena][client]") {
    CHECK(one_line("plain m\xC3\xBCll \xE2\x82\xAC") == "plain m\xC3\xBCll \xE2\x82\xAC");
    CHECK(one_line("a\nb\x1B[2Jc\x7F") == "a b [2Jc ");
    CHECK(one_line("a\xC2\x9B"
                   "b\xE2\x80\xAE"
                   "c\xE2\x81\xA6") == "a b c ");
    CHECK(one_line("\xE2") == "\xE2");
}

TEST_CASE("a screenshot without a folder is refused before play, in a sentence", "[arena][client]") {
    CHECK(Window::can_save_png("picture.png"));
    const auto missing = Window::can_save_png("/no/such/folder/picture.png");
    REQUIRE(!missing);
    CHECK(missing.error().message ==
          "cannot write the screenshot /no/such/folder/picture.png: there is no folder /no/such/folder");
    CHECK(!Window::can_save_png("/"));
}

}  // namespace arena
