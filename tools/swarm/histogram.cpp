// Six bits of each value count, beside its magnitude.
#include "tools/swarm/histogram.h"

#include <algorithm>
#include <cmath>

namespace tidewire::swarm {

namespace {

constexpr unsigned bits = 6;
constexpr std::uint64_t per_doubling = 1U << bits;

std::size_t bucket_of(std::uint64_t microseconds) {
    if (microseconds < per_doubling) return static_cast<std::size_t>(microseconds);
    const unsigned shift = 63U - static_cast<unsigned>(__builtin_clzll(microseconds)) - bits;
    return static_cast<std::size_t>((shift + 1) * per_doubling + (microseconds >> shift) - per_doubling);
}

double middle_of(std::size_t bucket) {
    if (bucket < per_doubling) return static_cast<double>(bucket);
    const std::uint64_t shift = bucket / per_doubling - 1;
    const std::uint64_t low = (per_doubling + bucket % per_doubling) << shift;
    return static_cast<double>(low) + static_cast<double>((std::uint64_t{1} << shift) - 1) / 2;
}

}  // namespace

void Histogram::add(Duration value) {
    value = std::max(value, Duration(0));
    const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(value.count()));
    if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
    ++buckets_[bucket];
    ++count_;
    max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
    if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
    for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

std::optional<double> Histogram::quantile_ms(double q) const {
    if (count_ == 0) return std::nullopt;
    const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(q * static_cast<double>(count_))));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i)
        if ((below += buckets_[i]) >= rank) return middle_of(i) / 1000;
    return max_ms();
}

std::optional<double> Histogram::max_ms() const {
    if (count_ == 0) return std::nullopt;
    return to_milliseconds(max_);
}

}  // namespace tidewire::swarm
