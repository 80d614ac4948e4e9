// What a hosted room does about players whom its game or the operator does not want.
#include <algorithm>
#include <utility>

#include "server/gate/hosted_room.h"
#include "server/gate/iso_time.h"
#include "server/gate/peer.h"
#include "server/gate/told_reason.h"

namespace tidewire::server {

namespace {

std::string in_seconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

std::optional<GateEvent> HostedRoom::carry_out_order(TimePoint now) {
    const bool looked = look_into_bans(now);
    const std::optional<Order> order = room_.poll_order();
    if (!order) return looked ? std::optional(GateEvent{.kind = GateEvent::Kind::Moderated}) : std::nullopt;
    switch (order->kind) {
        case Order::Kind::Kick: {
            const std::string reason = told_reason(order->reason);
            dismiss(order->player, ws::CloseCode::Kicked, reason.empty() ? "sent away" : reason, now);
            break;
        }
        case Order::Kind::Ban:
            return ban(*order, now);
        case Order::Kind::Mute: {
            const Membership* const membership = find_membership(order->player);
            if (membership == nullptr || !room_.mute(order->player, order->time)) break;
            return moderated(*membership, order->time.count() == 0 ? "muted no more" : "muted for " + in_seconds(order->time));
        }
        case Order::Kind::Idle:
            dismiss(order->player, ws::CloseCode::Idle, "nothing was done for " + in_seconds(order->time), now);
            break;
        case Order::Kind::Hidden:
            dismiss(order->player, ws::CloseCode::Idle, "nobody has looked for " + in_seconds(order->time), now);
            break;
    }
    return GateEvent{.kind = GateEvent::Kind::Moderated};
}

std::optional<GateEvent> HostedRoom::ban(const Order& order, TimePoint now) {
    const GateEvent nothing{.kind = GateEvent::Kind::Moderated};
    const Membership* const membership = find_membership(order.player);
    if (membership == nullptr) return nothing;
    const SystemTime until = site_->bans.now() + std::chrono::ceil<std::chrono::seconds>(order.time);
    const auto added = site_->bans.add({.subject = membership->subject,
                                        .address = membership->subject.empty() ? membership->address : std::string(),
                                        .until = until,
                                        .reason = order.reason});
    const std::string reason = told_reason(order.reason);
    if (added) {
        dismiss(order.player, ws::CloseCode::Banned,
                "banned until " + to_iso(until) + (reason.empty() ? "" : ": " + reason), now);
        return nothing;
    }
    GateEvent told = moderated(*membership, "kicked only: " + added.error().message);
    dismiss(order.player, ws::CloseCode::Kicked, reason.empty() ? "sent away" : reason, now);
    return told;
}

bool HostedRoom::look_into_bans(TimePoint now) {
    const std::uint64_t version = site_->bans.version();
    if (version == bans_seen_) return false;
    bans_seen_ = version;
    std::vector<std::pair<PlayerId, std::string>> banned;
    const auto look = [&](const Membership& membership) {
        if (auto refusal = site_->bans.refusal(membership.address, membership.subject))
            banned.emplace_back(membership.player, std::move(*refusal));
    };
    for (const Peer* const peer : players())
        if (peer->membership() != nullptr) look(*peer->membership());
    for (const MembershipPointer& lost : lost_) look(*lost);
    for (const auto& [player, refusal] : banned) dismiss(player, ws::CloseCode::Banned, refusal, now);
    bool any = !banned.empty();
    // A spectator's number is no player's.
    for (Peer* const peer : spectators()) {
        const Membership* const membership = peer->membership();
        if (membership == nullptr) continue;
        const auto refusal = site_->bans.refusal(membership->address, membership->subject);
        if (!refusal) continue;
        peer->shut_down(ws::CloseCode::Banned, *refusal, now);
        any = true;
    }
    return any;
}

const Membership* HostedRoom::find_membership(PlayerId player) const {
    if (player == 0) return nullptr;
    for (const Peer* const peer : player < first_spectator ? players() : spectators())
        if (peer->membership() != nullptr && peer->membership()->player == player) return peer->membership();
    for (const MembershipPointer& lost : lost_)
        if (lost->player == player && !lost->dismissal) return lost.get();
    return nullptr;
}

bool HostedRoom::dismiss(PlayerId player, ws::CloseCode code, const std::string& reason, TimePoint now) {
    const Membership* const membership = find_membership(player);
    if (membership == nullptr) return false;
    ++counters_.players_dismissed;
    for (Peer* const peer : peers()) {
        if (peer->membership() != membership) continue;
        peer->shut_down(code, reason, now);
        return true;
    }
    const auto lost = std::find_if(lost_.begin(), lost_.end(), [&](const auto& each) { return each.get() == membership; });
    (*lost)->dismissal = Membership::Dismissal{code, reason};
    (*lost)->kept_until = now;
    // Those whose time is over are looked for from the front.
    std::rotate(lost_.begin(), lost, lost + 1);
    return true;
}

GateEvent HostedRoom::moderated(const Membership& membership, std::string reason) const {
    return {.kind = GateEvent::Kind::Moderated,
            .room = number(),
            .peer_address = membership.address,
            .player = membership.player,
            .player_name = membership.name,
            .subject = membership.subject,
            .reason = std::move(reason)};
}

}  // namespace tidewire::server
