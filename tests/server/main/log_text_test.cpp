// Names of strangers in the log.
#include "server/main/log_text.h"

#include <catch2/catch.hpp>

using tidewire::server::quoted;

TEST_CASE("a name cannot leave its quotes in the log", "[server][log]") {
    CHECK(quoted("Ada") == "\"Ada\"");
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
    CHECK(quoted("a\nstopped ticks=0") == "\"a\\x0astopped ticks=0\"");
    CHECK(quoted("\x1b[31m") == "\"\\x1b[31m\"");
    CHECK(quoted(std::string(200, 'a'), 5) == "\"aaaaa\"...");
}

TEST_CASE("names of every language stay readable in the log, and nothing but whole code points", "[server][log]") {
    CHECK(quoted("Zo\xc3\xab \xe6\xb5\xb7 \xf0\x9f\x90\x8b") == "\"Zo\xc3\xab \xe6\xb5\xb7 \xf0\x9f\x90\x8b\"");
    CHECK(quoted("\xc3(") == "\"\\xc3(\"");
    CHECK(quoted("\xc3") == "\"\\xc3\"");
    CHECK(quoted("\xed\xa0\x80") == "\"\\xed\\xa0\\x80\"");
    CHECK(quoted("\xc2\x9b"
                 "1m") ==
          "\"\\xc2\\x9b"
          "1m\"");
    CHECK(quoted("a\xe2\x80\xae"
                 "b") ==
          "\"a\\xe2\\x80\\xae"
          "b\"");
    CHECK(quoted("aaaa\xc3\xa9", 5) == "\"aaaa\"...");
    CHECK(quoted("aaa\xc3\xa9", 5) == "\"aaa\xc3\xa9\"");
    CHECK(quoted(std::string(256, 'a')) == "\"" + std::string(256, 'a') + "\"");
    CHECK(quoted(std::string(257, 'a')) == "\"" + std::string(256, 'a') + "\"...");
}
