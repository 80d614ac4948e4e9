// Numbers that should come one after another, and what became of that.
#pragma once

#include <cstdint>

namespace tidewire::bench {

struct Sequence {
    std::uint32_t next = 1;
    std::uint32_t lost = 0;
    std::uint32_t doubled = 0;

    void take(std::uint32_t number) {
        if (number < next) {
            ++doubled;
            return;
        }
        lost += number - next;
        next = number + 1;
    }
};

}  // namespace tidewire::bench
