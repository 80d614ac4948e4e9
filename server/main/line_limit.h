// How many lines of one sort a log takes: a flood of them must not fill a disk, and what is left out is counted.
#pragma once

#include <cstdint>

#include "sdk/core/base/time.h"

namespace tidewire::server {

class LineLimit {
public:
    explicit LineLimit(std::uint32_t lines_per_second) : lines_per_second_(lines_per_second) {}

    /// May one more line be written? Otherwise it is counted.
    bool take(TimePoint now) {
        if (now >= second_ends_) {
            second_ends_ = now + std::chrono::seconds(1);
            lines_ = 0;
        }
        if (lines_ < lines_per_second_) {
            ++lines_;
            return true;
        }
        ++left_out_;
        return false;
    }

    /// How many were left out since this was asked last; 0 until their second is over, so that it is told once.
    std::uint64_t take_left_out(TimePoint now) { return now < second_ends_ ? 0 : take_left_out(); }
    std::uint64_t take_left_out() {
        const std::uint64_t count = left_out_;
        left_out_ = 0;
        return count;
    }

private:
    std::uint32_t lines_per_second_;
    std::uint32_t lines_ = 0;
    std::uint64_t left_out_ = 0;
    TimePoint second_ends_{};
};

}  // namespace tidewire::server
