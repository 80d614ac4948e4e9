// By the shell, as people run it.
#include "tests/tools/program.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

namespace {

std::string quoted(const std::string& word) { return "'" + word + "'"; }

}  // namespace

Finished run_program(const tidewire::test::Folder& folder, const std::string& program,
                     const std::vector<std::string>& arguments) {
    std::ostringstream command;
    command << "cd " << quoted(folder.path().string()) << " && " << quoted(program);
    for (const std::string& argument : arguments) command << " " << quoted(argument);
    command << " >out.txt 2>err.txt";
    const int status = std::system(command.str().c_str());
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), folder.read("out.txt"), folder.read("err.txt")};
}
