// A component that is a table, as bytes: names, inventories, what changes seldom. Not for what moves: a change sends it whole.
#pragma once

#include <cstddef>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/field_code.h"
#include "tidewire/result.h"
#include "tidewire/schema.h"

namespace tidewire::replication {

// A record is its fields with ascending ids; one that is 0, or empty, within its range is left out.
//   field:  key (varint: gap * 4 + type), value      gap: ids passed over since the last field
//   type 0: varint, of whole numbers (signed ones zigzag)
//   type 1: 4 bytes, little-endian, of floats        type 2: 8 bytes, of doubles
//   type 3: length (varint) and bytes, of texts (UTF-8) and bytes
// So a reader passes over fields that only a newer schema knows.

/// What one record may take: a name, a description and an inventory fit many times over, and a message of 256 KiB still
/// holds a dozen of the largest. What is longer is no state of an entity.
inline constexpr std::size_t record_bytes_max = 16 * 1024;
/// What a text or bytes may have, so that a record that holds nothing else holds it whole: a key takes 2 bytes, a length 3.
inline constexpr std::size_t record_field_bytes_max = record_bytes_max - 5;

/// What does not fit is made to, and counted as saturated: numbers are held at the edge of their range; texts and bytes are
/// cut where their length, or record_bytes_max, says (a text between two characters; one that is not UTF-8 is left out).
/// NaN becomes 0 and is counted. Precondition: info.record is ascending by id.
Bytes encode_record(const StructInfo& info, const void* aggregate, QuantizeCounters& counters);
/// What of it would be cut, in a sentence without its end ("sample.Name.text has 2000 bytes, more than the 1024 of its range"). Empty when
/// every text and all bytes go as they are, as far as one record holds them all.
std::string first_cut(const StructInfo& info, const void* aggregate);

/// Writes every field; those that are absent become 0 (within their range) or empty. Nothing is written on errors, which blame
/// the peer: truncated or trailing bytes, a known field of another type or out of range, text that is not UTF-8, a record
/// beyond record_bytes_max.
Result<void> decode_record(const StructInfo& info, ByteSpan bytes, void* aggregate);

/// The errors of decode_record() alone.
Result<void> check_record(const StructInfo& info, ByteSpan bytes);

/// The first difference in a sentence ("sample.Name.text is "Bo", expected "Ann""); empty when there is none.
/// Precondition: check_record() accepts both.
std::string first_record_difference(const StructInfo& info, ByteSpan actual, ByteSpan expected);

}  // namespace tidewire::replication
