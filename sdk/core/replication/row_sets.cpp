// Merging of sorted parts.

#include "sdk/core/replication/row_sets.h"

namespace tidewire::replication {

namespace {

template <class Combine>
void merge(const Members& a, const Members& b, Members& result, const Combine& combine) {
    result.clear();
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
}

}  // namespace

void minus(const Members& a, const Members& b, Members& result) {
    result.clear();
    RowsWalk taken(b);
    for (const Members::Part& part : a.parts()) result.append(part.chunk, part.rows & ~taken.at(part.chunk));
}

Members minus(const Members& a, const Members& b) {
    if (b.empty()) return a;
    Members result;
    result.reserve(a.parts().size());
    minus(a, b, result);
    return result;
}

bool exceeds(const Members& a, const Members& b) {
    RowsWalk there(b);
    return std::any_of(a.parts().begin(), a.parts().end(),
                       [&](const Members::Part& part) { return (part.rows & ~there.at(part.chunk)) != 0; });
}

Members both(const Members& a, const Members& b) {
    Members result;
    result.reserve(std::min(a.parts().size(), b.parts().size()));
    both(a, b, result);
    return result;
}

void both(const Members& a, const Members& b, Members& result) {
    merge(a, b, result, [](std::uint64_t left, std::uint64_t right) { return left & right; });
}

Members either(const Members& a, const Members& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    Members result;
    result.reserve(a.parts().size() + b.parts().size());
    either(a, b, result);
    return result;
}

void either(const Members& a, const Members& b, Members& result) {
    merge(a, b, result, [](std::uint64_t left, std::uint64_t right) { return left | right; });
}

}  // namespace tidewire::replication
