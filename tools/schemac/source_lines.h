// The text of a schema, as far as the binary schema lost it: on which line a name is declared, which attribute is there
// twice. It expects what flatc accepts and judges nothing else.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace schemac {

/// An attribute that a declaration has more than once (flatc takes the last one with a mere warning).
struct DuplicateAttribute {
    std::string owner;  ///< "game.Pos" or "game.Pos.x".
    std::string name;
};

struct SourceLines {
    std::map<std::string, int> lines;  ///< "game.Pos" and "game.Pos.x" → line, from 1.
    std::vector<DuplicateAttribute> duplicates;
};

SourceLines scan_source(std::string_view text);

}  // namespace schemac
