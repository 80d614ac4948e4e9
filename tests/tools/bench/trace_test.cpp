// Traces survive their files; a file of another shape is refused with what to do.
#include "tools/bench/trace.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace tidewire;
using namespace tidewire::bench;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

class Directory {
public:
    Directory() {
        std::string pattern = (fs::temp_directory_path() / "tidewire-trace-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Directory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::string file_of(const std::string& content) const {
        std::ofstream(file("made.bin"), std::ios::binary) << content;
        return file("made.bin");
    }

private:
    fs::path path_;
};

const Trace small{2, 3, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, -5, 6}};

}  // namespace

TEST_CASE("a trace is its frames, rows and columns", "[bench][trace]") {
    CHECK(small.frames() == 2);
    CHECK(small.frame(1).size() == 6);
    CHECK(small.frame(1)[1 * 3 + 1] == -5);
    CHECK(Trace{}.frames() == 0);
}

TEST_CASE("rows that differ in any column count as changed, once", "[bench][trace]") {
    CHECK(changed_rows(small.frame(0), small.frame(1), 3) == 1);
    CHECK(changed_rows(small.frame(0), small.frame(0), 3) == 0);
    const std::vector<std::int32_t> other = {0, 0, 0, 0, 0, 0};
    CHECK(changed_rows(small.frame(0), other, 3) == 2);
}

TEST_CASE("what is written is read again", "[bench][trace]") {
    const Directory directory;
    const Trace extreme{1, 2, {0, -1, 0x7fffffff, -0x7fffffff - 1}};
    REQUIRE(write_trace(directory.file("extreme.bin"), extreme));
    const auto read = read_trace(directory.file("extreme.bin"), 1, 2);
    REQUIRE(read);
    CHECK(read->values == extreme.values);
    CHECK(read->frames() == 2);
}

TEST_CASE("values are four bytes, the lowest first, without a header", "[bench][trace]") {
    const Directory directory;
    const auto read = read_trace(directory.file_of(std::string("\x01\x02\x00\x00\xfe\xff\xff\xff", 8)), 1, 1);
    REQUIRE(read);
    CHECK(read->values == std::vector<std::int32_t>{0x201, -2});
}

TEST_CASE("a file of a broken size is refused with both sizes and the remedy", "[bench][trace]") {
    const Directory directory;
    const auto read = read_trace(directory.file_of(std::string(25, 'x')), 2, 3);
    REQUIRE_FALSE(read);
    CHECK(read.error().blame == Blame::Caller);
    CHECK_THAT(read.error().message, Contains("25 bytes") && Contains("2 rows x 3 columns x 4 bytes = 24"));
    CHECK_THAT(read.error().message, Contains("name the shape it was recorded in"));
}

TEST_CASE("neither an empty file nor an empty shape is a trace", "[bench][trace]") {
    const Directory directory;
    CHECK_FALSE(read_trace(directory.file_of(""), 2, 3));
    CHECK_FALSE(read_trace(directory.file_of("abcd"), 0, 3));
}

TEST_CASE("a file that cannot be opened is the machine's fault and is named", "[bench][trace]") {
    const Directory directory;
    const auto read = read_trace(directory.file("missing.bin"), 2, 3);
    REQUIRE_FALSE(read);
    CHECK(read.error().blame == Blame::Machine);
    CHECK_THAT(read.error().message, Contains("missing.bin") && Contains("check the path"));
    const auto written = write_trace(directory.file("missing/file.bin"), small);
    REQUIRE_FALSE(written);
    CHECK(written.error().blame == Blame::Machine);
    CHECK_THAT(written.error().message, Contains("missing/file.bin"));
    CHECK_FALSE(read_trace(directory.file(""), 2, 3));
}
