// Three maps of the same entries, under one lock.
#include "server/gate/ban_book.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/core/base/utf8.h"
#include "server/gate/iso_time.h"
#include "server/gate/told_reason.h"

namespace tidewire::server {

namespace {

Unexpected refuse(std::string sentence) { return unexpected(Blame::Caller, std::move(sentence)); }

}  // namespace

Result<AddressKey> BanBook::key_of(const Ban& ban) const {
    if (ban.address.empty()) return AddressKey{};
    if (!net::IpAddress::parse(ban.address))
        return refuse("\"" + printable(ban.address) + "\" is no address; write it as 203.0.113.7 or 2001:db8::7");
    const AddressKey key = address_key(ban.address, *fronts_);
    if (key == AddressKey{})
        return refuse(ban.address + " is this machine or a trusted proxy, who speak for others: ban by identity instead");
    return key;
}

Result<BanId> BanBook::add(Ban ban) {
    const SystemTime now = clock_();
    if (ban.subject.empty() && ban.address.empty()) return refuse("a ban names a subject or an address");
    if (ban.until <= now) return refuse("the ban is over already (" + to_iso(ban.until) + ")");
    if (ban.subject.size() > limits_.subject_bytes_max || !valid_utf8(as_bytes(ban.subject)))
        return refuse("a subject is UTF-8 of at most " + std::to_string(limits_.subject_bytes_max) + " bytes");
    const auto key = key_of(ban);
    if (!key) return Unexpected{key.error()};
    ban.reason = told_reason(ban.reason);

    std::unique_lock lock(mutex_);
    if (bans_.size() >= limits_.bans_max) forget_over(now);
    std::map<BanId, std::optional<ListedBan>> older;  // with what is left of each
    const auto note_older = [&](const Entry& each) { older.emplace(each->id, rest_of(*each, ban.subject, *key)); };
    if (const auto found = by_subject_.find(ban.subject); found != by_subject_.end()) note_older(found->second);
    if (const auto found = by_address_.find(*key); found != by_address_.end()) note_older(found->second);
    const auto go = static_cast<std::size_t>(std::count_if(older.begin(), older.end(), [](const auto& each) { return !each.second; }));
    if (bans_.size() - go >= limits_.bans_max)
        return refuse("there are " + std::to_string(bans_.size()) + " bans, as many as are kept; lift some");
    for (auto& [old, rest] : older) {
        erase(ListedBan(*bans_.at(old)));
        if (rest) insert(std::move(*rest));
    }
    const BanId id{++last_id_};
    insert(ListedBan{std::move(ban), id});
    lock.unlock();
    note_change();
    return id;
}

bool BanBook::lift(BanId id) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = bans_.find(id);
        if (found == bans_.end()) return false;
        erase(ListedBan(*found->second));
    }
    note_change();
    return true;
}

std::vector<ListedBan> BanBook::list() const {
    const SystemTime now = clock_();
    std::vector<ListedBan> all;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, ban] : bans_)
        if (ban->until > now) all.push_back(*ban);
    return all;
}

std::optional<std::string> BanBook::refusal(std::string_view address, std::string_view subject) const {
    const SystemTime now = clock_();
    const AddressKey key = address_key(address, *fronts_);
    const std::lock_guard lock(mutex_);
    const ListedBan* found = subject.empty() ? nullptr : find(by_subject_, subject, now);
    if (found == nullptr) found = find(by_address_, key, now);
    if (found == nullptr) return std::nullopt;
    return "banned until " + to_iso(found->until) + (found->reason.empty() ? "" : ": " + found->reason);
}

void BanBook::on_change(std::function<void()> callback) {
    const std::lock_guard lock(change_mutex_);
    changed_ = std::move(callback);
}

void BanBook::note_change() {
    version_.fetch_add(1, std::memory_order_release);
    const std::lock_guard lock(change_mutex_);
    if (changed_) changed_();
}

template <class Map, class Key>
const ListedBan* BanBook::find(const Map& map, const Key& key, SystemTime now) {
    const auto found = map.find(key);
    return found == map.end() || found->second->until <= now ? nullptr : &*found->second;
}

void BanBook::forget_over(SystemTime now) {
    std::vector<Entry> over;
    for (const auto& [id, ban] : bans_)
        if (ban->until <= now) over.push_back(ban);
    for (const Entry& ban : over) erase(*ban);
}

void BanBook::insert(ListedBan ban) {
    const auto entry = std::make_shared<const ListedBan>(std::move(ban));
    bans_.emplace(entry->id, entry);
    if (!entry->subject.empty()) by_subject_.emplace(entry->subject, entry);
    if (!entry->address.empty()) by_address_.emplace(address_key(entry->address, *fronts_), entry);
}

std::optional<ListedBan> BanBook::rest_of(const ListedBan& ban, std::string_view subject, const AddressKey& key) const {
    ListedBan rest = ban;
    if (rest.subject == subject) rest.subject.clear();
    if (!rest.address.empty() && address_key(rest.address, *fronts_) == key) rest.address.clear();
    return rest.subject.empty() && rest.address.empty() ? std::nullopt : std::optional(std::move(rest));
}

/// `ban` is not one that goes by this.
void BanBook::erase(const ListedBan& ban) {
    if (!ban.subject.empty()) by_subject_.erase(by_subject_.find(ban.subject));
    if (!ban.address.empty()) by_address_.erase(address_key(ban.address, *fronts_));
    bans_.erase(ban.id);
}

}  // namespace tidewire::server
