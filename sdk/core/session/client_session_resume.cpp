// How a client's session outlives its transport: what it says of itself to the next one, and what of it goes on.
#include <algorithm>
#include <string>
#include <utility>

#include "sdk/core/session/client_session.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

/// After so long without the server's time the clocks begin anew: to draw and to predict through such a gap would show nothing that was.
constexpr Duration gap_max = std::chrono::seconds(1);

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

}  // namespace

bool ClientSession::resumable(bool kept) const {
    if (!options_.reconnect.enabled) return false;
    // Whatever an attempt fails of, the next may go well.
    if (lost()) return true;
    return state_ == ClientState::Playing && !welcome_.session_token.empty() && kept;
}

void ClientSession::lose(std::string_view reason) {
    const bool anew = state_ == ClientState::Playing;
    state_ = ClientState::Lost;
    next_ping_ = acknowledge_by_ = never;
    transmit_.clear();
    kept_ = false;
    loss_ = reason;
    if (!anew) return;
    presence_.begin_anew();
    events_.push_back({.kind = ClientEvent::Kind::Lost, .close_code = 0, .reason = std::string(reason)});
}

void ClientSession::give_up(std::string_view reason, TimePoint) {
    if (lost()) end(number(CloseCode::Abnormal), std::string(reason), lost_retry_after_);
}

wire::Resume ClientSession::resume_of() {
    const replication::Snapshot* const newest = snapshots_.newest();
    wire::Resume resume{.token = welcome_.session_token,
                        .tick = newest == nullptr ? 0 : newest->tick,
                        .events_received = events_received_,
                        .bulks_received = bulks_received_,
                        .attempt = ++attempt_};
    told_no_state_ = replica_ && replica_->group_count() > wire::Limits{}.resumed_groups_max;
    if (told_no_state_) {
        // What is not named cannot be told to end.
        resume.tick = 0;
        return resume;
    }
    if (!replica_) return resume;
    replica_->for_each_group([&](std::uint16_t group, Tick tick) {
        if (tick != 0) resume.groups.push_back({group, tick});
    });
    return resume;
}

void ClientSession::resume(const wire::Welcome& message, TimePoint now) {
    using Resumed = wire::Welcome::Resumed;
    if (message.resumed == Resumed::No || message.player != welcome_.player)
        return fail(number(CloseCode::ProtocolError), "the server's Welcome answers a session's return with another one");
    if (message.resumed == Resumed::Here &&
        (message.tick_rate != welcome_.tick_rate || message.entities_max != welcome_.entities_max ||
         message.code_tables != welcome_.code_tables || message.dictionary != welcome_.dictionary))
        return fail(number(CloseCode::ProtocolError), "the server's Welcome resumes a room that is another one");
    if (!sent_events_.can_go_on_from(message.events_received)) {
        // What the server had and has no more was dropped here when it had it.
        if (message.resumed == Resumed::Restored && message.events_received < sent_events_.sent())
            return fail(number(CloseCode::SessionOver),
                        "the server was restored from a save that is older than what this player has done; join the game anew");
        return fail(number(CloseCode::ProtocolError),
                    "the server says that " + std::to_string(message.events_received) + " events came; " +
                        std::to_string(sent_events_.sent()) + " were sent");
    }
    welcome_ = message;
    state_ = ClientState::Playing;
    message_parts_ = {};
    bulk_parts_ = {};
    parts_received_ = parts_told_ = 0;
    // Of the way, which may be another one.
    rtt_ = {};
    clock_ = {};
    pings_ = {};
    pongs_ = ws::TokenBucket(pongs_burst, now);
    inputs_ = {};
    if (message.resumed == Resumed::Restored || told_no_state_) {
        snapshots_ = replication::SnapshotRing(std::max<std::size_t>(options_.snapshots_held, 2));
        replica_.reset();
        prediction_.reset();
    }
    const replication::Snapshot* const newest = snapshots_.newest();
    acknowledged_ = newest == nullptr ? 0 : newest->tick;
    if (message.resumed == Resumed::Restored) {
        incoming_->begin_anew();
        begin_room();
    } else if (told_no_state_) {
        begin_replica();
    }
    clocks_anew_ = now - heard_at_ > gap_max || told_no_state_;
    sent_events_.acknowledge(message.events_received);
    sent_events_.for_each([&](const ReliableMessage& event) { transmit(*event); });
    events_.push_back({.kind = ClientEvent::Kind::Resumed, .close_code = 0, .reason = {}});
    send_ping(now);
    tell_suspended();
}

Result<void> ClientSession::send_reliably(Bytes message, const std::string& name) {
    if (!sent_events_.has_room(message.size()))
        return unexpected(Blame::Machine, name + " is not sent: " + std::to_string(sent_events_.waiting()) + " events of " +
                                              std::to_string(sent_events_.bytes()) +
                                              " bytes wait for the server; wait until the link takes them, and send what is "
                                              "still true then");
    const auto shared = std::make_shared<const Bytes>(std::move(message));
    sent_events_.push(shared);
    if (state_ == ClientState::Playing) transmit(*shared);
    return {};
}

}  // namespace tidewire::session
