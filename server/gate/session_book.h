// Which players may come back after they have lost their connection, where they play, and by what token. All shards ask it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/random.h"
#include "server/gate/room_directory.h"

namespace tidewire::server {

/// Eight bytes that say which session it is, and sixteen that nobody else knows.
using SessionToken = std::array<std::byte, 24>;

enum class SessionId : std::uint64_t {};

/// Safe to be called from any thread. It must outlive its entries.
class SessionBook {
public:
    /// SHA-256 of a secret: whoever reads it makes no token of it.
    using Digest = std::array<std::byte, 32>;

    /// `random` is kept. Empty: there are no tokens, and nobody comes back.
    explicit SessionBook(RandomSource random) : random_(std::move(random)) {}
    bool has_tokens() const { return static_cast<bool>(random_); }

    /// A session, as long as this lives.
    class Entry {
    public:
        Entry() = default;
        Entry(Entry&& other) noexcept : book_(std::exchange(other.book_, nullptr)), id_(other.id_) {}
        Entry& operator=(Entry&&) = delete;
        ~Entry();
        SessionId id() const { return id_; }
        /// Whether it has tokens at all.
        bool has_token() const { return book_ != nullptr; }

    private:
        friend class SessionBook;
        SessionBook* book_ = nullptr;
        SessionId id_{};
    };

    Entry open(RoomPlace place);
    /// A new token, which counts at once. The one that was `shown`, which find() has taken, counts until confirm() or the next: the answer
    /// that tells the new one may be lost as well, however often. Precondition: entry.has_token().
    SessionToken rotate(const Entry& entry, ByteSpan shown = {});
    /// The client has the newest token.
    void confirm(const Entry& entry);

    /// What of a session outlives the process.
    struct Kept {
        SessionId id{};
        Digest secret{};
        std::optional<Digest> before{};
    };
    /// Precondition: entry.has_token().
    Kept keep(const Entry& entry) const;
    /// A session as another process has kept it: its tokens count again. Without a token when this book has none, or another session of this id.
    Entry restore(RoomPlace place, const Kept& kept);

    struct Found {
        SessionId id;
        RoomPlace place;
    };
    /// Empty when the token is of no session, or not one that counts. What it takes does not depend on how near it is.
    std::optional<Found> find(ByteSpan token) const;
    std::size_t size() const;

private:
    struct Session {
        RoomPlace place;
        Digest secret{};
        std::optional<Digest> before;
    };

    mutable std::mutex mutex_;
    RandomSource random_;
    std::map<SessionId, Session> sessions_;
};

}  // namespace tidewire::server
