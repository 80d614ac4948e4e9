// What differs between two versions of a schema, said in the words of the schema.
#pragma once

#include <optional>
#include <string>

#include "tools/schemac/declarations.h"

namespace schemac {

/// One line of each schema: "game.Pos.x: float (range: "-1..1")". Empty where the schema has no such line.
struct Difference {
    std::string older;
    std::string newer;
    std::string remedy;
};

/// The first line of `older` that `newer` does not keep; empty when it only appends (see schema_evolution.h).
/// Precondition: the attributes of both are checked and without error.
std::optional<Difference> first_difference(const Declarations& older, const Declarations& newer);

}  // namespace schemac
