// Declarations as the SchemaInfo that the generated header will hold, without the header: what is described and compared.
#pragma once

#include "sdk/core/replication/owned_schema.h"
#include "tools/schemac/declarations.h"

namespace schemac {

/// Its hash is that of its description. Precondition: the attributes are checked and without error.
tidewire::replication::OwnedSchema described_schema(const Declarations& declarations);

/// "game": the namespace of all that the schema lists. Precondition: as above.
std::string schema_namespace(const Declarations& declarations);

}  // namespace schemac
