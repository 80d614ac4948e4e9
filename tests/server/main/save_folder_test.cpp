// The files of saved rooms: whole or not at all, and each restored once.
#include "server/main/save_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "tests/support/folder.h"

using namespace tidewire;
using server::SaveFolder;
using test::Folder;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("a room is written for its owner alone, found by its number, and consumed once", "[save]") {
    const Folder folder;
    auto saves = SaveFolder::open(folder / "saves");
    REQUIRE(saves);
    CHECK(mode_of(folder / "saves") == 0700);
    CHECK(saves->rooms().value().empty());
    REQUIRE(saves->write(12, as_bytes("twelve")));
    REQUIRE(saves->write(3, as_bytes("three")));
    folder.write("saves/room-0.twsv", std::string_view("no room"));
    folder.write("saves/room-3x.twsv", std::string_view("no room"));
    folder.write("saves/room-4.twsv.unfinished", std::string_view("half"));
    CHECK(saves->rooms().value() == std::vector<std::uint32_t>{3, 12});
    CHECK(mode_of(saves->file_of(12)) == 0600);
    CHECK(as_text(saves->read(12).value()) == "twelve");
    CHECK_FALSE(folder.has("saves/room-12.twsv.unfinished"));
    // A later one replaces it.
    REQUIRE(saves->write(12, as_bytes("dozen")));
    CHECK(as_text(saves->read(12).value()) == "dozen");
    REQUIRE(saves->consume(12));
    CHECK(saves->rooms().value() == std::vector<std::uint32_t>{3});
    CHECK(folder.read("saves/room-12.twsv.restored") == "dozen");
    CHECK_FALSE(saves->consume(12));
    CHECK_FALSE(saves->read(12));
}

TEST_CASE("what is refused is kept, however often", "[save]") {
    const Folder folder;
    const auto saves = SaveFolder::open(folder / "saves");
    REQUIRE(saves);
    for (const char* text : {"one", "two"}) {
        REQUIRE(saves->write(1, as_bytes(std::string_view(text))));
        REQUIRE(saves->refuse(1));
    }
    REQUIRE(saves->write(1, as_bytes("three")));
    REQUIRE(saves->consume(1));
    REQUIRE(saves->refuse(1));
    CHECK(folder.read("saves/room-1.twsv.refused") == "one");
    CHECK(folder.read("saves/room-1.twsv.refused.2") == "two");
    CHECK(folder.read("saves/room-1.twsv.refused.3") == "three");
    CHECK(saves->rooms().value().empty());
}

TEST_CASE("a folder has one server, and errors name it", "[save]") {
    const Folder folder;
    {
        const auto first = SaveFolder::open(folder / "saves");
        REQUIRE(first);
        const auto second = SaveFolder::open(folder / "saves");
        REQUIRE_FALSE(second);
        CHECK_THAT(second.error().message, Catch::Contains("another server uses"));
    }
    CHECK(SaveFolder::open(folder / "saves"));
    const auto nowhere = SaveFolder::open(folder / "no/such/folder");
    REQUIRE_FALSE(nowhere);
    CHECK_THAT(nowhere.error().message, Catch::Contains("--save-dir") && Catch::Contains("no/such/folder"));
    folder.write("file", std::string_view("text"));
    CHECK_FALSE(SaveFolder::open(folder / "file"));
}

TEST_CASE("a file of which nobody knows whether it lasts is not left for the next start", "[save]") {
    const Folder folder;
    const auto saves = SaveFolder::open(folder / "saves");
    REQUIRE(saves);
    REQUIRE(saves->write(1, as_bytes("one")));
    // Its descriptor of the folder becomes one of something that cannot be synchronised.
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    int replaced = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        if (std::filesystem::read_symlink(entry.path(), error) != folder / "saves") continue;
        REQUIRE(::dup2(ends[0], std::stoi(entry.path().filename().string())) >= 0);
        ++replaced;
    }
    REQUIRE(replaced == 1);
    const auto written = saves->write(1, as_bytes("another"));
    REQUIRE_FALSE(written);
    CHECK_THAT(written.error().message, Catch::Contains("synchronise") && Catch::Contains("saves"));
    CHECK(saves->rooms().value().empty());
    for (const int end : ends) ::close(end);
}
