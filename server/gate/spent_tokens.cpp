// A set, and another that says which element goes first.
#include "server/gate/spent_tokens.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sdk/core/base/byte_io.h"
#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

namespace {

constexpr std::string_view magic = "TWSPENT1";
constexpr std::size_t head_bytes = magic.size() + sizeof(std::int64_t);
constexpr std::size_t entry_bytes = sizeof(std::int64_t) + sizeof(SpentTokens::Id);
constexpr std::size_t digest_bytes = 32;

void append_time(Bytes& out, SystemTime time) {
    append_little_endian(out, static_cast<std::uint64_t>(std::int64_t{time.time_since_epoch().count()}));
}

SystemTime read_time(ByteReader& reader) {
    return SystemTime(std::chrono::seconds(static_cast<std::int64_t>(reader.read_little_endian<std::uint64_t>().value_or(0))));
}

}  // namespace

std::size_t SpentTokens::Hash::operator()(const Id& id) const {
    std::size_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);
    return hash;
}

SpentTokens::Outcome SpentTokens::spend(const Id& id, SystemTime expires, SystemTime now) {
    const std::lock_guard lock(mutex_);
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
        forgotten_ = by_expiry_.begin()->first;
        ids_.erase(by_expiry_.begin()->second);
        by_expiry_.erase(by_expiry_.begin());
    }
    if (expires <= forgotten_) return Outcome::Expired;
    if (ids_.count(id) != 0) return Outcome::Replayed;
    if (ids_.size() >= entries_max_) return Outcome::Full;
    ids_.insert(id);
    by_expiry_.emplace(expires, id);
    return Outcome::Fresh;
}

void SpentTokens::give_back(const Id& id, SystemTime expires) {
    const std::lock_guard lock(mutex_);
    if (by_expiry_.erase({expires, id}) != 0) ids_.erase(id);
}

Bytes SpentTokens::save() const {
    Bytes out;
    append(out, as_bytes(magic));
    {
        const std::lock_guard lock(mutex_);
        append_time(out, forgotten_);
        for (const auto& [expires, id] : by_expiry_) {
            append_time(out, expires);
            append(out, id);
        }
    }
    append(out, sha256(out));
    return out;
}

Result<void> SpentTokens::restore(ByteSpan saved) {
    if (saved.size() < head_bytes + digest_bytes || as_text(saved.first(magic.size())) != magic)
        return unexpected(Blame::Machine, "is no list of tokens");
    const ByteSpan told = saved.first(saved.size() - digest_bytes);
    const auto digest = sha256(told);
    if (!std::equal(digest.begin(), digest.end(), saved.last(digest_bytes).begin()) || (told.size() - head_bytes) % entry_bytes != 0)
        return unexpected(Blame::Machine, "is cut off, or was changed");
    ByteReader reader(told.subspan(magic.size()));
    const std::lock_guard lock(mutex_);
    forgotten_ = std::max(forgotten_, read_time(reader));
    while (!reader.at_end()) {
        const SystemTime expires = read_time(reader);
        const auto bytes = reader.read_bytes(sizeof(Id));
        Id id{};
        std::copy(bytes->begin(), bytes->end(), id.begin());
        if (ids_.insert(id).second) by_expiry_.emplace(expires, id);
    }
    return {};
}

}  // namespace tidewire::server
