// Merging of sorted parts.

#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

namespace {

/// At most `parts_max` parts come of it.
template <class Combine>
Members merge(const Members& a, const Members& b, std::size_t parts_max, const Combine& combine) {
    Members result;
    result.reserve(parts_max);
    auto left = a.parts().begin();
    auto right = b.parts().begin();
    while (left != a.parts().end() || right != b.parts().end()) {
        const bool has_left = left != a.parts().end() && (right == b.parts().end() || left->chunk <= right->chunk);
        const bool has_right = right != b.parts().end() && (left == a.parts().end() || right->chunk <= left->chunk);
        const std::uint32_t chunk = has_left ? left->chunk : right->chunk;
        result.append(chunk, combine(has_left ? left->rows : 0, has_right ? right->rows : 0));
        if (has_left) ++left;
        if (has_right) ++right;
    }
    return result;
}

}  // namespace

Members minus(const Members& a, const Members& b) {
    if (b.empty()) return a;
    return merge(a, b, a.parts().size(), [](std::uint64_t left, std::uint64_t right) { return left & ~right; });
}

Members both(const Members& a, const Members& b) {
    const std::size_t parts_max = std::min(a.parts().size(), b.parts().size());
    return merge(a, b, parts_max, [](std::uint64_t left, std::uint64_t right) { return left & right; });
}

Members either(const Members& a, const Members& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    const std::size_t parts_max = a.parts().size() + b.parts().size();
    return merge(a, b, parts_max, [](std::uint64_t left, std::uint64_t right) { return left | right; });
}

}  // namespace tidewire::replication
