// Merging of sorted parts.

#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

namespace {

template <class Combine>
Members merge(const Members& a, const Members& b, const Combine& combine) {
    Members result;
    auto left = a.parts().begin();
    auto right = b.parts().begin();
    while (left != a.parts().end() || right != b.parts().end()) {
        const bool has_left = left != a.parts().end() && (right == b.parts().end() || left->chunk <= right->chunk);
        const bool has_right = right != b.parts().end() && (left == a.parts().end() || right->chunk <= left->chunk);
        const std::uint32_t chunk = has_left ? left->chunk : right->chunk;
        if (const std::uint64_t rows = combine(has_left ? left->rows : 0, has_right ? right->rows : 0); rows != 0)
            result.set_rows(chunk, rows);
        if (has_left) ++left;
        if (has_right) ++right;
    }
    return result;
}

}  // namespace

Members minus(const Members& a, const Members& b) {
    return merge(a, b, [](std::uint64_t left, std::uint64_t right) { return left & ~right; });
}

Members both(const Members& a, const Members& b) {
    return merge(a, b, [](std::uint64_t left, std::uint64_t right) { return left & right; });
}

Members either(const Members& a, const Members& b) {
    return merge(a, b, [](std::uint64_t left, std::uint64_t right) { return left | right; });
}

}  // namespace tidewire::replication
