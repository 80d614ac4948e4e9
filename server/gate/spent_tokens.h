// Which single-use tokens have let somebody in. None is forgotten before it expires.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <unordered_set>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "tidewire/identity.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// Any thread may call any of it.
class SpentTokens {
public:
    /// Unpredictable for whoever brings one: random, or a cryptographic hash.
    using Id = std::array<std::byte, 16>;
    enum class Outcome : std::uint8_t {
        Fresh,     ///< And spent from now on.
        Replayed,  ///< Spent before.
        Expired,   ///< Old enough to have been forgotten, whatever the clock says that may have been set back.
        Full,      ///< Nothing has changed.
    };

    explicit SpentTokens(std::size_t entries_max) : entries_max_(entries_max) {}

    /// `expires`: the first second in which nobody would take the token any more. Precondition: now < expires.
    Outcome spend(const Id& id, SystemTime expires, SystemTime now);
    /// It has let nobody in after all: with the same `expires` it is fresh again.
    void give_back(const Id& id, SystemTime expires);

    /// What another process needs to refuse the same tokens: "TWSPENT1", what has expired by then (8 bytes, little-endian, Unix seconds), for
    /// each token its expiry (8 bytes) and its id, and SHA-256 of all before it.
    Bytes save() const;
    /// What save() has written is spent here as well, also beyond entries_max. An Error is the second half of a sentence, and nothing has
    /// changed.
    Result<void> restore(ByteSpan saved);

    std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return ids_.size();
    }

private:
    struct Hash {
        std::size_t operator()(const Id& id) const;
    };
    using Entry = std::pair<SystemTime, Id>;

    mutable std::mutex mutex_;
    std::unordered_set<Id, Hash> ids_;
    std::set<Entry> by_expiry_;
    SystemTime forgotten_ = SystemTime::min();  // what expires until then may have been spent
    std::size_t entries_max_;
};

}  // namespace tidewire::server
