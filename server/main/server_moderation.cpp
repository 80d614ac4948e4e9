// What an operator's program does about players: letters to the shards, and the book of bans.
#include <cassert>
#include <utility>

#include "server/main/server_state.h"
#include "tidewire/server.h"

namespace tidewire {

namespace {

void order(server::Shards& shards, std::uint32_t room, const server::Order& order) {
    shards.post([room, order](server::Gate& gate) {
        if (server::HostedRoom* const found = gate.find_room(server::RoomNumber{room})) found->room().order(order);
    });
}

}  // namespace

void ServerBase::kick(std::uint32_t room, PlayerId player, std::string reason) {
    assert(state_->shards && "listen() comes first");
    order(*state_->shards, room, {.kind = server::Order::Kind::Kick, .player = player, .reason = std::move(reason)});
}

void ServerBase::mute(std::uint32_t room, PlayerId player, std::chrono::milliseconds time) {
    assert(state_->shards && "listen() comes first");
    order(*state_->shards, room, {.kind = server::Order::Kind::Mute, .player = player, .time = time});
}

Result<BanId> ServerBase::ban(Ban ban) {
    assert(state_->site && "listen() comes first");
    return state_->site->bans.add(std::move(ban));
}

bool ServerBase::lift_ban(BanId id) {
    assert(state_->site && "listen() comes first");
    return state_->site->bans.lift(id);
}

std::vector<ListedBan> ServerBase::bans() const {
    assert(state_->site && "listen() comes first");
    return state_->site->bans.list();
}

}  // namespace tidewire
