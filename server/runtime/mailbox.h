// What threads hand to one of them: a bounded list behind a mutex. It wakes nobody.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace tidewire::server {

template <class T>
class Mailbox {
public:
    explicit Mailbox(std::size_t letters_max) : letters_max_(letters_max) {}

    /// False when it is full; `letter` is as it was then.
    bool push(T& letter) {
        const std::lock_guard lock(mutex_);
        if (letters_.size() >= letters_max_) return false;
        letters_.push_back(std::move(letter));
        return true;
    }

    /// All that has come, in order.
    std::vector<T> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(letters_, {});
    }

private:
    std::size_t letters_max_;
    std::mutex mutex_;
    std::vector<T> letters_;
};

}  // namespace tidewire::server
