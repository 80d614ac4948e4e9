// A queue that does not allocate once it has been as long as it gets. std::deque frees and takes blocks all the time.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidewire::server {

/// First in, first out. Elements are numbered from 1 in the order of their coming, for good.
template <class T>
class RingQueue {
public:
    bool empty() const { return first_ == end_; }
    std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
    const T& front() const { return (*this)[first_]; }
    /// Precondition: first() <= number < first() + size().
    const T& operator[](std::uint64_t number) const {
        assert(number >= first_ && number < end_);
        return slots_[number & (slots_.size() - 1)];
    }
    /// The number of the front.
    std::uint64_t first() const { return first_; }

    /// Returns the element's number.
    std::uint64_t push_back(const T& value) {
        if (size() == slots_.size()) grow();
        slots_[end_ & (slots_.size() - 1)] = value;
        return end_++;
    }
    void pop_front() {
        assert(!empty());
        ++first_;
    }

private:
    void grow() {
        std::vector<T> larger(slots_.empty() ? 16 : slots_.size() * 2);
        for (std::uint64_t number = first_; number != end_; ++number)
            larger[number & (larger.size() - 1)] = (*this)[number];
        slots_ = std::move(larger);
    }

    std::vector<T> slots_;  // a power of two
    std::uint64_t first_ = 1;
    std::uint64_t end_ = 1;
};

}  // namespace tidewire::server
