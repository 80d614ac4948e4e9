// Medians and quantiles of a few measurements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tidewire::bench {

/// The value below which a share `q` (0 to 1) of the measurements lies; 0 when there are none.
inline double quantile(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
    return values[at];
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

}  // namespace tidewire::bench
