// A queue that does not allocate once it has been as long as it gets. std::deque frees and takes blocks all the time.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace tidewire {

/// First in, first out. Elements are numbered from 1 in the order of their coming, for good. What was popped stays in its slot until
/// another takes it: whoever queues what holds memory finds it there again, and whoever queues what must go empties it first.
template <class T>
class RingQueue {
public:
    /// From the oldest to the newest.
    class ConstIterator {
    public:
        using iterator_category = std::random_access_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = const T&;

        ConstIterator() = default;
        ConstIterator(const RingQueue& queue, std::uint64_t number) : queue_(&queue), number_(number) {}

        reference operator*() const { return (*queue_)[number_]; }
        pointer operator->() const { return &(*queue_)[number_]; }
        ConstIterator& operator++() { return *this += 1; }
        ConstIterator operator++(int) { return std::exchange(*this, *this + 1); }
        ConstIterator& operator--() { return *this += -1; }
        ConstIterator& operator+=(difference_type count) {
            number_ += static_cast<std::uint64_t>(count);
            return *this;
        }
        ConstIterator operator+(difference_type count) const { return ConstIterator(*this) += count; }
        ConstIterator operator-(difference_type count) const { return ConstIterator(*this) += -count; }
        difference_type operator-(const ConstIterator& other) const {
            return static_cast<difference_type>(number_ - other.number_);
        }
        bool operator==(const ConstIterator& other) const { return number_ == other.number_; }

    private:
        const RingQueue* queue_ = nullptr;
        std::uint64_t number_ = 0;
    };

    bool empty() const { return first_ == end_; }
    std::size_t size() const { return static_cast<std::size_t>(end_ - first_); }
    /// Precondition of both: not empty.
    const T& front() const { return (*this)[first_]; }
    T& front() { return slot(first_); }
    const T& back() const { return (*this)[end_ - 1]; }
    /// Precondition: first() <= number < first() + size().
    const T& operator[](std::uint64_t number) const {
        assert(number >= first_ && number < end_);
        return slots_[number & (slots_.size() - 1)];
    }
    /// The number of the front.
    std::uint64_t first() const { return first_; }
    ConstIterator begin() const { return {*this, first_}; }
    ConstIterator end() const { return {*this, end_}; }

    /// Returns the element's number.
    std::uint64_t push_back(T value) {
        next_slot() = std::move(value);
        return end_ - 1;
    }
    /// The same for who fills it in place: there is what was popped some time ago.
    T& next_slot() {
        if (size() == slots_.size()) grow(slots_.empty() ? 4 : slots_.size() * 2);
        return slot(end_++);
    }
    /// The newest was not to be.
    void take_back() {
        assert(!empty());
        --end_;
    }
    void pop_front() {
        assert(!empty());
        ++first_;
    }
    /// Room for so many: until there are more, elements stay where they are.
    void reserve(std::size_t count) {
        std::size_t slots = 4;
        while (slots < count) slots *= 2;
        if (slots > slots_.size()) grow(slots);
    }
    void clear() { first_ = end_; }

private:
    T& slot(std::uint64_t number) { return slots_[number & (slots_.size() - 1)]; }
    void grow(std::size_t count) {
        std::vector<T> larger(count);
        for (std::uint64_t number = first_; number != end_; ++number)
            larger[number & (larger.size() - 1)] = std::move(slot(number));
        slots_ = std::move(larger);
    }

    std::vector<T> slots_;  // a power of two
    std::uint64_t first_ = 1;
    std::uint64_t end_ = 1;
};

}  // namespace tidewire
