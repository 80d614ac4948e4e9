// Which entities belong to a group, as rows of the world: both ends of a stream hold the same, so a row's rank in it is a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sdk/core/replication/snapshot.h"

namespace tidewire::replication {

/// Ascending parts of 64 rows, none empty.
class Members {
public:
    struct Part {
        std::uint32_t chunk;
        std::uint64_t rows;
        friend bool operator==(const Part&, const Part&) = default;
    };

    const std::vector<Part>& parts() const { return parts_; }
    bool empty() const { return parts_.empty(); }
    std::size_t count() const;
    bool has(std::uint32_t index) const { return (rows(index / Chunk::rows) >> (index % Chunk::rows) & 1) != 0; }
    /// The rows of one chunk; 0 when it has none.
    std::uint64_t rows(std::size_t chunk) const;

    /// Nothing happens when it is there already.
    void insert(std::uint32_t index);
    /// Nothing happens when it is not there.
    void erase(std::uint32_t index);
    /// Replaces a chunk's rows; 0 takes the part away.
    void set_rows(std::uint32_t chunk, std::uint64_t rows);
    void clear() { parts_.clear(); }

    friend bool operator==(const Members&, const Members&) = default;

private:
    std::vector<Part>::iterator at_or_after(std::uint32_t chunk);

    std::vector<Part> parts_;
};

/// Every entity of a snapshot: the group of a world that is told as a whole.
Members all_members(const Snapshot& snapshot);

}  // namespace tidewire::replication
