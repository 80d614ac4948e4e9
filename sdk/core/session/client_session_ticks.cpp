// What a client's session makes of a tick: the state, whether it is the server's, and what the clocks learn.
#include <algorithm>
#include <string>
#include <utility>

#include "sdk/core/session/client_session.h"
#include "sdk/core/session/group_updates.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

constexpr std::size_t events_max = 256;
constexpr double desyncs_per_second = 0.5;  // a hash comes every two seconds

Unexpected refuse(CloseCode code, std::string sentence) {
    return unexpected(Blame::Peer, std::move(sentence), static_cast<std::uint16_t>(code));
}

}  // namespace

void ClientSession::handle(const wire::TickMessage& message, TimePoint now) {
    Result<replication::Snapshot> next = apply(message);
    if (!next) {
        const std::uint16_t code = next.error().close_code;
        return fail(code != 0 ? code : static_cast<std::uint16_t>(CloseCode::InvalidPayload), next.error().message);
    }
    snapshots_.push(std::move(*next));
    heard_at_ = now;
    if (std::exchange(clocks_anew_, false)) {
        begin_clocks();
        begin_prediction();
    }
    count_late_inputs(message);
    inputs_.note_arrived(message.input_tick);
    incoming_->note_tick(message.tick);
    ++counters_.ticks;
    for (const wire::GroupBody& body : message.bodies)
        counters_.keyframes += body.coding == wire::BodyCoding::Keyframe ? 1U : 0U;
    check_state(message, now);
    render_clock_->observe(message.tick, now);
    stalls_->observe(message.tick, now);
    // An input that is due soon says it for nothing.
    if (acknowledge_by_ == never) acknowledge_by_ = now + tick_period() / 2;
    if (!tick_lead_->running())
        tick_lead_->start(message.tick, rtt_.samples() > 0 ? rtt_.minimum(now) : handshake_rtt_, now);
    if (message.input_lead != wire::no_input_lead)
        tick_lead_->observe({.input = message.input_tick,
                             .ticks = static_cast<double>(message.input_lead) / wire::input_leads_per_tick},
                            now);
    // The event says "look at the newest": whoever does not look needs no further copy of it.
    if (events_.size() < events_max)
        events_.push_back({.kind = ClientEvent::Kind::Snapshot, .close_code = 0, .reason = {}});
}

Result<replication::Snapshot> ClientSession::apply(const wire::TickMessage& message) {
    const replication::Snapshot* const newest = snapshots_.newest();
    const std::string which = "tick " + std::to_string(message.tick);
    if (!replica_ && !ignores_state_)
        return refuse(CloseCode::ProtocolError, which + " came before the code tables that Welcome names");
    if (newest != nullptr && message.tick <= newest->tick)
        return refuse(CloseCode::ProtocolError,
                      which + " came after tick " + std::to_string(newest->tick) + ": ticks must rise");
    if (!inputs_.may_have_arrived(message.input_tick))
        return refuse(CloseCode::ProtocolError, which + " claims that input " + std::to_string(message.input_tick) +
                                                    " arrived after " + std::to_string(inputs_.arrived()) +
                                                    "; the newest that was sent is " +
                                                    std::to_string(inputs_.newest()));
    if (ignores_state_) return replication::Snapshot{.tick = message.tick, .tables = {}};
    const auto updates = unpack_updates(message, limits_, resources_.dictionary(), inflated_);
    if (!updates) return Unexpected{updates.error()};
    static const replication::Snapshot nothing;
    return replica_->apply(newest == nullptr ? nothing : *newest, message.tick, *updates);
}

void ClientSession::count_late_inputs(const wire::TickMessage& message) {
    if (message.input_lead == wire::no_input_lead || message.input_lead >= 0) return;
    // Each is for the tick after that of the one before, so it came that much less late.
    const int ticks_late = (wire::input_leads_per_tick - 1 - message.input_lead) / wire::input_leads_per_tick;
    const Tick came = inputs_.arrived() == 0 ? 1 : message.input_tick - inputs_.arrived();
    counters_.inputs_late += std::clamp<Tick>(came, 1, static_cast<Tick>(ticks_late));
}

void ClientSession::check_state(const wire::TickMessage& message, TimePoint now) {
    if (ignores_state_) return;
    for (const replication::GroupDifference& difference : replica_->differences()) {
        const std::string sentence = "tick " + std::to_string(message.tick) + ", group " +
                                     std::to_string(difference.group) + ": " + difference.sentence;
        if (events_.size() < events_max)
            events_.push_back({.kind = ClientEvent::Kind::Desync, .close_code = 0, .reason = sentence});
        if (desyncs_.take(desyncs_per_second, desyncs_burst, now))
            transmit(wire::encode(
                wire::Desync{.tick = message.tick, .group = difference.group, .difference = difference.sentence}));
    }
    if (message.state_hash == 0 || replica_->state_hash(*snapshots_.newest()) == message.state_hash) return;
    ++counters_.desyncs;
    if (desyncs_.take(desyncs_per_second, desyncs_burst, now))
        transmit(wire::encode(wire::Desync{.tick = message.tick, .group = 0, .difference = {}}));
}

}  // namespace tidewire::session
