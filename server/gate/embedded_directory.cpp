// Few joins a second, and rooms by the thousand at most: a walk over all of them finds the one.
#include "server/gate/embedded_directory.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "server/gate/hmac_sha256.h"

namespace tidewire::server {

namespace {

/// Letters that nobody mistakes for another when a friend reads them out. Each is five bits.
constexpr std::string_view code_letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
constexpr std::size_t code_length = 8;

Refusal refusal(Refusal::Kind kind, std::string message) { return {.kind = kind, .message = std::move(message)}; }

bool has_all(const RoomProperties& room, const RoomProperties& wished) {
    return std::all_of(wished.begin(), wished.end(), [&](const auto& each) {
        const auto found = room.find(each.first);
        return found != room.end() && found->second == each.second;
    });
}

std::uint32_t free_seats(std::uint32_t seats, std::uint32_t taken) { return taken < seats ? seats - taken : 0; }

}  // namespace

EmbeddedDirectory::EmbeddedDirectory(DirectoryLimits limits, RandomSource random)
    : limits_(limits), random_(std::move(random)), reservations_(limits.reservations_max), number_(limits.numbers_kept) {}

void EmbeddedDirectory::set_shards(std::uint32_t count) {
    const std::lock_guard lock(mutex_);
    shards_ = std::max(count, 1U);
}

bool EmbeddedDirectory::open(RoomPlace place, RoomDescription room, std::uint32_t bots, bool by_client) {
    const std::lock_guard lock(mutex_);
    const auto number = static_cast<std::uint32_t>(place.room);
    assert(find(place.room) == nullptr && room.seats > 0 && bots <= room.seats);
    if (room.name.empty()) room.name = std::to_string(number);
    if (find(room.name) != nullptr) return false;
    number_ = std::max(number_, number);
    const auto after = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.place.room > place.room; });
    note_change(*entries_.insert(
        after, Entry{.place = place, .room = std::move(room), .bots = bots, .taken = bots, .by_client = by_client}));
    return true;
}

void EmbeddedDirectory::keep_number(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    number_ = std::max(number_, static_cast<std::uint32_t>(room));
}

std::variant<RoomPlace, Refusal> EmbeddedDirectory::order(NewRoom room) {
    const std::lock_guard lock(mutex_);
    return add(std::move(room));
}

std::variant<RoomPlace, Refusal> EmbeddedDirectory::add(NewRoom room) {
    if (closed_) return refusal(Refusal::Kind::NoSeat, say_why_none(SeatKind::Player));
    if (find(room.room.name) != nullptr)
        return refusal(Refusal::Kind::RoomTaken, "a room of this name is there already; join it, or take another name");
    if (entries_.size() >= limits_.rooms_max || (room.by_client && count_client_rooms() >= limits_.client_rooms_max))
        return refusal(Refusal::Kind::TooManyRooms, "the server has as many rooms as it may; join one, or try again later");
    if (room.is_private && room.room.code.empty()) {
        if (!random_) return refusal(Refusal::Kind::NoNewRooms, "this server has no private rooms");
        room.room.code = new_code();
    }
    do ++number_;
    while (room.room.name.empty() && find(std::to_string(number_)) != nullptr);
    if (room.room.name.empty()) room.room.name = std::to_string(number_);
    const RoomPlace place{.room = RoomNumber{number_}, .shard = emptiest_shard()};
    entries_.push_back({.place = place,
                        .room = room.room,
                        .bots = room.bots,
                        .taken = room.bots,
                        .by_client = room.by_client});
    note_change(entries_.back());
    orders_.push_back({place.shard, {.room = place.room, .open = std::move(room)}});
    ++order_count_;
    return place;
}

std::uint32_t EmbeddedDirectory::emptiest_shard() const {
    struct Load {
        std::size_t rooms = 0;
        std::uint64_t taken = 0;
    };
    std::vector<Load> loads(shards_);
    for (const Entry& entry : entries_) {
        if (!entry.open || entry.place.shard >= shards_) continue;
        ++loads[entry.place.shard].rooms;
        loads[entry.place.shard].taken += entry.taken;
    }
    const auto least = std::min_element(loads.begin(), loads.end(), [](const Load& a, const Load& b) {
        return a.rooms != b.rooms ? a.rooms < b.rooms : a.taken < b.taken;
    });
    return static_cast<std::uint32_t>(least - loads.begin());
}

std::string EmbeddedDirectory::new_code() {
    std::string code;
    do {
        std::array<std::byte, code_length> bytes{};
        random_(bytes);
        code.clear();
        for (const std::byte byte : bytes) code += code_letters[static_cast<std::size_t>(byte) % code_letters.size()];
    } while (std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.room.code == code; }));
    return code;
}

std::optional<RoomPlace> EmbeddedDirectory::order_end(std::string_view name, std::string_view reason) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(name);
    if (entry == nullptr) return std::nullopt;
    const RoomPlace place = entry->place;
    close(*entry);
    orders_.push_back({place.shard, {.room = place.room, .open = {}, .reason = std::string(reason)}});
    ++order_count_;
    return place;
}

std::optional<RoomOrder> EmbeddedDirectory::poll_order(std::uint32_t shard) {
    if (order_count_ == 0) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(orders_.begin(), orders_.end(), [&](const ShardOrder& each) { return each.shard == shard; });
    if (found == orders_.end()) return std::nullopt;
    RoomOrder order = std::move(found->order);
    orders_.erase(found);
    --order_count_;
    return order;
}

void EmbeddedDirectory::close(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    if (entry == nullptr) return;
    close(*entry);
    forget_if_gone(room);
}

/// Whoever was kept a place in it has none any more.
void EmbeddedDirectory::close(Entry& entry) {
    if (!entry.open) return;
    entry.open = false;
    note_change(entry);
    entry.taken -= reservations_.remove_of(entry.place.room);
}

bool EmbeddedDirectory::close_if_empty(RoomNumber room) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    if (entry == nullptr) return true;
    if (entry->taken > entry->bots) return !entry->open;
    close(*entry);
    forget_if_gone(room);
    return true;
}

void EmbeddedDirectory::set_joinable(RoomNumber room, bool joinable) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    if (entry != nullptr) entry->joinable = joinable;
}

void EmbeddedDirectory::close_all() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (Entry& entry : entries_) close(entry);
    // None that was not opened yet will be.
    for (const ShardOrder& each : orders_)
        if (each.order.open) forget_if_gone(each.order.room);
}

/// As the wish says, without opening anything. All codes are looked at, whichever of them is right.
EmbeddedDirectory::Search EmbeddedDirectory::search(const SeatWish& wish) {
    const RoomWish& wished = wish.room;
    const bool watches = wish.kind == SeatKind::Spectator;
    const bool together = watches || !wished.properties.empty();
    Search found;
    for (Entry& entry : entries_) {
        const std::string& code = entry.room.code;
        const bool knows = !wished.code.empty() && !code.empty() &&
                           equal_in_constant_time(as_bytes(wished.code), as_bytes(code));
        if (!entry.open || (!wished.name.empty() && wished.name != entry.room.name)) continue;
        const bool may_know = wished.code.empty() ? code.empty() || (wish.invited && !wished.name.empty()) : knows;
        if (!may_know || !has_all(entry.room.properties, wished.properties)) continue;
        found.fits = true;
        if (watches ? entry.spectators_taken >= limits_.spectators_max
                    : free_seats(entry.room.seats, entry.taken) < std::max(wished.free_seats, 1U))
            continue;
        // Whoever watches is left out of what a room cannot do.
        if (!entry.joinable && !watches) {
            found.behind = true;
            continue;
        }
        if (found.best == nullptr ||
            (together ? entry.taken > found.best->taken : entry.taken < found.best->taken))
            found.best = &entry;
    }
    return found;
}

std::variant<Seat, Refusal> EmbeddedDirectory::take_seat(const SeatWish& wish, TimePoint now) {
    using Kind = Refusal::Kind;
    const std::lock_guard lock(mutex_);
    expire(now);
    const RoomWish& wished = wish.room;
    const bool watches = wish.kind == SeatKind::Spectator;
    if (watches && !wished.reservation.empty())
        return refusal(Kind::Denied, "a reservation is of a place to play; watch without it");
    if (watches && wished.choice == RoomChoice::Create)
        return refusal(Kind::NoNewRooms, "no room is opened for who watches; wish one that is there");
    if (!wished.reservation.empty()) return redeem(wish);
    const bool creates = !watches && wish.otherwise != nullptr && wished.choice != RoomChoice::Join && wished.code.empty();
    Search found;
    if (wished.choice != RoomChoice::Create) {
        found = search(wish);
        if (found.best != nullptr) {
            take(*found.best, wish.kind);
            return Seat(*this, found.best->place, wish.kind);
        }
    }
    // Nor is another opened where there is more to do already than can be done.
    if (found.behind) return refusal(Kind::NoSeat, "the server has more to do than it can, and takes nobody in for a while");
    if (creates && !(found.fits && !wished.name.empty())) {
        auto added = add(*wish.otherwise);
        if (auto* const refused = std::get_if<Refusal>(&added)) return std::move(*refused);
        const RoomPlace place = std::get<RoomPlace>(added);
        ++find(place.room)->taken;
        return Seat(*this, place);
    }
    if (wished == RoomWish{}) return refusal(Kind::NoSeat, say_why_none(wish.kind));
    if (found.fits && watches)
        return refusal(Kind::RoomFull, "there is no place for another spectator in a room like that; try again, or another");
    if (found.fits) return refusal(Kind::RoomFull, "there is no place free in a room like that; try again, or another");
    if (!wished.code.empty()) return refusal(Kind::WrongCode, "no room has this code; it may have ended");
    return refusal(Kind::NoSuchRoom,
                   "no room is as it was wished; wish another, or let one be opened (RoomChoice::JoinOrCreate)");
}

std::variant<Seat, Refusal> EmbeddedDirectory::redeem(const SeatWish& wish) {
    const Reservation* const found = reservations_.find(wish.room.reservation);
    if (found == nullptr)
        return refusal(Refusal::Kind::WrongCode, "there is no such reservation; it is over, or was used");
    const Entry& entry = *find(found->room);
    if (wish.invited && entry.room.name != wish.room.name)
        return refusal(Refusal::Kind::WrongRoom, "the token and the reservation are for two rooms");
    const RoomPlace place = entry.place;
    return Seat(*this, place, reservations_.take(*found));
}

std::variant<std::string, Refusal> EmbeddedDirectory::reserve(std::string_view name, TimePoint until) {
    using Kind = Refusal::Kind;
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(name);
    if (entry == nullptr) return refusal(Kind::NoSuchRoom, "there is no open room of this name");
    if (!entry->joinable || free_seats(entry->room.seats, entry->taken) == 0)
        return refusal(Kind::RoomFull, "the room has no place free");
    if (!random_ || reservations_.full())
        return refusal(Kind::Full, "the server keeps as many places as it can; try again in some seconds");
    ++entry->taken;
    note_change(*entry);
    return reservations_.add(entry->place.room, until, random_);
}

void EmbeddedDirectory::handle_timeout(TimePoint now) {
    if (!reservations_.may_have_expired(now)) return;
    const std::lock_guard lock(mutex_);
    expire(now);
}

void EmbeddedDirectory::expire(TimePoint now) {
    for (const RoomNumber room : reservations_.take_expired(now)) release(*find(room), SeatKind::Player);
}

bool EmbeddedDirectory::has(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    return find(name) != nullptr;
}

bool EmbeddedDirectory::has_seat(SeatKind kind) const {
    const std::lock_guard lock(mutex_);
    if (kind == SeatKind::Spectator)
        return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return entry.open && entry.spectators_taken < limits_.spectators_max;
        });
    if (!closed_ && count_client_rooms() < limits_.client_rooms_max) return true;
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
        return entry.open && entry.joinable && free_seats(entry.room.seats, entry.taken) > 0;
    });
}

bool EmbeddedDirectory::knows(SeatKind kind) const { return kind == SeatKind::Player || limits_.spectators_max != 0; }

std::string EmbeddedDirectory::why_none(SeatKind kind) const {
    const std::lock_guard lock(mutex_);
    return say_why_none(kind);
}

std::string EmbeddedDirectory::say_why_none(SeatKind kind) const {
    const bool watches = kind == SeatKind::Spectator;
    std::uint64_t seats = 0;
    std::uint64_t taken = 0;
    bool behind = false;
    for (const Entry& entry : entries_) {
        if (!entry.open) continue;
        seats += watches ? limits_.spectators_max : entry.room.seats;
        taken += watches ? entry.spectators_taken : entry.taken;
        behind = behind || (!entry.joinable && entry.taken < entry.room.seats);
    }
    const std::string how_full = " (" + std::to_string(taken) + " of " + std::to_string(seats);
    if (watches && seats == 0) return "no room of the server that is open takes spectators";
    if (watches) return "no room of the server has a place for another spectator" + how_full + ")";
    if (seats == 0) return "no room of the server is open";
    if (behind) return "the server has more to do than it can, and takes nobody in for a while";
    return "the server is full" + how_full + " players)";
}

std::size_t EmbeddedDirectory::size() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.open; }));
}

std::uint32_t EmbeddedDirectory::taken(RoomNumber room) const {
    const std::lock_guard lock(mutex_);
    const Entry* const entry = find(room);
    return entry == nullptr ? 0 : entry->taken;
}

std::size_t EmbeddedDirectory::count_client_rooms() const {
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.by_client; }));
}

std::vector<RoomListing> EmbeddedDirectory::list(std::size_t rooms_max) const {
    const std::lock_guard lock(mutex_);
    std::vector<RoomListing> rooms;
    for (const Entry& entry : entries_) {
        if (rooms.size() >= rooms_max) break;
        if (!entry.open || !entry.room.code.empty()) continue;
        rooms.push_back({.number = entry.place.room,
                         .name = entry.room.name,
                         .properties = entry.room.properties,
                         .players = entry.taken,
                         .seats = entry.room.seats,
                         .revision = entry.revision});
    }
    return rooms;
}

void EmbeddedDirectory::give_back(RoomNumber room, SeatKind kind, std::unique_ptr<Reservation> unused) {
    const std::lock_guard lock(mutex_);
    Entry* const entry = find(room);
    assert(entry != nullptr);
    // The place stays taken: it is kept again.
    if (unused && entry->open) return reservations_.put_back(std::move(*unused));
    release(*entry, kind);
    forget_if_gone(room);
}

void EmbeddedDirectory::take(Entry& entry, SeatKind kind) {
    if (kind == SeatKind::Spectator) {
        ++entry.spectators_taken;
        return;
    }
    ++entry.taken;
    note_change(entry);
}

void EmbeddedDirectory::release(Entry& entry, SeatKind kind) {
    std::uint32_t& taken = kind == SeatKind::Spectator ? entry.spectators_taken : entry.taken;
    assert(taken > 0);
    --taken;
    if (kind == SeatKind::Player) note_change(entry);
}

void EmbeddedDirectory::forget_if_gone(RoomNumber room) {
    const Entry* const entry = find(room);
    if (entry != nullptr && !entry->open && entry->taken <= entry->bots && entry->spectators_taken == 0)
        entries_.erase(entries_.begin() + (entry - entries_.data()));
}

void EmbeddedDirectory::note_change(Entry& entry) {
    if (entry.room.code.empty()) entry.revision = ++revision_;
}

const EmbeddedDirectory::Entry* EmbeddedDirectory::find(std::string_view name) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.open && entry.room.name == name; });
    return found == entries_.end() ? nullptr : &*found;
}

const EmbeddedDirectory::Entry* EmbeddedDirectory::find(RoomNumber room) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.place.room == room; });
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace tidewire::server
