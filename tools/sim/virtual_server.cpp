// The loop of virtual time: jump to the next instant at which anything happens, then read, tick and write as a shard does.
#include "tools/sim/virtual_server.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "sdk/core/base/hash.h"
#include "server/save/save_format.h"
#include "tools/sim/forger.h"

namespace tidewire::sim {

namespace {

RandomSource seeded_source(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

}  // namespace

const session::ClientEvent* VirtualClient::closed() const {
    return !events.empty() && events.back().kind == session::ClientEvent::Kind::Closed ? &events.back() : nullptr;
}

VirtualServer::VirtualServer(const Game& game, const ServerOptions& options, std::uint64_t seed,
                             server::RoomResources resources, server::AdmissionSetup admission)
    : schema_(game.schema),
      game_(game),
      options_(options),
      resources_(std::move(resources)),
      admission_(std::move(admission)),
      seed_(seed) {
    start();
}

VirtualServer::~VirtualServer() {
    const ServerCall call;
    gate_.reset();
    site_.reset();
}

bool VirtualServer::start() {
    const ServerCall call;
    const std::uint64_t process = starts_++ == 0 ? 0 : 3'000'000 + starts_;
    site_ = std::make_unique<server::Site>(*schema_, options_, resources_, admission_, seeded_source(hash_combine(seed_, process)));
    site_->save_room = [this](server::RoomNumber, ByteSpan bytes) {
        saved_.emplace(bytes.begin(), bytes.end());
        return Result<void>();
    };
    site_->make_game = [this](server::RoomNumber, const RoomDescription&) { return game_; };
    gate_ = std::make_unique<server::Gate>(*site_, 0, now_);
    if (saved_) {
        const auto saved = server::parse_save(*saved_, site_->layout, {.entities_max = options_.entities_max});
        if (saved && gate_->restore_room({.room = saved->description, .game = game_}, *saved, now_)) return true;
    }
    gate_->open_room({.game = game_}, now_);
    return false;
}

void VirtualServer::stop() {
    constexpr auto stopping = "the server is stopping";
    saved_.reset();
    server()->drain(stopping, std::chrono::milliseconds(0), now_);
    server()->shut_down(stopping, now_);
    for (const TimePoint end = now_ + std::chrono::seconds(2); server()->connection_count() > 0 && now_ < end;)
        run_for(std::chrono::milliseconds(1));
    turn();
    for (auto& client : clients_) {
        client->stream->closed = true;
        client->stream->id = {};
    }
    raw_streams_.clear();
    const ServerCall call;
    gate_.reset();
    site_.reset();
}

VirtualClient& VirtualServer::connect_from(std::string address, net::LinkOptions link, ClientOptions options,
                                           const SchemaInfo* schema) {
    const auto id = server()->accept(address, now_);
    if (!id) throw std::runtime_error("the gate takes no more connections");
    const std::uint64_t seed = hash_combine(seed_, clients_.size() + 1);
    auto client = std::make_unique<VirtualClient>();
    client->stream = std::make_unique<VirtualStream>(*id, link, seed);
    client->link = link;
    client->address = std::move(address);
    client->peer = std::make_unique<session::ClientPeer>(schema == nullptr ? *schema_ : *schema, std::move(options),
                                                         "virtual", "/", seeded_source(seed), now_);
    clients_.push_back(std::move(client));
    run_client(*clients_.back());
    return *clients_.back();
}

void VirtualServer::reset(VirtualClient& client) {
    VirtualStream& stream = *client.stream;
    if (!stream.closed) server()->abort(stream.id, "reset by peer", now_);
    stream.dead = true;
    client.peer->abort("reset by peer", now_);
}

void VirtualServer::cut(VirtualClient& client) {
    client.stream->dead = true;
    client.network = false;
}

/// The last stream stays until the server lets go of it. Without a network the new one is known to nobody.
void VirtualServer::reconnect(VirtualClient& client) {
    if (up()) raw_streams_.push_back(std::move(client.stream));
    const auto id = !client.network ? std::optional(server::ConnectionId{})
                    : up()          ? server()->accept(client.address, now_)
                                    : std::nullopt;
    const std::uint64_t seed = hash_combine(hash_combine(seed_, 2'000'000 + client.streams++), raw_streams_.size());
    client.stream = std::make_unique<VirtualStream>(id.value_or(server::ConnectionId{}), client.link, seed);
    client.eof_told = false;
    client.peer->attempt(now_);
    if (!client.network || !id) client.stream->dead = client.stream->closed = true;
    if (!id) client.peer->abort("connection refused", now_);
}

VirtualStream& VirtualServer::connect_raw(net::LinkOptions link, std::string_view address) {
    const auto id = server()->accept(address, now_);
    if (!id) throw std::runtime_error("the gate takes no more connections");
    raw_streams_.push_back(
        std::make_unique<VirtualStream>(*id, link, hash_combine(seed_, 1'000'000 + raw_streams_.size())));
    return *raw_streams_.back();
}

void VirtualServer::send(VirtualStream& stream, std::string_view bytes) {
    const ByteSpan part = as_bytes(bytes);
    stream.up.write({&part, 1}, now_);
}

std::string VirtualServer::received(VirtualStream& stream) {
    std::string text;
    while (const std::size_t count = stream.down.read(buffer_, now_)) text += as_text(ByteSpan(buffer_).first(count));
    return text;
}

void VirtualServer::run_until(TimePoint end) {
    // What was done to them in between shows now.
    for (auto& client : clients_) run_client(*client);
    turn();
    for (TimePoint next = next_instant(); next <= end; next = next_instant()) {
        now_ = std::max(now_, next);
        turn();
    }
    now_ = std::max(now_, end);
}

TimePoint VirtualServer::next_instant() const {
    TimePoint next = up() ? server()->poll_timeout() : never;
    for (const auto& stream : raw_streams_)
        if (!stream->closed && !stream->dead) next = std::min(next, stream->up.next_arrival());
    for (const auto& client : clients_) {
        if (!client->stream->closed && !client->stream->dead) next = std::min(next, client->stream->up.next_arrival());
        next = std::min(next, next_instant(*client));
    }
    return next;
}

TimePoint VirtualServer::next_instant(const VirtualClient& client) const {
    const VirtualStream& stream = *client.stream;
    if (client.peer->finished())
        return client.over ? never : std::max({now_, client.stopped_until, client.next_frame});
    TimePoint due = client.peer->poll_timeout();
    if (client.reading && !stream.dead) due = std::min(due, stream.down.next_arrival());
    if (ended(client)) due = now_;
    TimePoint frame = client.frame > Duration(0) ? client.next_frame : due;
    if (client.input) frame = std::min(frame, client.session().next_input());
    return std::max(client.stopped_until, std::min(due, std::max(client.next_frame, frame)));
}

/// The server's end of file is there and the client has not been told.
bool VirtualServer::ended(const VirtualClient& client) const {
    const VirtualStream& stream = *client.stream;
    return !stream.dead && (stream.closed || stream.server_shut) && !client.eof_told && stream.down.next_arrival() == never;
}

void VirtualServer::turn() {
    // Only those for whom there is something: what a client does depends on nobody else's instants.
    for (auto& client : clients_)
        if (next_instant(*client) <= now_) run_client(*client);
    for (auto& client : clients_) {
        deliver_up(*client->stream);
        write_up(*client);  // what waited for room
    }
    for (auto& stream : raw_streams_) deliver_up(*stream);
    if (!up()) return;
    if (now_ >= server()->poll_timeout()) {
        server()->handle_timeout(now_);
        note_hashes();
        if (on_tick) on_tick();
        // Whoever waited for room looks again.
        for (auto& client : clients_) write_down(*client->stream);
        for (auto& stream : raw_streams_) write_down(*stream);
    }
    while (const auto id = server()->poll_ready())
        if (VirtualStream* stream = stream_of(*id)) write_down(*stream);
    while (auto event = server()->poll_event()) gate_events.push_back(std::move(*event));
}

/// Of the first room, as long as there is one.
void VirtualServer::note_hashes() {
    if (server()->room_count() == 0) return;
    for (const replication::Snapshot& snapshot : room().snapshots().all())
        if (snapshot.tick > hashes_.size()) hashes_.push_back(replication::state_hash(snapshot));
}

void VirtualServer::deliver_up(VirtualStream& stream) {
    if (stream.closed || stream.dead) return;
    while (const std::size_t count = stream.up.read(buffer_, now_))
        server()->receive(stream.id, MutableByteSpan(buffer_).first(count), now_);
    if (!stream.client_shut || stream.eof_told || stream.up.next_arrival() != never) return;
    stream.eof_told = true;
    server()->receive_eof(stream.id, now_);
}

void VirtualServer::write_down(VirtualStream& stream) {
    if (stream.closed) return;
    for (auto parts = server()->poll_transmit(stream.id); !parts.empty(); parts = server()->poll_transmit(stream.id)) {
        const std::size_t count = stream.down.write(parts, now_);
        if (count == 0) break;
        if (on_written) tell_written(stream, parts, count);
        server()->transmitted(stream.id, count, now_);
    }
    stream.server_shut = stream.server_shut || server()->standing(stream.id).wants_shutdown;
    if (!server()->standing(stream.id).finished) return;
    stream.closed = true;
    server()->forget(stream.id);
}

void VirtualServer::tell_written(const VirtualStream& stream, std::span<const ByteSpan> parts, std::size_t count) {
    for (const ByteSpan part : parts) {
        const ByteSpan taken = part.first(std::min(part.size(), count));
        on_written(stream, taken);
        count -= taken.size();
    }
}

void VirtualServer::run_client(VirtualClient& client) {
    if (now_ < client.stopped_until) return;
    session::ClientPeer& peer = *client.peer;
    if (peer.wants_stream(now_)) reconnect(client);
    VirtualStream& stream = *client.stream;
    if (!peer.finished()) {
        if (client.reading && !stream.dead)
            while (const std::size_t count = stream.down.read(buffer_, now_))
                peer.receive(MutableByteSpan(buffer_).first(count), now_);
        if (ended(client)) {
            client.eof_told = true;
            peer.receive_eof(now_);
        }
        if (peer.poll_timeout() <= now_) peer.handle_timeout(now_);
    }
    if (now_ >= client.next_frame) run_frame(client);
    write_up(client);
    if (peer.finished()) stream.client_shut = true;
}

void VirtualServer::run_frame(VirtualClient& client) {
    if (client.frame > Duration(0)) client.next_frame = now_ + client.frame;
    session::ClientPeer& peer = *client.peer;
    client.over = peer.finished();
    peer.advance(now_);
    if (client.session().inputs_due() > 0 && client.input) {
        Bytes aggregate(schema_->inputs[0].size);
        client.input(++client.inputs, aggregate.data());
        peer.send_due_inputs(0, aggregate.data(), now_);
    }
    while (auto event = peer.poll_event()) {
        client.events.push_back(std::move(*event));
        if (on_client_event) on_client_event(client, client.events.back());
    }
    client.session().take_events(client.game_events);
}

void VirtualServer::write_up(VirtualClient& client) {
    session::ClientPeer& peer = *client.peer;
    for (auto parts = peer.poll_transmit(); !parts.empty(); parts = peer.poll_transmit()) {
        if (client.forge && client.session().state() == session::ClientState::Playing) {
            const Bytes bytes = forged(parts, client.forge);
            const ByteSpan part(bytes);
            if (client.stream->up.write({&part, 1}, now_) != bytes.size()) throw std::runtime_error("the link takes not all");
            peer.transmitted(std::accumulate(parts.begin(), parts.end(), std::size_t{0},
                                             [](std::size_t size, ByteSpan each) { return size + each.size(); }),
                             now_);
            continue;
        }
        const std::size_t count = client.stream->up.write(parts, now_);
        if (count == 0) break;
        peer.transmitted(count, now_);
    }
}

VirtualStream* VirtualServer::stream_of(server::ConnectionId id) {
    for (auto& client : clients_)
        if (client->stream->id == id) return client->stream.get();
    for (auto& stream : raw_streams_)
        if (stream->id == id) return stream.get();
    return nullptr;
}

}  // namespace tidewire::sim
