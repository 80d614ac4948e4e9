// Counts against counts, and ends against what had happened.
#include "tools/sim/storm/invariants.h"

#include <algorithm>
#include <string>

#include "sdk/core/ws/close_code.h"
#include "server/gate/hosted_room.h"

namespace tidewire::sim {

namespace {

using session::ClientState;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Of a connection beside what its options let wait: a message that is not whole, the session, the heads of queues.
constexpr std::size_t connection_bytes_beside = 64 * 1024;
/// A hundred snapshots of four chunks, and the world.
constexpr std::size_t room_bytes_stated = 4 * 1024 * 1024;
/// A session without anything that hinders it is told of the world within so long: a transfer in parts goes before, on the slowest link.
constexpr Duration fresh_within = seconds(6);
/// What a stop, and a start, may do to a session that was there before.
constexpr Duration stop_matters_for = seconds(30);

std::string text(std::size_t number) { return std::to_string(number); }

/// With tokens: those who may come back.
std::size_t sessions_of(const server::HostedRoom& room) {
    return static_cast<std::size_t>(std::count_if(room.peers().begin(), room.peers().end(),
                                                  [](const server::Peer* peer) { return peer->session().has_value(); }));
}

/// The server has turned a connection away by HTTP.
bool had_no_place(const std::string& reason) {
    return reason.find(" 429 ") != std::string::npos || reason.find(" 503 ") != std::string::npos;
}

/// More than a slow link takes at once, and than the options let wait.
bool said_much_lately(const StormRoom& room, int tick_rate) {
    return room.burst_tick() != 0 && room.tick() < room.burst_tick() + static_cast<Tick>(5 * tick_rate);
}

}  // namespace

void Invariants::check() {
    if (scene_->server() != nullptr) {
        check_counts();
        check_memory();
    }
    for (const auto& guest : scene_->guests()) check_guest(*guest);
}

void Invariants::check_counts() {
    VirtualShards& server = *scene_->server();
    Journal& journal = scene_->journal();
    const std::size_t connections = server.connection_count() + server.moving();
    if (const std::size_t counted = server.site().census.connections(); counted != connections)
        journal.fail("the census counts " + text(counted) + " connections; there are " + text(connections));
    if (server.lines().size() != connections)
        journal.fail(text(server.lines().size()) + " lines are open, and the gates know of " + text(connections) + " connections");

    std::size_t sessions = 0;
    std::size_t unseated = 0;
    for (const StormRoom* const room : scene_->rooms()) {
        const std::size_t taken = server.site().directory.taken(room->plan().number);
        server::HostedRoom* const hosted = server.gate(room->plan().shard).find_room(room->plan().number);
        const bool failed = hosted != nullptr && hosted->ended() && hosted->ended()->failed;
        // A game that has failed is told of nothing more: its room counts players who have left.
        if (failed) {
            sessions += sessions_of(*hosted);
            continue;
        }
        const std::size_t players = hosted == nullptr ? 0 : hosted->room().player_count();
        // Bots stay in a room that is over until it goes. The directory has those of a room that is open, and of another as long as somebody
        // has a seat beside them.
        const std::size_t bots = scene_->options().bots;
        const std::size_t humans = hosted == nullptr ? 0 : players - bots;
        sessions += humans;
        const bool open = hosted != nullptr && server.site().directory.has(hosted->description().name);
        const std::size_t seated = humans + (open || taken != 0 ? bots : 0);
        if (taken < seated || taken - seated > server.moving_with_seat())
            journal.fail(room->name() + " has " + text(taken) + " seats taken by " + text(seated) + " players");
        unseated += taken - std::min(taken, seated);
    }
    if (unseated > server.moving_with_seat())
        journal.fail(text(unseated) + " seats have no player, and " + text(server.moving_with_seat()) + " are on the way");
    const bool kept = scene_->options().resume_within.count() > 0;
    if (const std::size_t book = server.site().sessions.size(); book != (kept ? sessions : 0))
        journal.fail("the book has " + text(book) + " sessions; there are " + text(kept ? sessions : 0));
}

void Invariants::check_memory() {
    VirtualShards& server = *scene_->server();
    const ServerOptions& options = scene_->options();
    const std::size_t most = options.transmit_bytes_max + options.event_bytes_unsent_max + connection_bytes_beside;
    for (std::uint32_t shard = 0; shard < server.size(); ++shard) {
        server::Gate& gate = server.gate(shard);
        for (const LinePointer& line : server.lines()) {
            if (!server.is_at(*line, shard)) continue;
            const std::size_t bytes = gate.memory_bytes(line->id);
            connection_bytes_max_ = std::max(connection_bytes_max_, bytes);
            if (bytes > most) scene_->journal().fail("a connection takes " + text(bytes) + " bytes, more than " + text(most));
        }
    }
    for (const StormRoom* const room : scene_->rooms()) {
        const server::HostedRoom* const hosted = server.gate(room->plan().shard).find_room(room->plan().number);
        if (hosted == nullptr) continue;
        const std::size_t bytes = hosted->room().memory_bytes();
        room_bytes_max_ = std::max(room_bytes_max_, bytes);
        if (bytes > room_bytes_stated) scene_->journal().fail(room->name() + " takes " + text(bytes) + " bytes");
    }
}

void Invariants::check_guest(Guest& guest) {
    if (guest.gone()) {
        if (judged_.insert(guest.name()).second) judge_end(guest);
        return;
    }
    if (!guest.honest()) return;
    const TimePoint now = scene_->now();
    const session::ClientSession& session = guest.session();
    const ClientState state = session.state();
    const ClientOptions& options = guest.plan().options;
    const auto fail = [&](const std::string& what) { scene_->journal().fail(guest.name() + " " + what); };
    if (session.lost() && guest.lost_at() != never && !guest.hangs(now)) {
        // A server may have asked it to wait, for as long as retry_after each time; it gives up in the end.
        const Duration patience = options.reconnect.give_up_after + 4 * seconds(5) + stop_matters_for;
        if (now - guest.lost_at() > patience) fail("looks for a way back for ever");
    }
    const bool undisturbed = now > guest.trouble_until() && now - scene_->stopped_at() > stop_matters_for && scene_->server() != nullptr;
    if (state != ClientState::Playing || !undisturbed || guest.joined_at() == never || now - guest.joined_at() < fresh_within) return;
    const StormRoom* const room = guest.room();
    if (room == nullptr || room->hosted() == nullptr || room->hosted()->ended()) return;
    const replication::Snapshot* const newest = session.snapshots().newest();
    const Tick tick = newest == nullptr ? 0 : newest->tick;
    const auto most = static_cast<Tick>(fresh_within / seconds(1)) * static_cast<Tick>(scene_->options().tick_rate);
    if (room->tick() > tick + most)
        fail("plays on, and was last told of tick " + std::to_string(tick) + " where " + room->name() + " is at " +
             std::to_string(room->tick()));
}

void Invariants::judge_end(const Guest& guest) {
    if (!guest.honest() || guest.leaving()) return;
    using ws::CloseCode;
    const session::ClientEvent& end = *guest.closed();
    const TimePoint now = guest.closed_at();
    const bool played = guest.joined_at() != never;
    const bool trouble = now <= guest.trouble_until();
    const bool stopped = now - scene_->stopped_at() < stop_matters_for || (played && guest.generation() != scene_->generation());
    StormRoom* const room = guest.room();
    const bool over = room != nullptr && (room->hosted() == nullptr || room->hosted()->ended() || room->asked_to_close());
    bool excused = false;
    switch (static_cast<CloseCode>(end.close_code)) {
        case CloseCode::Normal:
            excused = room != nullptr && room->asked_to_close();
            break;
        case CloseCode::GoingAway:
            excused = stopped;
            break;
        case CloseCode::InternalError:
            excused = room == nullptr || room->asked_to_fail();
            break;
        case CloseCode::PolicyViolation:
            // A message, or a Hello, that took too long.
            excused = trouble;
            break;
        case CloseCode::TryAgainLater:
            excused = !played || trouble || over || said_much_lately(*room, scene_->options().tick_rate);
            break;
        case CloseCode::ServerFull:
        case CloseCode::TooManyJoins:
        case CloseCode::RoomOver:
            excused = !played;
            break;
        case CloseCode::TokenMissing:
            excused = !played && guest.plan().options.token.empty();
            break;
        case CloseCode::SessionOver:
            // Too much was missed, or its place is given back by now.
            excused = stopped || over || room == nullptr || room->account(guest.player()).left;
            break;
        case CloseCode::Abnormal:
            // Whose place was given back may never hear so: others of its address, or strangers, took its connections, and it was told that.
            excused = trouble || stopped || !played || ((room == nullptr || room->account(guest.player()).left) && had_no_place(end.reason));
            break;
        default:
            break;
    }
    if (!excused) scene_->journal().fail(guest.name() + " was healthy, and its session ended with " + std::to_string(end.close_code) + ": " + end.reason);
}

void Invariants::check_empty() {
    check();
    VirtualShards* const server = scene_->server();
    if (server == nullptr) return;
    Journal& journal = scene_->journal();
    if (const std::size_t left = server->connection_count() + server->moving(); left != 0)
        journal.fail(text(left) + " connections are left of nobody");
    if (const std::size_t left = server->site().sessions.size(); left != 0) journal.fail(text(left) + " sessions are left of nobody");
    for (const StormRoom* const room : scene_->rooms()) {
        const server::RoomNumber number = room->plan().number;
        const std::size_t taken = server->site().directory.taken(number);
        const server::HostedRoom* const hosted = server->gate(room->plan().shard).find_room(number);
        const bool forgotten = taken == 0 && (hosted == nullptr || !server->site().directory.has(hosted->description().name));
        if (!forgotten && taken != scene_->options().bots)
            journal.fail(room->name() + " has " + text(taken) + " seats taken where nobody is but " + text(scene_->options().bots) + " bots");
    }
}

}  // namespace tidewire::sim
