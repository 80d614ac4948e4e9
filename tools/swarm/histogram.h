// Durations by the million in a few kilobytes: their quantiles, to within one part in a hundred.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/core/base/time.h"

namespace tidewire::swarm {

/// Buckets grow with the value, 64 to each doubling, and are exact below 64 microseconds.
class Histogram {
public:
    /// What is below zero counts as zero.
    void add(Duration value);
    void merge(const Histogram& other);

    std::uint64_t count() const { return count_; }
    /// The value that a share `q` (0 to 1) of all lies at or below, in milliseconds; empty without values.
    std::optional<double> quantile_ms(double q) const;
    /// Exact.
    std::optional<double> max_ms() const;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    Duration max_{0};
};

}  // namespace tidewire::swarm
