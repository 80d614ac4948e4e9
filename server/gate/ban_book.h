// Who may not come in for a time: by identity, and by address. All shards ask it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/gate/address_key.h"
#include "tidewire/ban.h"
#include "tidewire/result.h"

namespace tidewire::server {

struct BanLimits {
    /// Of about 500 bytes each: more than any moderator writes, and no more than a few MiB where a game bans by itself.
    std::size_t bans_max = 10'000;
    std::size_t subject_bytes_max = 128;  ///< As Identity::subject.
};

/// Safe to be called from any thread.
class BanBook {
public:
    /// `fronts` must outlive it. `clock` is the world's, and is kept.
    BanBook(const Fronts& fronts, std::function<SystemTime()> clock, BanLimits limits = {})
        : limits_(limits), fronts_(&fronts), clock_(std::move(clock)) {}

    SystemTime now() const { return clock_(); }

    /// In place of what was said of the same subject and of the same address before; what an older ban says besides stays, with its id.
    /// Errors, and nothing has changed: neither is said, it is over already, no such address, one that speaks for others, too many.
    Result<BanId> add(Ban ban);
    /// False when there is none.
    bool lift(BanId id);
    /// By number, without those that are over.
    std::vector<ListedBan> list() const;

    /// What somebody of this address and identity, which may be empty, is told; empty: they may come in.
    std::optional<std::string> refusal(std::string_view address, std::string_view subject) const;
    /// Called after each add() and lift(), by whoever did it; it must be quick, and call nothing of this. Replaces the one before, which is
    /// not called any more when this returns.
    void on_change(std::function<void()> callback);
    /// Another number after each add() and lift(): whoever keeps one knows whether to look again.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

private:
    using Entry = std::shared_ptr<const ListedBan>;

    Result<AddressKey> key_of(const Ban& ban) const;
    void forget_over(SystemTime now);
    void insert(ListedBan ban);
    void erase(const ListedBan& ban);
    /// What `ban` says besides of this subject and this address. Empty when that is nothing.
    std::optional<ListedBan> rest_of(const ListedBan& ban, std::string_view subject, const AddressKey& key) const;
    void note_change();
    template <class Map, class Key>
    static const ListedBan* find(const Map& map, const Key& key, SystemTime now);

    const BanLimits limits_;
    const Fronts* fronts_;
    std::function<SystemTime()> clock_;
    std::atomic<std::uint64_t> version_ = 1;
    std::mutex change_mutex_;  // of the callback
    std::function<void()> changed_;
    mutable std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    std::map<BanId, Entry> bans_;
    // The same: each subject and each address once. Trees, since others choose what stands in them.
    std::map<std::string, Entry, std::less<>> by_subject_;
    std::map<AddressKey, Entry> by_address_;
};

}  // namespace tidewire::server
