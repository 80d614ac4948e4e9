// Schemas that a seed makes: components with fields of every kind, as the schema compiler would let them pass.
#pragma once

#include "sdk/core/base/random.h"
#include "sdk/core/replication/owned_schema.h"

namespace tidewire::replication::testing {

struct SchemaShape {
    std::uint32_t components_max = 7;
    std::uint32_t fields_max = 6;
};

/// At least one component of each: told to all, told to the owner alone, and a table; in random order. Memory is its own.
OwnedSchema random_schema(SeededRandom& random, const SchemaShape& shape = {});

/// `older` with one more component of each kind behind the others.
OwnedSchema appended(const SchemaInfo& older, SeededRandom& random);

}  // namespace tidewire::replication::testing
