// The hex blocks of sdk/PROTOCOL.md, so that tests decode the very bytes that the document shows.
#pragma once

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/hex.h"

namespace tidewire::test {

/// Every block that begins with ```hex NAME, by NAME. Remarks from # to the end of a line are left out.
/// Throws when the document is not there or shows one name twice.
inline std::map<std::string, Bytes> protocol_hex_blocks() {
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    if (!document) throw std::runtime_error("sdk/PROTOCOL.md cannot be read");
    const std::string opening = "```hex ";
    std::map<std::string, Bytes> blocks;
    std::string line;
    while (std::getline(document, line)) {
        if (line.rfind(opening, 0) != 0) continue;
        const std::string name = line.substr(opening.size());
        std::string text;
        while (std::getline(document, line) && line != "```") text += line.substr(0, line.find('#')) + "\n";
        if (!blocks.emplace(name, from_hex(text)).second) throw std::runtime_error("two hex blocks are named " + name);
    }
    return blocks;
}

/// The text of a block that begins with ```text NAME, without remarks and spaces before them.
inline std::string protocol_text_block(const std::string& name) {
    std::ifstream document(std::string(TIDEWIRE_SOURCE_DIR) + "/sdk/PROTOCOL.md");
    std::string line;
    while (std::getline(document, line) && line != "```text " + name) continue;
    std::string text;
    while (std::getline(document, line) && line != "```") {
        line = line.substr(0, line.find('#'));
        line.erase(line.find_last_not_of(' ') + 1);
        if (!line.empty()) text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

}  // namespace tidewire::test
