// How a body begins: which tables have a section in it, and where those end.
#pragma once

#include <cstddef>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// The bytes of one table.
struct BodySection {
    std::size_t table;
    ByteSpan bytes;
};

/// Finds the sections of a body, by table. None is empty. Errors blame the peer.
Result<void> read_body_head(ByteSpan body, std::vector<BodySection>& sections);

/// How long the section of one table is.
struct BodySectionLength {
    std::size_t table;
    std::size_t bytes;
};

/// Appends the head of a body whose sections come next, in this order. Nothing where there is none.
void append_body_head(Bytes& out, const std::vector<BodySectionLength>& lengths);

}  // namespace tidewire::replication
