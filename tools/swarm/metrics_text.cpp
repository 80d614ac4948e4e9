// name{label="value",…} number [time], one to a line.
#include "tools/swarm/metrics_text.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "sdk/core/base/printable.h"

namespace tidewire::swarm {

namespace {

/// Eats one line from the front.
class LineReader {
public:
    explicit LineReader(std::string_view rest) : rest_(rest) {}

    std::optional<MetricsText::Sample> read() {
        MetricsText::Sample sample;
        sample.name = word();
        if (sample.name.empty() || (next_is('{') && !labels(sample))) return std::nullopt;
        skip_spaces();
        const std::string number(rest_.substr(0, rest_.find_first_of(" \t")));
        char* end = nullptr;
        sample.value = std::strtod(number.c_str(), &end);
        if (number.empty() || end != number.c_str() + number.size()) return std::nullopt;
        return sample;
    }

private:
    std::string word() {
        const std::size_t end =
            rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
        const std::string found(rest_.substr(0, end));
        rest_.remove_prefix(found.size());
        return found;
    }
    void skip_spaces() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    }
    bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
    bool take(char c) {
        skip_spaces();
        if (!next_is(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool labels(MetricsText::Sample& sample) {
        take('{');
        while (!take('}')) {
            const std::string name = word();
            if (name.empty() || !take('=') || !take('"')) return false;
            const auto value = quoted();
            if (!value) return false;
            sample.labels[name] = *value;
            if (!take(',') && !next_is('}')) return false;
        }
        return true;
    }
    /// Up to the quotation mark that ends it.
    std::optional<std::string> quoted() {
        std::string text;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return text;
            if (c == '\\') {
                if (rest_.empty()) break;
                c = rest_.front() == 'n' ? '\n' : rest_.front();
                rest_.remove_prefix(1);
            }
            text += c;
        }
        return std::nullopt;
    }

    std::string_view rest_;
};

}  // namespace

Result<MetricsText> MetricsText::parse(std::string_view text) {
    MetricsText parsed;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') continue;
        auto sample = LineReader(line).read();
        if (!sample)
            return unexpected(Blame::Peer,
                              "this is no line of Prometheus' text format: \"" + printable(line.substr(0, 120)) + "\"");
        parsed.samples_.push_back(std::move(*sample));
    }
    return parsed;
}

std::optional<double> MetricsText::sum(std::string_view name) const {
    std::optional<double> total;
    for (const Sample& sample : samples_)
        if (sample.name == name) total = total.value_or(0) + sample.value;
    return total;
}

std::map<double, double> MetricsText::buckets(std::string_view histogram) const {
    std::map<double, double> by_bound;
    const std::string name = std::string(histogram) + "_bucket";
    for (const Sample& sample : samples_) {
        if (sample.name != name) continue;
        const auto bound = sample.labels.find("le");
        if (bound != sample.labels.end()) by_bound[std::strtod(bound->second.c_str(), nullptr)] += sample.value;
    }
    return by_bound;
}

std::optional<double> quantile_between(const std::map<double, double>& before, const std::map<double, double>& after,
                                       double q) {
    if (after.empty()) return std::nullopt;
    const auto came = [&](double bound, double count) {
        const auto earlier = before.find(bound);
        return count - (earlier == before.end() ? 0 : earlier->second);
    };
    const double total = came(after.rbegin()->first, after.rbegin()->second);
    if (!(total > 0)) return std::nullopt;
    const double rank = q * total;
    double low = 0;
    double below = 0;
    for (const auto& [bound, count] : after) {
        const double within = came(bound, count);
        if (within >= rank && within > below) {
            if (std::isinf(bound)) return low;
            return low + (bound - low) * (rank - below) / (within - below);
        }
        if (!std::isinf(bound)) low = bound;
        below = within;
    }
    return low;
}

}  // namespace tidewire::swarm
