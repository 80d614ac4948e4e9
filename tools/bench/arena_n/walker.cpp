// Hello → Welcome → ticks and inputs.
#include "tools/bench/arena_n/walker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/session/group_updates.h"
#include "sdk/core/wire/codec.h"
#include "sdk/net/system.h"
#include "server/room/interest_ids.h"
#include "tidewire/options.h"
#include "tidewire/version.h"

namespace tidewire::bench::arena_n {

namespace {

using ::arena_n::Ack;
using ::arena_n::Body;
using ::arena_n::Steer;

constexpr Duration period = Duration(std::chrono::seconds(1)) / tick_rate;
constexpr Duration margin_min = std::chrono::milliseconds(1);
constexpr Duration margin_max = std::chrono::milliseconds(25);

constexpr Duration margin_step = std::chrono::milliseconds(2);
constexpr int ahead_max = 10;     // inputs in a row: fewer are the jitter of who sends near a tick's time
constexpr int margin_life = 100;  // ticks: what made it grow is forgotten in so long

ws::Connection connect(std::uint16_t port, TimePoint now) {
    return ws::Connection::client({.host = "127.0.0.1:" + std::to_string(port),
                                   .target = "/",
                                   .subprotocols = {subprotocol},
                                   .origin = {},
                                   .headers = {}},
                                  {.message_bytes_max = ClientOptions{}.message_bytes_max}, {}, net::system_random(),
                                  now);
}

/// A component of an entity; empty when it has none.
template <class T>
std::optional<T> read(const replication::Layout& layout, const replication::Snapshot& snapshot, std::uint32_t index) {
    const std::size_t table = component_index<T> + std::size_t{1};
    const replication::Chunk* const chunk = snapshot.chunk(table, index / replication::Chunk::rows);
    const std::size_t row = index % replication::Chunk::rows;
    if (chunk == nullptr || (chunk->present >> row & 1) == 0) return std::nullopt;
    T value{};
    replication::read_row(layout, table, *chunk, row, static_cast<std::byte*>(static_cast<void*>(&value)));
    return value;
}

/// Of the first entity that is the player's.
std::optional<std::uint32_t> own_entity(const replication::Snapshot& snapshot, PlayerId player) {
    const replication::TableChunks chunks = snapshot.table(0);
    for (std::size_t i = 0; i < chunks.size(); ++i)
        for (std::uint64_t rest = chunks.present(i); rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::size_t>(__builtin_ctzll(rest));
            if (static_cast<PlayerId>(chunks[i]->column(1)[row]) == player)
                return static_cast<std::uint32_t>(i * replication::Chunk::rows + row);
        }
    return std::nullopt;
}

}  // namespace

Probe::Probe(std::uint32_t entities_max)
    : layout_(::arena_n::Schema::info()),
      codec_(layout_, replication::CodeTables::built_in(), tick_rate),
      replica_(codec_, {.entities_max = entities_max}) {}

Result<void> Probe::receive(const wire::TickMessage& message) {
    const auto updates = session::unpack_updates(message, {}, nullptr, inflated_);
    if (!updates) return Unexpected{updates.error()};
    auto applied = replica_.apply(newest_, message.tick, *updates);
    if (!applied) return Unexpected{applied.error()};
    newest_ = std::move(*applied);
    if (message.state_hash != 0 && message.state_hash != replica_.state_hash(newest_))
        return unexpected(Blame::Machine, "a probe's state has another hash than it was told");
    return {};
}

std::uint32_t Probe::stamp(PlayerId player) const {
    const auto own = own_entity(newest_, player);
    const auto ack = own ? read<Ack>(layout_, newest_, *own) : std::nullopt;
    return ack ? ack->stamp : 0;
}

std::size_t Probe::visible(PlayerId player, float half_extent) const {
    const replication::Members all = replication::all_members(newest_);
    if (half_extent <= 0) return all.count();
    const auto own = own_entity(newest_, player);
    const auto here = own ? read<Body>(layout_, newest_, *own) : std::nullopt;
    if (!here) return 0;
    std::size_t count = 0;
    for (const replication::Members::Part& part : all.parts())
        for (std::uint64_t rest = part.rows; rest != 0; rest &= rest - 1) {
            const auto index = part.chunk * static_cast<std::uint32_t>(replication::Chunk::rows) +
                               static_cast<std::uint32_t>(__builtin_ctzll(rest));
            const auto body = read<Body>(layout_, newest_, index);
            count += body && std::abs(body->x - here->x) <= half_extent && std::abs(body->y - here->y) <= half_extent;
        }
    return count;
}

Walker::Walker(const WalkerOptions& options, TimePoint now)
    : options_(options), random_(options.seed), connection_(connect(options.port, now)), margin_(margin_min) {}

void Walker::receive(MutableByteSpan bytes, TimePoint now) {
    figures_.bytes += bytes.size();
    connection_.receive(bytes, now);
    pump(now);
}

void Walker::handle_timeout(TimePoint now) {
    connection_.handle_timeout(now);
    pump(now);
}

void Walker::pump(TimePoint now) {
    while (const auto event = connection_.poll_event(now)) {
        switch (event->kind) {
            case ws::Event::Kind::Opened: {
                const SchemaInfo& schema = ::arena_n::Schema::info();
                send(wire::encode(wire::Hello{.protocol = protocol_version,
                                              .schema_hash = schema.hash,
                                              .schema_name = schema.name,
                                              .sdk_version = version,
                                              .player_name = options_.name,
                                              .spectate = options_.spectates}));
                break;
            }
            case ws::Event::Kind::Message:
                take(event->bytes, now);
                break;
            case ws::Event::Kind::Closed:
                if (trouble_.empty()) trouble_ = "the server closed a client: " + std::string(as_text(event->bytes));
                break;
            case ws::Event::Kind::Request:
            case ws::Event::Kind::Pong:
                break;
        }
    }
}

void Walker::take(ByteSpan message, TimePoint now) {
    const Result<wire::Message> parsed = wire::parse_message(message, {});
    if (!parsed) {
        trouble_ = parsed.error().message;
        return;
    }
    if (const auto* const tick = std::get_if<wire::TickMessage>(&*parsed)) {
        take(*tick, message.size(), now);
    } else if (const auto* const part = std::get_if<wire::Part>(&*parsed)) {
        parts_received_ += part->bytes.size();
        // The server sends more when it knows that some have come.
        send(wire::encode(wire::InputMessage{.ack_tick = newest_, .parts_received = parts_received_}));
        const Result<bool> whole = parts_.receive(*part);
        if (!whole)
            trouble_ = whole.error().message;
        else if (*whole)
            take(parts_.take(), now);
    } else if (const auto* const welcome = std::get_if<wire::Welcome>(&*parsed)) {
        player_ = static_cast<PlayerId>(welcome->player);
        if (options_.probes) probe_ = std::make_unique<Probe>(welcome->entities_max);
    } else if (const auto* const goodbye = std::get_if<wire::Goodbye>(&*parsed)) {
        trouble_ = "the server closed a client: " + goodbye->reason;
    }
}

void Walker::take(const wire::TickMessage& message, std::size_t bytes, TimePoint now) {
    newest_ = message.tick;
    ++figures_.ticks;
    figures_.tick_bytes += bytes;
    note_rhythm(message, now);
    if (options_.digests) digest(message);
    if (!probe_) return;
    if (auto applied = probe_->receive(message); !applied) {
        trouble_ = applied.error().message;
        return;
    }
    ++figures_.probe_ticks;
    figures_.visible += probe_->visible(player_, options_.half_extent);
    const std::uint32_t stamp = probe_->stamp(player_);
    for (; !stamped_.empty() && stamped_.front().stamp <= stamp; stamped_.pop_front())
        figures_.input_to_state_ms.push_back(
            std::chrono::duration<double, std::milli>(now - stamped_.front().at).count());
}

/// The server says how early the newest input came: its tick is due so long after it was sent. Until it has, the ticks themselves tell.
void Walker::note_rhythm(const wire::TickMessage& message, TimePoint now) {
    const Steered& steered = steered_lately_[message.input_tick % steered_lately_.size()];
    const bool told = message.input_lead != wire::no_input_lead && message.input_tick == steered.tick;
    if (!told) {
        if (first_due_ == TimePoint{}) first_due_ = now - message.tick * period;
        return;
    }
    first_due_ = steered.at + period * message.input_lead / wire::input_leads_per_tick - steered.tick * period;
    ++figures_.leads;
    figures_.leads_late += message.input_lead < 0;
    if (message.input_lead < 0)
        margin_ = std::min(margin_ + margin_step, margin_max);
    else
        margin_ = std::max(margin_ - margin_ / margin_life, margin_min);
}

Tick Walker::next_tick(TimePoint now) const {
    const auto reached = static_cast<Tick>((now + margin_ - first_due_) / period);
    return std::max(reached + 1, newest_ + 1);
}

void Walker::digest(const wire::TickMessage& message) {
    std::uint64_t hash = message.tick;
    for (const wire::GroupBody& body : message.bodies) {
        if (body.group >= server::group_private) continue;
        if (body.coding != wire::BodyCoding::Delta) return;
        hash = hash_combine(hash, body.group);
        for (const std::byte byte : body.bytes) hash = hash_combine(hash, static_cast<std::uint64_t>(byte));
    }
    figures_.digests.emplace_back(message.tick, hash);
}

void Walker::acknowledge(Tick tick) {
    send(wire::encode(wire::InputMessage{.ack_tick = tick, .parts_received = parts_received_}));
}

void Walker::steer(TimePoint now) {
    if (options_.spectates) return acknowledge(newest_);
    if (turn_inputs_left_-- <= 0) {
        turn_ = static_cast<int>(random_.below(255)) - 127;
        turn_inputs_left_ = 4 + static_cast<int>(random_.below(36));
    }
    Steer steer{};
    steer.turn = static_cast<std::int8_t>(turn_);
    if (options_.probes) {
        steer.stamp = ++stamps_;
        stamped_.push_back({stamps_, now});
    }
    const Tick wanted = next_tick(now);
    // One tick further ahead than it must be, an input for each tick stays there for ever: one is left out then.
    ahead_ = wanted <= steered_ ? ahead_ + 1 : 0;
    if (ahead_ > ahead_max) {
        ahead_ = 0;
        return;
    }
    steered_ = std::max(wanted, steered_ + 1);
    steered_lately_[steered_ % steered_lately_.size()] = {.tick = steered_, .at = now};
    const Bytes data =
        replication::encode_input(layout_.input(0), static_cast<const std::byte*>(static_cast<const void*>(&steer)));
    send(wire::encode(
        wire::InputMessage{.tick = steered_, .ack_tick = newest_, .data = data, .parts_received = parts_received_}));
}

void Walker::send(const Bytes& message) {
    if (const auto sent = connection_.send(ws::MessageKind::Binary, message); !sent) trouble_ = sent.error().message;
}

}  // namespace tidewire::bench::arena_n
