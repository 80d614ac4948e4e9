// The scalars of a struct, one after another: nested structs and fixed-size arrays taken apart.
#pragma once

#include <string>
#include <vector>

#include "tools/schemac/declarations.h"

namespace schemac {

struct FlatField {
    std::string path;    ///< "corner.x", "slots[2]".
    std::string offset;  ///< A C++ expression.
    const Field* field;  ///< The declaration.
    int integral_of = -1;
};

/// The result refers to `declarations`. Precondition: the attributes are checked and without error.
std::vector<FlatField> flat_fields(const Declarations& declarations, const Struct& type);

}  // namespace schemac
