// Counts under one lock: whoever accepts takes it once for each connection.
#include "server/gate/connection_census.h"

namespace tidewire::server {

ConnectionCensus::Entry::~Entry() {
    if (census_ != nullptr) census_->leave(*this);
}

ConnectionCensus::Entry& ConnectionCensus::Entry::operator=(Entry&& other) noexcept {
    if (this == &other) return *this;
    if (census_ != nullptr) census_->leave(*this);
    census_ = std::exchange(other.census_, nullptr);
    verdict_ = other.verdict_;
    key_ = other.key_;
    return *this;
}

ConnectionCensus::Entry ConnectionCensus::enter(std::string_view address) {
    const std::lock_guard lock(mutex_);
    Entry entry;
    entry.verdict_ = welcome_ >= limits_.connections_max   ? Verdict::Surplus
                     : count_address(entry, address) ? Verdict::Welcome
                                                     : Verdict::Crowded;
    if (entry.verdict_ != Verdict::Welcome && reserve_used_ >= limits_.reserve) {
        entry.verdict_ = Verdict::Refused;
        return entry;
    }
    ++(entry.verdict_ == Verdict::Welcome ? welcome_ : reserve_used_);
    entry.census_ = this;
    return entry;
}

void ConnectionCensus::set_address(Entry& entry, std::string_view address) {
    const std::lock_guard lock(mutex_);
    // Whoever was turned away stays so: he is being told.
    if (entry.verdict_ != Verdict::Welcome) return;
    uncount_address(entry);
    if (count_address(entry, address)) return;
    entry.verdict_ = Verdict::Crowded;
    --welcome_;
    ++reserve_used_;
}

ConnectionCensus::Away& ConnectionCensus::Away::operator=(Away&& other) noexcept {
    if (this == &other) return *this;
    end();
    census_ = std::exchange(other.census_, nullptr);
    key_ = other.key_;
    return *this;
}

void ConnectionCensus::Away::end() {
    ConnectionCensus* const census = std::exchange(census_, nullptr);
    if (census == nullptr) return;
    const std::lock_guard lock(census->mutex_);
    const auto found = census->away_of_address_.find(key_);
    if (--found->second == 0) census->away_of_address_.erase(found);
}

ConnectionCensus::Away ConnectionCensus::keep_place(const Entry& entry) {
    Away away;
    if (entry.key_ == Key{}) return away;
    const std::lock_guard lock(mutex_);
    ++away_of_address_[entry.key_];
    away.census_ = this;
    away.key_ = entry.key_;
    return away;
}

bool ConnectionCensus::may_join(const Entry& entry) const {
    if (entry.key_ == Key{}) return true;
    const std::lock_guard lock(mutex_);
    const auto away = away_of_address_.find(entry.key_);
    const std::uint32_t kept = away == away_of_address_.end() ? 0 : away->second;
    // The connection itself is one of its address's.
    return of_address_.at(entry.key_) + kept <= limits_.per_address_max;
}

std::size_t ConnectionCensus::connections() const {
    const std::lock_guard lock(mutex_);
    return std::size_t{welcome_} + reserve_used_;
}

void ConnectionCensus::leave(Entry& entry) {
    const std::lock_guard lock(mutex_);
    uncount_address(entry);
    --(entry.verdict_ == Verdict::Welcome ? welcome_ : reserve_used_);
}

bool ConnectionCensus::count_address(Entry& entry, std::string_view address) {
    const Key key = limits_.per_address_max == 0 ? Key{} : address_key(address, *fronts_);
    if (key == Key{}) return true;
    std::uint32_t& count = of_address_[key];
    if (count >= limits_.per_address_max) return false;
    ++count;
    entry.key_ = key;
    return true;
}

void ConnectionCensus::uncount_address(Entry& entry) {
    if (entry.key_ == Key{}) return;
    const auto found = of_address_.find(entry.key_);
    entry.key_ = {};
    if (--found->second == 0) of_address_.erase(found);
}

}  // namespace tidewire::server
