// The turn of a shard, as server/runtime/shard.cpp has it, for one shard after another.
#include "tools/sim/virtual_shards.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/hash.h"

namespace tidewire::sim {

namespace {

/// From the end of one shard's turn to the next turn of another: a tick that it waits behind at most, mostly far less.
constexpr std::uint32_t letter_microseconds_max = 3000;
/// One of so many finds a shard that has no descriptor left for it.
constexpr std::uint32_t letters_per_lost = 64;

RandomSource seeded_source(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

}  // namespace

VirtualShards::VirtualShards(const SchemaInfo& schema, const ServerOptions& options, server::AdmissionSetup admission,
                             std::uint64_t seed, TimePoint now)
    : random_(hash_combine(seed, 1)),
      site_(std::make_unique<server::Site>(schema, options, server::RoomResources{}, std::move(admission),
                                           seeded_source(hash_combine(seed, 2)))) {
    for (std::uint32_t shard = 0; shard < options.shards; ++shard)
        gates_.push_back(std::make_unique<server::Gate>(*site_, shard, now));
}

VirtualShards::~VirtualShards() {
    for (const LinePointer& line : lines_) line->broken = line->closed = true;
    letters_.clear();
    gates_.clear();
}

server::HostedRoom& VirtualShards::open_room(server::RoomSetup setup, std::uint32_t shard, TimePoint now) {
    return gates_[shard]->open_room(std::move(setup), now);
}

bool VirtualShards::connect(const LinePointer& line, std::uint32_t shard, std::string_view address, TimePoint now) {
    const auto id = gates_[shard]->accept(address, now);
    if (!id) return false;
    line->id = *id;
    line->shard_ = shard;
    lines_.push_back(line);
    return true;
}

void VirtualShards::drain(std::string_view reason, std::chrono::milliseconds left, TimePoint now) {
    for (const auto& gate : gates_) gate->drain(reason, left, now);
}

void VirtualShards::shut_down(std::string_view reason, TimePoint now) {
    for (const auto& gate : gates_) gate->shut_down(reason, now);
}

void VirtualShards::turn(TimePoint now) {
    take_letters(now);
    for (std::uint32_t shard = 0; shard < size(); ++shard) turn(shard, now);
    const auto gone = [](const LinePointer& line) { return line->closed; };
    lines_.erase(std::remove_if(lines_.begin(), lines_.end(), gone), lines_.end());
}

void VirtualShards::turn(std::uint32_t shard, TimePoint now) {
    server::Gate& gate = *gates_[shard];
    for (const LinePointer& line : lines_)
        if (line->shard_ == shard && !line->moving_) read(*line, gate, now);
    if (gate.poll_timeout() <= now) gate.handle_timeout(now);
    while (const auto id = gate.poll_ready())
        if (const LinePointer line = find(*id)) write(*line, gate, now);
    // What the client has read has made room for more.
    for (const LinePointer& line : lines_)
        if (line->shard_ == shard && line->waits_ && !line->moving_ && !line->closed && !line->down.full()) write(*line, gate, now);
    while (const auto departure = gate.poll_departure()) send_away(*departure, gate, now);
    while (const auto room = gate.poll_closed_room())
        if (on_room_gone) on_room_gone(*room);
    while (const auto event = gate.poll_event())
        if (on_event) on_event(*event);
}

void VirtualShards::read(Line& line, server::Gate& gate, TimePoint now) {
    if (line.closed || line.end_told_ || line.silent) return;
    while (!line.broken) {
        const std::size_t count = line.up.read(buffer_, now);
        if (count > 0) gate.receive(line.id, MutableByteSpan(buffer_).first(count), now);
        line.broken = line.up.reset() || line.down.reset();
        if (count == 0) break;
    }
    if (line.broken || line.client_reset) {
        line.end_told_ = true;
        gate.abort(line.id, "Connection reset by peer", now);
    } else if (line.client_shut && line.up.next_arrival() == never) {
        line.end_told_ = true;
        gate.receive_eof(line.id, now);
    }
}

void VirtualShards::write(Line& line, server::Gate& gate, TimePoint now) {
    if (line.closed) return;
    line.waits_ = false;
    for (auto parts = gate.poll_transmit(line.id); !parts.empty(); parts = gate.poll_transmit(line.id)) {
        const std::size_t count = line.down.write(parts, now);
        line.waits_ = count == 0;
        if (count == 0) break;
        gate.transmitted(line.id, count, now);
    }
    const server::Gate::Standing standing = gate.standing(line.id);
    line.server_shut = line.server_shut || standing.wants_shutdown;
    if (!standing.finished) return;
    line.closed = true;
    gate.forget(line.id);
}

void VirtualShards::send_away(const server::Gate::Departure& departure, server::Gate& gate, TimePoint now) {
    const LinePointer line = find(departure.connection);
    ++moves_;
    line->moving_ = true;
    line->shard_ = departure.shard;
    const auto wait = Duration(random_.below(letter_microseconds_max));
    letters_.push_back({.line = line, .peer = gate.take(departure.connection), .arrives = now + wait});
}

void VirtualShards::take_letters(TimePoint now) {
    for (std::size_t i = 0; i < letters_.size();) {
        if (letters_[i].arrives > now) {
            ++i;
            continue;
        }
        Letter letter = std::move(letters_[i]);
        letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(i));
        letter.line->moving_ = false;
        if (random_.below(letters_per_lost) == 0) {
            letter.line->broken = letter.line->closed = true;
            continue;
        }
        gates_[letter.line->shard_]->adopt(letter.line->id, std::move(letter.peer), now);
    }
}

TimePoint VirtualShards::next_instant() const {
    TimePoint next = never;
    for (const auto& gate : gates_) next = std::min(next, gate->poll_timeout());
    for (const Letter& letter : letters_) next = std::min(next, letter.arrives);
    for (const LinePointer& line : lines_)
        if (!line->closed && !line->silent && !line->moving_ && !line->end_told_) next = std::min(next, line->up.next_arrival());
    return next;
}

std::size_t VirtualShards::connection_count() const {
    std::size_t count = 0;
    for (const auto& gate : gates_) count += gate->connection_count();
    return count;
}

std::size_t VirtualShards::moving_with_seat() const {
    return static_cast<std::size_t>(
        std::count_if(letters_.begin(), letters_.end(), [](const Letter& letter) { return !letter.peer->resumes(); }));
}

/// Ids rise from line to line.
LinePointer VirtualShards::find(server::ConnectionId id) const {
    const auto found = std::lower_bound(lines_.begin(), lines_.end(), id,
                                        [](const LinePointer& line, server::ConnectionId wanted) { return line->id < wanted; });
    return found != lines_.end() && (*found)->id == id ? *found : nullptr;
}

}  // namespace tidewire::sim
