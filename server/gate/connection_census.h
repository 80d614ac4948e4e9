// How many connections a server has, in all and of each address. All shards count in it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "server/gate/address_key.h"

namespace tidewire::server {

struct CensusLimits {
    std::uint32_t connections_max = 128;
    /// Beyond those: enough for a probe of /healthz and for a queue of players to be told why they cannot join, too few to be worth
    /// attacking.
    std::uint32_t reserve = 16;
    /// Of one IPv4 address, or of one /64 of IPv6, which is what one customer gets; 0: as many as there are. Loopback and trusted
    /// fronts, who speak for many, are not counted. Who joins anew counts with those of its address whose places are kept.
    std::uint32_t per_address_max = 0;
};

/// Safe to be called from any thread. It must outlive its entries.
class ConnectionCensus {
public:
    enum class Verdict : std::uint8_t {
        Welcome,
        Surplus,  ///< Of the reserve: only to be told why.
        Crowded,  ///< Too many others of its address are welcome: only to be told why, and counted as one of the reserve.
        Refused,  ///< Even the reserve is used up.
    };

    /// One connection, as long as this lives.
    class Entry {
    public:
        Entry() = default;
        Entry(Entry&& other) noexcept
            : census_(std::exchange(other.census_, nullptr)), verdict_(other.verdict_), key_(other.key_) {}
        Entry& operator=(Entry&& other) noexcept;
        ~Entry();
        Verdict verdict() const { return verdict_; }

    private:
        friend class ConnectionCensus;
        using Key = AddressKey;
        ConnectionCensus* census_ = nullptr;
        Verdict verdict_ = Verdict::Refused;
        Key key_{};  // of its address, if it is welcome; zeros: it is not counted by address
    };

    /// A player of some address that has lost its connection and may come back, as long as this lives.
    class Away {
    public:
        Away() = default;
        Away(Away&& other) noexcept : census_(std::exchange(other.census_, nullptr)), key_(other.key_) {}
        Away& operator=(Away&& other) noexcept;
        ~Away() { end(); }

    private:
        friend class ConnectionCensus;
        void end();
        ConnectionCensus* census_ = nullptr;
        AddressKey key_{};
    };

    /// `fronts` must outlive it.
    ConnectionCensus(CensusLimits limits, const Fronts& fronts) : limits_(limits), fronts_(&fronts) {}

    Entry enter(std::string_view address);
    /// A front has said for whom it speaks. The verdict of `entry` may become Crowded.
    void set_address(Entry& entry, std::string_view address);

    /// The player of this connection keeps its place without it.
    Away keep_place(const Entry& entry);
    /// Whether who joins anew by this connection finds its address within per_address_max, kept places included: otherwise whoever joins
    /// and breaks off again and again would hold every seat. Those who come back are not asked: a whole house may have lost its way at once.
    bool may_join(const Entry& entry) const;

    const CensusLimits& limits() const { return limits_; }
    std::size_t connections() const;

private:
    using Key = Entry::Key;

    void leave(Entry& entry);
    /// Of who is welcome in all: whether he is by his address as well, and then he counts.
    bool count_address(Entry& entry, std::string_view address);
    void uncount_address(Entry& entry);

    CensusLimits limits_;
    const Fronts* fronts_;
    mutable std::mutex mutex_;
    std::uint32_t welcome_ = 0;
    std::uint32_t reserve_used_ = 0;
    std::map<Key, std::uint32_t> of_address_;
    std::map<Key, std::uint32_t> away_of_address_;
};

}  // namespace tidewire::server
