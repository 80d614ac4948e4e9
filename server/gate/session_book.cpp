// Tokens are random, and never more than two count for a session. Their secrets are random enough for a plain hash to keep them.
#include "server/gate/session_book.h"

#include <cassert>
#include <cstring>

#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

SessionBook::Entry::~Entry() {
    if (book_ == nullptr) return;
    const std::lock_guard lock(book_->mutex_);
    book_->sessions_.erase(id_);
}

SessionBook::Entry SessionBook::open(RoomPlace place) {
    const std::lock_guard lock(mutex_);
    Entry entry;
    if (!random_) return entry;
    std::array<std::byte, sizeof(SessionId)> id{};
    do {
        random_(id);
        std::memcpy(&entry.id_, id.data(), id.size());
    } while (sessions_.count(entry.id_) != 0);
    sessions_.emplace(entry.id_, Session{.place = place, .secret = {}, .before = {}});
    entry.book_ = this;
    return entry;
}

SessionToken SessionBook::rotate(const Entry& entry, ByteSpan shown) {
    assert(entry.has_token());
    assert(shown.empty() || shown.size() == sizeof(SessionToken));
    const std::lock_guard lock(mutex_);
    Session& session = sessions_.at(entry.id());
    if (!shown.empty()) session.before = sha256(shown.subspan(sizeof(SessionId)));
    SessionToken token;
    const SessionId id = entry.id();
    std::memcpy(token.data(), &id, sizeof id);
    const MutableByteSpan secret = MutableByteSpan(token).subspan(sizeof id);
    random_(secret);
    session.secret = sha256(secret);
    return token;
}

void SessionBook::confirm(const Entry& entry) {
    if (!entry.has_token()) return;
    const std::lock_guard lock(mutex_);
    sessions_.at(entry.id()).before.reset();
}

SessionBook::Kept SessionBook::keep(const Entry& entry) const {
    assert(entry.has_token());
    const std::lock_guard lock(mutex_);
    const Session& session = sessions_.at(entry.id());
    return {.id = entry.id(), .secret = session.secret, .before = session.before};
}

SessionBook::Entry SessionBook::restore(RoomPlace place, const Kept& kept) {
    const std::lock_guard lock(mutex_);
    Entry entry;
    if (!random_) return entry;
    const bool added = sessions_.emplace(kept.id, Session{.place = place, .secret = kept.secret, .before = kept.before}).second;
    if (!added) return entry;
    entry.id_ = kept.id;
    entry.book_ = this;
    return entry;
}

std::optional<SessionBook::Found> SessionBook::find(ByteSpan token) const {
    if (token.size() != sizeof(SessionToken)) return std::nullopt;
    SessionId id{};
    std::memcpy(&id, token.data(), sizeof id);
    const Digest secret = sha256(token.subspan(sizeof id));
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return std::nullopt;
    const Session& session = found->second;
    const bool newest = equal_in_constant_time(secret, session.secret);
    const bool before = session.before && equal_in_constant_time(secret, *session.before);
    if (!newest && !before) return std::nullopt;
    return Found{id, session.place};
}

std::size_t SessionBook::size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
}

}  // namespace tidewire::server
