// A schema as text: what two programs must agree on before they talk, and nothing else. It is what the schema's hash is taken
// of, and what a recording carries for tools that have no generated header.
//
//     tidewire schema 2 game
//     component game.Pos predicted
//       x: float -512..512 step 0.01 integral(of: vx)
//       heading: float -3.141592653589793..3.141592653589793 step 0.001 angle
//       turn[0]: float -1..1 quaternion 9
//     component table game.Profile owner_only
//       0 title: text 0..32
//       1 level: ushort 1..99
//     input game.Move
//       dx: byte -1..1
//     event table game.Chat
//       0 line: text 0..200
//     event game.Hit
//       damage: ubyte 1..100
//
// Nested structs and arrays are flattened. Names of enumerators, drawing (interpolate, snap), priority and the default values
// of tables do not cross the wire, so they are not in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/replication/owned_schema.h"
#include "tidewire/result.h"
#include "tidewire/schema.h"

namespace tidewire::replication {

/// The lines of one declaration, without their ends and indents: its head, then one for each field.
std::vector<std::string> describe(const StructInfo& declaration, Role role);
/// The first line: the schema's name.
std::string describe_name(const SchemaInfo& schema);
/// The whole text, one line a declaration and one a field. The same on every machine and in every locale.
std::string describe(const SchemaInfo& schema);
/// FNV-1a of describe(schema): what SchemaInfo::hash should be.
std::uint64_t schema_hash(const SchemaInfo& schema);

/// What parse_description() accepts: a stranger's text chooses none of our memory.
struct DescriptionLimits {
    std::size_t text_bytes_max = 1024 * 1024;  ///< Some 30'000 fields; the largest game known has hundreds.
    std::size_t declarations_max = 255;  ///< Of components, of inputs and of events: their numbers fit into a byte.
    std::size_t fields_max = 32'767;     ///< Of one declaration: FieldInfo::integral_of has 15 bits.
    std::size_t name_bytes_max = 256;    ///< As every text on the wire.
};

/// Reads what describe() wrote, and nothing else: describe() of the result is `text` again, and its hash is the text's.
/// Aggregates are laid out anew. Fields draw as their kind does by default: angles and quaternions turn, others hold.
/// Errors blame the caller and name the line.
Result<OwnedSchema> parse_description(std::string_view text, const DescriptionLimits& limits = {});

}  // namespace tidewire::replication
