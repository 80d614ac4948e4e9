// Runs flatc and tidewire-schemac on schema texts.
#include "tests/tools/schemac/schema_run.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace {

const std::string opening = "include \"tidewire.fbs\"; namespace game;\n";

}  // namespace

void SchemaRun::flatc() const {
    const Finished finished = run_program(folder_, TIDEWIRE_FLATC,
                                          {"--binary", "--schema", "--bfbs-comments", "--bfbs-builtins", "-I",
                                           TIDEWIRE_SOURCE_DIR "/sdk/schema", "./game.fbs"});
    INFO(finished.out << finished.err);
    REQUIRE(finished.exit_code == 0);
}

Finished SchemaRun::schemac(const std::vector<std::string>& arguments) const {
    return run_program(folder_, TIDEWIRE_SCHEMAC, arguments);
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
