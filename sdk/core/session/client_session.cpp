// Hello → Welcome → ticks and inputs → Goodbye, as a client sees it.
#include "sdk/core/session/client_session.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <type_traits>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/input_codec.h"
#include "sdk/core/replication/schema_evolution.h"
#include "sdk/core/session/agreement.h"
#include "sdk/core/session/group_updates.h"
#include "sdk/core/ws/close_code.h"
#include "tidewire/version.h"

namespace tidewire::session {

namespace {

using ws::CloseCode;

constexpr std::size_t events_max = 256;
constexpr std::size_t transmit_max = 256;
constexpr double pongs_per_second = 20;  // a server of ours sends one Ping a second
constexpr double pongs_burst = 60;
constexpr double desyncs_per_second = 0.5;  // a hash comes every two seconds
constexpr double desyncs_burst =
    32;  // half of what a server takes: the rest of a world's differences would tell no more
constexpr std::uint16_t tick_rate_max = 1000;       // beyond it a tick is shorter than timers are exact
constexpr std::uint32_t entities_max_max = 65'536;  // what a server may make a client hold
constexpr std::uint32_t quick_pings = 10;           // in the first second, to find the clock
constexpr Duration quick_ping_period = std::chrono::milliseconds(100);
constexpr Duration ping_period = std::chrono::milliseconds(250);
/// A program without a frame for so long hangs, loads or stands in a debugger: no game is drawn at 1 Hz, unless it has so few ticks.
constexpr Duration away_after = std::chrono::seconds(1);
constexpr int away_after_ticks = 4;
/// A program of very slow frames must not come and go faster than a server suffers: one resumption in two seconds.
constexpr Duration away_period = std::chrono::seconds(5);

std::uint16_t number(CloseCode code) { return static_cast<std::uint16_t>(code); }

Unexpected refuse(CloseCode code, std::string sentence) {
    return unexpected(Blame::Peer, std::move(sentence), number(code));
}

}  // namespace

ClientSession::ClientSession(const SchemaInfo& schema, ClientOptions options, TimePoint now)
    : layout_(std::make_unique<replication::Layout>(schema)),
      options_(std::move(options)),
      limits_{.message_bytes_max = options_.message_bytes_max,
              .inflated_bytes_max = options_.keyframe_bytes_max,
              .inflated_total_max = std::max(wire::Limits{}.inflated_total_max, 2 * options_.keyframe_bytes_max),
              .bulk_bytes_max = options_.bulk_bytes_max},
      deadline_(now + options_.connect_timeout),
      snapshots_(std::max<std::size_t>(options_.snapshots_held, 2)),
      pongs_(pongs_burst, now),
      desyncs_(desyncs_burst, now),
      event_limiter_(options_.events, now),
      requests_(*layout_) {
    for (const Bytes& bytes : options_.code_tables) {
        auto tables = replication::CodeTables::parse(bytes);
        if (tables)
            code_tables_.push_back(std::move(*tables));
        else
            bad_resource_ = std::move(tables).error();
    }
    for (const Bytes& bytes : options_.dictionaries) {
        auto dictionary = wire::Dictionary::parse(bytes, wire::Dictionary::Use::Unpack);
        if (dictionary)
            dictionaries_.push_back(std::move(*dictionary));
        else
            bad_resource_ = std::move(dictionary).error();
    }
}

void ClientSession::transport_opened(TimePoint now) {
    if (state_ != ClientState::Connecting) return;
    state_ = ClientState::Joining;
    hello_sent_ = now;
    if (bad_resource_) return fail(number(CloseCode::Normal), "ClientOptions: " + bad_resource_->message);
    std::vector<std::uint64_t> tables;
    std::vector<std::uint64_t> dictionaries;
    for (const auto& known : code_tables_)
        if (tables.size() < wire::Limits{}.resources_max) tables.push_back(known.id());
    for (const auto& known : dictionaries_)
        if (dictionaries.size() < wire::Limits{}.resources_max) dictionaries.push_back(known.id());
    transmit(wire::encode(wire::Hello{.protocol = protocol_version,
                                      .schema_hash = layout_->schema().hash,
                                      .schema_name = layout_->schema().name,
                                      .sdk_version = version,
                                      .player_name = options_.player_name,
                                      .schema_prints = replication::fingerprint(layout_->schema()),
                                      .code_tables = std::move(tables),
                                      .dictionaries = std::move(dictionaries)}));
}

void ClientSession::transport_closed(std::uint16_t close_code, std::string_view reason, TimePoint) {
    if (state_ == ClientState::Closed) return;
    end(close_code, reason.empty()
                        ? "the server closed the connection without a reason (code " + std::to_string(close_code) + ")"
                        : std::string(reason));
    // There is nothing left to close.
    wants_close_.reset();
}

void ClientSession::receive(ByteSpan message, TimePoint now) {
    if (state_ == ClientState::Closed) return;
    counters_.bytes_received += message.size();
    take(message, now);
}

void ClientSession::take(ByteSpan message, TimePoint now) {
    const Result<wire::Message> parsed = wire::parse_message(message, limits_);
    if (!parsed) return fail(parsed.error().close_code, parsed.error().message);
    if (auto refusal = refuse_message(state_, *parsed)) return fail(refusal->close_code, std::move(refusal->sentence));
    std::visit(
        [&](const auto& known) {
            using Kind = std::decay_t<decltype(known)>;
            if constexpr (!std::is_same_v<Kind, wire::Hello> && !std::is_same_v<Kind, wire::InputMessage> &&
                          !std::is_same_v<Kind, wire::Desync> && !std::is_same_v<Kind, wire::Suspend> &&
                          !std::is_same_v<Kind, wire::Request>)
                handle(known, now);
        },
        *parsed);
}

void ClientSession::handle_timeout(TimePoint now) {
    if (now >= deadline_) {
        const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(options_.connect_timeout);
        const std::string waited = std::to_string(seconds.count()) + " ms";
        return fail(number(CloseCode::Abnormal),
                    state_ == ClientState::Connecting
                        ? "no connection within " + waited + "; check the address and that the server runs"
                        : "the server did not answer within " + waited + "; is it a Tidewire server?");
    }
    if (now >= next_ping_) send_ping(now);
    if (now >= acknowledge_by_) send_acknowledgement(now);
    requests_.handle_timeout(now);
    if (now >= away_at_) {
        away_at_ = never;
        away_ = true;
        not_away_before_ = now + away_period;
        tell_suspended();
    }
}

bool ClientSession::advance(TimePoint now, TimePoint shown) {
    if (state_ != ClientState::Playing) return false;
    away_at_ = std::max(now + std::max(away_after, away_after_ticks * tick_period()), not_away_before_);
    if (std::exchange(away_, false)) tell_suspended();
    shown_after_ = shown - now;
    render_clock_->advance(now);
    tick_lead_->advance(now);
    if (prediction_) prediction_->reconcile(snapshots_);
    return input_schedule_->advance(*tick_lead_);
}

void ClientSession::send_due_inputs(std::uint16_t type, const std::byte* aggregate, TimePoint now) {
    if (state_ != ClientState::Playing) return;
    if (aggregate != nullptr && input_schedule_->due() > 0) {
        assert(type < layout_->input_count());
        const Bytes data = replication::encode_input(layout_->input(type), aggregate);
        const replication::Snapshot* newest = snapshots_.newest();
        const Tick ack = newest == nullptr ? 0 : newest->tick;
        acknowledged_ = ack;
        acknowledge_by_ = never;
        const auto view = viewed();
        std::uint64_t parts = tell_parts(now);
        for (int i = 0; i < input_schedule_->due(); ++i) {
            input_sent_ = input_schedule_->first() + static_cast<Tick>(i);
            tick_lead_->note_sent(input_sent_);
            acks_[input_sent_ % acks_.size()] = ack;
            if (prediction_) prediction_->input(input_sent_, type, aggregate);
            ++counters_.inputs;
            transmit(wire::encode(wire::InputMessage{.tick = input_sent_,
                                                     .ack_tick = ack,
                                                     .type = type,
                                                     .data = data,
                                                     .view_tick = view.first,
                                                     .view_fraction = view.second,
                                                     .parts_received = std::exchange(parts, 0)}));
        }
    }
    input_schedule_->settle();
}

std::pair<Tick, std::uint8_t> ClientSession::viewed() const {
    const double drawn = draw_tick();
    if (drawn < 0) return {0, 0};
    const double whole = std::floor(drawn);
    return {static_cast<Tick>(whole), static_cast<std::uint8_t>((drawn - whole) * 256)};
}

double ClientSession::draw_tick() const {
    const replication::Snapshot* newest = snapshots_.newest();
    if (newest == nullptr || !render_clock_->running()) return 0;
    return std::min(render_clock_->tick() + shown_after(), static_cast<double>(newest->tick));
}

double ClientSession::own_tick() const {
    return tick_lead_ && tick_lead_->running() ? tick_lead_->position() + shown_after() : 0;
}

double ClientSession::shown_after() const {
    return static_cast<double>(shown_after_.count()) / static_cast<double>(tick_period().count());
}

std::size_t ClientSession::unacknowledged() const {
    if (input_tick_ == 0 || input_sent_ - input_tick_ >= acks_.size()) return 0;
    const Tick known = acks_[input_tick_ % acks_.size()];
    const auto& all = snapshots_.all();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const replication::Snapshot& each) { return each.tick > known; }));
}

void ClientSession::transport_pong(Duration rtt, TimePoint now) {
    if (state_ != ClientState::Closed && rtt >= Duration(0)) rtt_.add(rtt, now);
}

void ClientSession::close(std::uint16_t close_code, std::string_view reason, TimePoint) {
    fail(close_code, std::string(reason));
}

std::optional<Bytes> ClientSession::poll_transmit() {
    if (transmit_.empty()) return std::nullopt;
    Bytes message = std::move(transmit_.front());
    transmit_.pop_front();
    return message;
}

std::optional<ClientEvent> ClientSession::poll_event() {
    if (events_.empty()) return std::nullopt;
    ClientEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

TimePoint ClientSession::poll_timeout() const {
    return std::min({deadline_, next_ping_, acknowledge_by_, away_at_, requests_.poll_timeout()});
}

TimePoint ClientSession::next_input() const {
    return state_ == ClientState::Playing ? input_schedule_->next(*tick_lead_) : never;
}

Latency ClientSession::latency(TimePoint now) const {
    return {.rtt_last = rtt_.last(),
            .rtt_smoothed = rtt_.smoothed(),
            .rtt_min = rtt_.minimum(now),
            .rtt_p95 = rtt_.percentile_95(now),
            .jitter = rtt_.variation(),
            .clock_offset = clock_.offset(now),
            .clock_error_max = clock_.error_max(),
            .snapshot_age = snapshot_age(now),
            .stalls = stalls_ ? stalls_->count() : 0,
            .stall_longest = stalls_ ? stalls_->longest() : Duration(0),
            .samples = rtt_.samples()};
}

Duration ClientSession::snapshot_age(TimePoint now) const {
    if (!render_clock_ || !render_clock_->running()) return Duration(0);
    return render_clock_->age(now) + clock_.rtt().minimum(now) / 2;
}

void ClientSession::handle(const wire::Welcome& message, TimePoint now) {
    const Build theirs{message.protocol, {}, message.schema_name, message.schema_hash};
    if (auto refusal = refuse_protocol(build_of(layout_->schema()), theirs))
        return fail(refusal->close_code, std::move(refusal->sentence));
    // Another hash than ours is no fault: the server saw our prints, and knows that its schema only appends to ours.
    const auto within = [](std::uint32_t value, std::uint32_t max) { return value >= 1 && value <= max; };
    if (message.player == 0 || !within(message.tick_rate, tick_rate_max) ||
        !within(message.entities_max, entities_max_max))
        return fail(number(CloseCode::InvalidPayload),
                    "the server's Welcome names player " + std::to_string(message.player) + ", a tick rate of " +
                        std::to_string(message.tick_rate) + " Hz and " + std::to_string(message.entities_max) +
                        " entities, which cannot be");
    welcome_ = message;
    state_ = ClientState::Playing;
    deadline_ = never;
    if (message.code_tables == 0) begin_replica(replication::CodeTables::built_in());
    for (const replication::CodeTables& tables : code_tables_)
        if (tables.id() == message.code_tables && !replica_) begin_replica(tables);
    for (const wire::Dictionary& dictionary : dictionaries_)
        if (dictionary.id() == message.dictionary) dictionary_ = dictionary;
    render_clock_.emplace(tick_period());
    stalls_.emplace(tick_period());
    tick_lead_.emplace(tick_period());
    input_schedule_.emplace(tick_period());
    incoming_ = std::make_unique<IncomingEvents>(*layout_, message.player,
                                                 IncomingEventLimits{.bytes_held_max = options_.event_bytes_held_max});
    if (rules_ && netcode::Prediction::has_work(layout_->schema())) {
        prediction_ = std::make_unique<netcode::Prediction>(
            *layout_,
            netcode::PredictedRoom{
                .player = message.player, .tick_rate = message.tick_rate, .entities_max = message.entities_max},
            std::move(rules_));
        prediction_->emit_to([incoming = incoming_.get()](Tick tick, std::uint16_t type, const void* event) {
            incoming->predict(tick, type, event);
        });
    }
    handshake_rtt_ = now - hello_sent_;
    events_.push_back({.kind = ClientEvent::Kind::Joined, .close_code = 0, .reason = {}});
    send_ping(now);
}

void ClientSession::handle(const wire::Goodbye& message, TimePoint) {
    end(message.close_code, message.reason.empty() ? "the server said goodbye without a reason (code " +
                                                         std::to_string(message.close_code) + ")"
                                                   : message.reason);
}

void ClientSession::handle(const wire::Ping& message, TimePoint now) {
    if (!pongs_.take(pongs_per_second, pongs_burst, now))
        return fail(number(CloseCode::PolicyViolation), "the server sends Pings faster than they can mean anything");
    // The Pong leaves in the same turn, so nothing was held.
    transmit(wire::encode(wire::Pong{
        .id = message.id, .sent_us = message.sent_us, .received_us = now.time_since_epoch().count(), .hold_us = 0}));
}

void ClientSession::handle(const wire::Pong& message, TimePoint now) {
    const std::optional<TimePoint> sent = pings_.take(message);
    if (!sent) return;
    const Duration hold(message.hold_us);
    if (hold < Duration(0) || hold > now - *sent) return;
    rtt_.add(now - *sent - hold, now);
    clock_.add({.sent = *sent, .received = TimePoint(Duration(message.received_us)), .hold = hold, .returned = now});
}

void ClientSession::handle(const wire::Resource& message, TimePoint) {
    if (fnv1a(message.data) != message.id)
        return fail(number(CloseCode::InvalidPayload),
                    "a Resource of the server's does not have the hash that it should");
    if (message.kind == wire::Resource::Kind::CodeTables && message.id == welcome_.code_tables && !replica_) {
        const auto tables = replication::CodeTables::parse(message.data);
        if (!tables) return fail(number(CloseCode::InvalidPayload), tables.error().message);
        return begin_replica(*tables);
    }
    if (message.kind == wire::Resource::Kind::Dictionary && message.id == welcome_.dictionary && !dictionary_) {
        auto dictionary = wire::Dictionary::parse(message.data, wire::Dictionary::Use::Unpack);
        if (!dictionary) return fail(number(CloseCode::InvalidPayload), dictionary.error().message);
        dictionary_ = std::move(*dictionary);
        return;
    }
    fail(number(CloseCode::ProtocolError), "the server sends a Resource that it did not name in Welcome, or twice");
}

void ClientSession::begin_replica(const replication::CodeTables& tables) {
    codec_ = std::make_unique<replication::Codec>(*layout_, tables, welcome_.tick_rate);
    replica_.emplace(*codec_, replication::BodyLimits{.entities_max = welcome_.entities_max});
}

void ClientSession::handle(const wire::TickMessage& message, TimePoint now) {
    Result<replication::Snapshot> next = apply(message);
    if (!next) {
        const std::uint16_t code = next.error().close_code;
        return fail(code != 0 ? code : number(CloseCode::InvalidPayload), next.error().message);
    }
    snapshots_.push(std::move(*next));
    input_tick_ = message.input_tick;
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
    if (!replica_) return refuse(CloseCode::ProtocolError, which + " came before the code tables that Welcome names");
    if (newest != nullptr && message.tick <= newest->tick)
        return refuse(CloseCode::ProtocolError,
                      which + " came after tick " + std::to_string(newest->tick) + ": ticks must rise");
    if (message.input_tick > input_sent_ || message.input_tick < input_tick_)
        return refuse(CloseCode::ProtocolError, which + " claims that input " + std::to_string(message.input_tick) +
                                                    " arrived after " + std::to_string(input_tick_) +
                                                    "; the newest that was sent is " + std::to_string(input_sent_));
    const auto updates = unpack_updates(message, limits_, dictionary_ ? &*dictionary_ : nullptr, inflated_);
    if (!updates) return Unexpected{updates.error()};
    static const replication::Snapshot nothing;
    return replica_->apply(newest == nullptr ? nothing : *newest, message.tick, *updates);
}

void ClientSession::check_state(const wire::TickMessage& message, TimePoint now) {
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

void ClientSession::suspend(TimePoint) {
    if (state_ != ClientState::Playing || suspended_) return;
    suspended_ = true;
    tell_suspended();
}

void ClientSession::resume(TimePoint) {
    if (state_ != ClientState::Playing || !suspended_) return;
    suspended_ = false;
    tell_suspended();
}

void ClientSession::tell_suspended() {
    if (suspended() == told_suspended_) return;
    told_suspended_ = suspended();
    transmit(wire::encode(wire::Suspend{.suspended = told_suspended_}));
}

void ClientSession::send_acknowledgement(TimePoint now) {
    acknowledge_by_ = never;
    const replication::Snapshot* newest = snapshots_.newest();
    const Tick tick = newest == nullptr ? 0 : newest->tick;
    const std::uint64_t parts = tell_parts(now);
    if (tick == acknowledged_ && parts == 0) return;
    acknowledged_ = tick;
    transmit(wire::encode(wire::InputMessage{.tick = 0, .ack_tick = tick, .parts_received = parts}));
}

void ClientSession::send_ping(TimePoint now) {
    transmit(wire::encode(pings_.next(now)));
    next_ping_ = now + (pings_.count() < quick_pings ? quick_ping_period : ping_period);
}

void ClientSession::fail(std::uint16_t close_code, std::string reason) {
    if (state_ == ClientState::Closed) return;
    if (state_ != ClientState::Connecting) {
        Bytes goodbye =
            wire::encode_stored(wire::Goodbye{.close_code = close_code_on_wire(close_code), .reason = reason});
        counters_.bytes_sent += goodbye.size();
        transmit_.push_back(std::move(goodbye));
    }
    end(close_code, std::move(reason));
}

void ClientSession::end(std::uint16_t close_code, std::string reason) {
    state_ = ClientState::Closed;
    deadline_ = next_ping_ = acknowledge_by_ = away_at_ = never;
    ClientEvent closed{.kind = ClientEvent::Kind::Closed, .close_code = close_code, .reason = std::move(reason)};
    wants_close_ = closed;
    wants_close_->close_code = close_code_on_wire(close_code);
    requests_.refuse_all("the connection ended before the server answered: " + wants_close_->reason);
    events_.push_back(std::move(closed));
}

void ClientSession::transmit(Bytes message) {
    if (transmit_.size() >= transmit_max)
        return fail(number(CloseCode::TryAgainLater), "messages are not taken from the session");
    counters_.bytes_sent += message.size();
    transmit_.push_back(std::move(message));
}

}  // namespace tidewire::session
