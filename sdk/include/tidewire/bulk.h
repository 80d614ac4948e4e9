// What a server sends beside its state: a map, a replay, level data. It comes in parts that yield to the state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidewire {

/// A transfer that is whole.
struct Bulk {
    std::uint32_t id = 0;  ///< As the server's program named it.
    std::vector<std::byte> bytes{};
};

/// The transfer that is on its way.
struct BulkProgress {
    std::uint32_t id = 0;
    std::size_t bytes_received = 0;
    std::size_t bytes_total = 0;
};

}  // namespace tidewire
