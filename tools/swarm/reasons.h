// How often something happened, by why it did.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tidewire::swarm {

class Reasons {
public:
    /// Sentences of a server may name each client; further kinds than this count together.
    static constexpr std::size_t kinds_max = 64;

    /// The text may be a stranger's.
    void add(const std::string& reason, std::uint64_t times = 1);
    void merge(const Reasons& other);

    std::uint64_t total() const { return total_; }
    const std::map<std::string, std::uint64_t>& by_text() const { return by_text_; }

private:
    std::map<std::string, std::uint64_t> by_text_;
    std::uint64_t total_ = 0;
};

}  // namespace tidewire::swarm
