// One component, input or event of a type that only the schema knows: its memory and the life in it.
#pragma once

#include <cstring>
#include <utility>

#include "tidewire/schema.h"
#include "tidewire/state.h"

namespace tidewire::replication {

class Aggregate {
public:
    /// Zeros, or as a default-made T where T owns memory. `info` must outlive it.
    explicit Aggregate(const StructInfo& info) : info_(&info), memory_(info.size, info.alignment) {
        if (info.lifecycle.construct != nullptr)
            info.lifecycle.construct(memory_.get());
        else
            std::memset(memory_.get(), 0, info.size);
    }
    ~Aggregate() { end(); }
    /// Its address moves along.
    Aggregate(Aggregate&& other) noexcept
        : info_(std::exchange(other.info_, nullptr)), memory_(std::move(other.memory_)) {}
    Aggregate& operator=(Aggregate&& other) noexcept {
        if (this != &other) {
            end();
            info_ = std::exchange(other.info_, nullptr);
            memory_ = std::move(other.memory_);
        }
        return *this;
    }

    void* get() { return memory_.get(); }
    const void* get() const { return memory_.get(); }

private:
    void end() {
        if (info_ != nullptr && info_->lifecycle.destroy != nullptr) info_->lifecycle.destroy(memory_.get());
    }

    const StructInfo* info_;  // null: moved from
    World::Values memory_;
};

}  // namespace tidewire::replication
