// What a server says of itself at /metrics: the text format of Prometheus, version 0.0.4. A reader; it fetches nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidewire/result.h"

namespace tidewire::swarm {

class MetricsText {
public:
    struct Sample {
        std::string name;
        std::map<std::string, std::string> labels{};
        double value = 0;
    };

    /// Errors name the line that is none.
    static Result<MetricsText> parse(std::string_view text);

    const std::vector<Sample>& samples() const { return samples_; }
    /// Of all samples of this name, whatever their labels; empty when there is none.
    std::optional<double> sum(std::string_view name) const;
    /// Of a histogram, over all its other labels: how many values were at or below each bound.
    std::map<double, double> buckets(std::string_view histogram) const;

private:
    std::vector<Sample> samples_;
};

/// The value that a share `q` of what came between two readings lies below, straight within a bucket as Prometheus does it; in the highest
/// bucket its lower bound. Empty when nothing came.
std::optional<double> quantile_between(const std::map<double, double>& before, const std::map<double, double>& after,
                                       double q);

}  // namespace tidewire::swarm
