// Which entities belong to a group, as rows of the world: both ends of a stream hold the same, so a row's rank in it is a name.
#pragma once

#include <cassert>
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
    /// The same for a chunk beyond the last part.
    void append(std::uint32_t chunk, std::uint64_t rows) {
        assert(parts_.empty() || parts_.back().chunk < chunk);
        if (rows != 0) parts_.push_back({chunk, rows});
    }
    /// Those of `parts` that `rows(part)` says. How many are left with none cannot be foreseen: no branch.
    template <class Rows>
    void assign(const std::vector<Part>& parts, const Rows& rows) {
        parts_.resize(parts.size());
        Part* next = parts_.data();
        for (const Part& part : parts) {
            *next = {part.chunk, rows(part)};
            next += next->rows != 0 ? 1 : 0;
        }
        parts_.resize(static_cast<std::size_t>(next - parts_.data()));
    }
    /// Makes room for as many parts.
    void reserve(std::size_t parts) { parts_.reserve(parts); }
    void clear() { parts_.clear(); }
    void swap(Members& other) noexcept { parts_.swap(other.parts_); }

    friend bool operator==(const Members&, const Members&) = default;

private:
    std::vector<Part>::iterator at_or_after(std::uint32_t chunk);

    std::vector<Part> parts_;
};

/// Looks up the rows of chunks that are asked for in ascending order.
class RowsWalk {
public:
    explicit RowsWalk(const Members& rows) : next_(rows.parts().begin()), end_(rows.parts().end()) {}

    /// 0 when the chunk has none.
    std::uint64_t at(std::uint32_t chunk) {
        while (next_ != end_ && next_->chunk < chunk) ++next_;
        return next_ != end_ && next_->chunk == chunk ? next_->rows : 0;
    }

private:
    std::vector<Members::Part>::const_iterator next_;
    std::vector<Members::Part>::const_iterator end_;
};

/// Every entity of a snapshot: the group of a world that is told as a whole.
Members all_members(const Snapshot& snapshot);

}  // namespace tidewire::replication
