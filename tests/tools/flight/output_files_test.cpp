// All files or none.
#include "tools/flight/output_files.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/folder.h"

using namespace tidewire;
using tidewire::flight::OutputFile;
using tidewire::flight::write_files;
using tidewire::test::Folder;

TEST_CASE("files are written beside their places and then take them", "[flight][files]") {
    const Folder folder;
    const std::string a = folder.write("a", "old");
    const std::vector<OutputFile> files = {{a, as_bytes("new a")}, {folder / "b", as_bytes("new b")}};
    REQUIRE(write_files(files));
    CHECK(folder.read("a") == "new a");
    CHECK(folder.read("b") == "new b");
    CHECK_FALSE(folder.has("a.part"));
    CHECK_FALSE(folder.has("b.part"));
}

TEST_CASE("a second file that cannot be written leaves the first as it was", "[flight][files]") {
    const Folder folder;
    const std::string a = folder.write("a", "old");
    folder.write("folder/within", "");
    const std::string second = folder / GENERATE("nowhere/b", "folder");
    const std::vector<OutputFile> files = {{a, as_bytes("new a")}, {second, as_bytes("new b")}};
    const auto written = write_files(files);
    REQUIRE_FALSE(written);
    CHECK(written.error().message == "\"" + second + "\" cannot be written");
    CHECK(folder.read("a") == "old");
    CHECK_FALSE(folder.has("a.part"));
    CHECK_FALSE(folder.has("folder.part"));
}
