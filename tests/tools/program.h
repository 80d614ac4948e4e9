// Runs one of the tools, the real program, in a folder.
#pragma once

#include <string>
#include <vector>

#include "tests/support/folder.h"

/// What a program did.
struct Finished {
    int exit_code;
    std::string out;
    std::string err;
};

/// Its output goes by way of the folder's out.txt and err.txt.
Finished run_program(const tidewire::test::Folder& folder, const std::string& program,
                     const std::vector<std::string>& arguments);
