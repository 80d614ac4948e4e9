// Names of strangers in the log.
#include "server/main/log_text.h"

#include <catch2/catch.hpp>

using tidewire::server::quoted;

TEST_CASE("a name cannot leave its quotes in the log", "[server][log]") {
    CHECK(quoted("Ada") == "\"Ada\"");
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("a\"b\\c") == "\"a\\x22b\\x5cc\"");
    CHECK(quoted("a\nstopped ticks=0") == "\"a\\x0astopped ticks=0\"");
    CHECK(quoted("\x1b[31m") == "\"\\x1b[31m\"");
    CHECK(quoted("\xc3\xa9") == "\"\\xc3\\xa9\"");
    CHECK(quoted(std::string(200, 'a'), 5) == "\"aaaaa\"...");
}
