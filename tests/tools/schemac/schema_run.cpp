// Runs flatc and tidewire-schemac on schema texts.
#include "tests/tools/schemac/schema_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace fs = std::filesystem;

namespace {

const std::string opening = "include \"tidewire.fbs\"; namespace game;\n";

std::string quoted(const std::string& word) { return "'" + word + "'"; }

}  // namespace

SchemaRun::SchemaRun() {
    std::string pattern = (fs::temp_directory_path() / "tidewire-schemac-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
}

SchemaRun::~SchemaRun() {
    std::error_code error;
    fs::remove_all(directory_, error);
}

void SchemaRun::write(const std::string& file, const std::string& text) const {
    fs::create_directories((directory_ / file).parent_path());
    std::ofstream stream(directory_ / file, std::ios::binary);
    stream << text;
    stream.close();
    REQUIRE(stream.good());
}

std::string SchemaRun::read(const std::string& file) const {
    std::ifstream stream(directory_ / file, std::ios::binary);
    INFO(file);
    REQUIRE(stream.good());
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

Finished SchemaRun::run(const std::string& program, const std::vector<std::string>& arguments) const {
    std::ostringstream command;
    command << "cd " << quoted(directory_.string()) << " && " << quoted(program);
    for (const std::string& argument : arguments) command << " " << quoted(argument);
    command << " >out.txt 2>err.txt";
    const int status = std::system(command.str().c_str());
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), read("out.txt"), read("err.txt")};
}

void SchemaRun::flatc() const {
    const Finished finished = run(TIDEWIRE_FLATC, {"--binary", "--schema", "--bfbs-comments", "--bfbs-builtins", "-I",
                                                   TIDEWIRE_SOURCE_DIR "/sdk/schema", "./game.fbs"});
    INFO(finished.out << finished.err);
    REQUIRE(finished.exit_code == 0);
}

Finished SchemaRun::schemac(const std::vector<std::string>& arguments) const {
    return run(TIDEWIRE_SCHEMAC, arguments);
}

std::vector<std::string> errors_of(const std::string& body) {
    const SchemaRun schema;
    schema.write("game.fbs", opening + body);
    schema.flatc();
    const Finished finished =
        schema.schemac({"game.bfbs", "--source", "game.fbs", "--header", "game.h", "--depfile", "game.d"});
    std::vector<std::string> errors;
    std::istringstream lines(finished.err);
    for (std::string line; std::getline(lines, line);) errors.push_back(line);
    INFO(finished.err);
    CHECK(finished.out.empty());
    CHECK(finished.exit_code == (errors.empty() ? 0 : 1));
    CHECK(schema.exists("game.h") == errors.empty());
    CHECK(schema.exists("game.d") == errors.empty());
    return errors;
}

Canonical canonical_of(const std::string& body) {
    const SchemaRun schema;
    schema.write("game.fbs", opening + body);
    schema.flatc();
    const Finished finished = schema.schemac({"game.bfbs", "--header", "game.h", "--print-canonical"});
    INFO(finished.err);
    REQUIRE(finished.exit_code == 0);
    const std::string header = schema.read("game.h");
    const std::size_t hash = header.find(".hash = ");
    REQUIRE(hash != std::string::npos);
    return {finished.out, header.substr(hash + 8, 18)};
}
