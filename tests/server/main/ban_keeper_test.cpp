// Bans in a file: read at the start, written at each change, and never half.
#include "server/main/ban_keeper.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <future>
#include <string>

#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;
using tidewire::test::Folder;

namespace {

const SystemTime wall{1'800'000'000s};

struct Book {
    Fronts fronts;
    BanBook book{fronts, [] { return wall; }};
};

}  // namespace

TEST_CASE("what is kept in the file is in the next server's book", "[server][bans]") {
    const Folder folder;
    const std::string path = folder / "bans.jsonl";
    {
        Book first;
        REQUIRE(load_bans(path, first.book));  // it is not there yet
        const BanKeeper keeper(path, first.book, {});
        REQUIRE(first.book.add({.subject = "account-7 \"\n\xc3\xa9", .until = wall + 60s, .reason = "a \"b\""}));
        REQUIRE(first.book.add({.address = "2001:db8::7", .until = wall + 120s}));
        const auto lifted = first.book.add({.subject = "account-9", .until = wall + 60s});
        REQUIRE(lifted);
        REQUIRE(first.book.lift(*lifted));
    }
    CHECK(folder.read("bans.jsonl") ==
          "{\"subject\":\"account-7 \\\"\\n\\u00e9\",\"until\":\"2027-01-15T08:01:00Z\",\"reason\":\"a \\\"b\\\"\"}\n"
          "{\"address\":\"2001:db8::7\",\"until\":\"2027-01-15T08:02:00Z\",\"reason\":\"\"}\n");
    CHECK_FALSE(folder.has("bans.jsonl.new"));
    Book second;
    REQUIRE(load_bans(path, second.book));
    CHECK(second.book.refusal({}, "account-7 \"\n\xc3\xa9") == "banned until 2027-01-15T08:01:00Z: a \"b\"");
    CHECK(second.book.refusal("2001:db8::8", {}));
    CHECK(second.book.list().size() == 2);
}

TEST_CASE("what is left of a ban whose address was banned anew is kept in the file", "[server][bans]") {
    const Folder folder;
    const std::string path = folder / "bans.jsonl";
    {
        Book first;
        const BanKeeper keeper(path, first.book, {});
        REQUIRE(first.book.add({.subject = "alice", .address = "203.0.113.7", .until = wall + 60s, .reason = "x"}));
        REQUIRE(first.book.add({.subject = "bob", .address = "203.0.113.7", .until = wall + 120s, .reason = "y"}));
    }
    CHECK(folder.read("bans.jsonl") ==
          "{\"subject\":\"alice\",\"until\":\"2027-01-15T08:01:00Z\",\"reason\":\"x\"}\n"
          "{\"subject\":\"bob\",\"address\":\"203.0.113.7\",\"until\":\"2027-01-15T08:02:00Z\",\"reason\":\"y\"}\n");
    Book second;
    REQUIRE(load_bans(path, second.book));
    CHECK(second.book.refusal({}, "alice"));
    CHECK(second.book.refusal("203.0.113.7", {}));
    CHECK(second.book.list().size() == 2);
}

TEST_CASE("bans that are over are not read, and lines that are none are named", "[server][bans]") {
    const Folder folder;
    const auto load = [&](std::string_view text) {
        Book book;
        const auto loaded = load_bans(folder.write("bans", text), book.book);
        return loaded ? std::to_string(book.book.list().size()) : loaded.error().message;
    };
    CHECK(load("") == "0");
    CHECK(load("\n{\"subject\":\"a\",\"until\":\"2027-01-15T08:00:00Z\"}\n{\"subject\":\"b\",\"until\":\"2027-01-15T08:00:01Z\"}\n") == "1");
    using Catch::Matchers::Contains;
    CHECK_THAT(load("{\"subject\":\"a\",\"until\":\"2030-01-01T00:00:00Z\"}\nsubject b\n"), Contains("line 2 is no ban") && Contains("--bans"));
    CHECK_THAT(load("{\"subject\":\"a\"}\n"), Contains("line 1 is no ban"));
    CHECK_THAT(load("{\"address\":\"127.0.0.1\",\"until\":\"2030-01-01T00:00:00Z\"}\n"), Contains("line 1: 127.0.0.1 is this machine"));
}

TEST_CASE("each change is written while the server runs", "[server][bans]") {
    const Folder folder;
    Book book;
    const BanKeeper keeper(folder / "bans", book.book, {});
    REQUIRE(book.book.add({.subject = "a", .until = wall + 60s}));
    // By the keeper's own thread: this one looks until it is there.
    while (!folder.has("bans") || folder.read("bans").empty()) std::this_thread::yield();
    CHECK(folder.read("bans").find("\"a\"") != std::string::npos);
}

TEST_CASE("a file that cannot be written is told, and the old one stays", "[server][bans]") {
    const Folder folder;
    const std::string path = folder.write("bans", "{\"subject\":\"a\",\"until\":\"2030-01-01T00:00:00Z\",\"reason\":\"\"}\n");
    std::filesystem::create_directory(path + ".new");
    Book book;
    REQUIRE(load_bans(path, book.book));
    std::promise<std::string> failure;
    bool told = false;
    {
        const BanKeeper keeper(path, book.book, [&](const Error& error) {
            if (!std::exchange(told, true)) failure.set_value(error.message);
        });
        CHECK(failure.get_future().get().find("bans_file (--bans): ") == 0);
    }
    CHECK(folder.read("bans").find("\"a\"") != std::string::npos);
}
