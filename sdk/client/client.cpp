// The client's facade: one link, a schedule of inputs and the picture. It has no thread: everything happens in update() and poll().
#include "tidewire/client.h"

#include <cassert>
#include <utility>

#include "sdk/client/event_inbox.h"
#include "sdk/client/link.h"
#include "sdk/core/base/printable.h"
#include "sdk/core/netcode/interpolation.h"
#include "sdk/core/netcode/own_picture.h"
#include "sdk/core/ws/close_code.h"
#include "sdk/net/system.h"
#include "sdk/net/url.h"

namespace tidewire {

namespace {

/// update() returns this often before there are ticks to wait for, so that a program can show that it is connecting.
constexpr Duration update_period_before_ticks = std::chrono::milliseconds(50);
/// How long the end waits for the server's close frame.
constexpr Duration close_patience = std::chrono::seconds(1);

std::uint32_t entities_of(const replication::Snapshot& snapshot) {
    if (snapshot.tables.empty()) return 0;
    std::uint32_t count = 0;
    for (const replication::ChunkPointer& chunk : snapshot.tables[0])
        if (chunk) count += static_cast<std::uint32_t>(__builtin_popcountll(chunk->present));
    return count;
}

}  // namespace

struct ClientBase::State {
    explicit State(const SchemaInfo& game_schema) : schema(&game_schema), inbox(game_schema), world(game_schema, 0) {}

    const SchemaInfo* schema;
    std::optional<Link> link;  // empty when the URL was not usable
    std::optional<Error> error;
    bool closed = false;
    bool leaving = false;  // close() was called: its end is no error

    bool joined = false;
    bool ticked = false;  // an input became due in the last pump()
    std::uint16_t input_type = 0;
    Bytes input;               // what input() gave last; empty before the first
    bool input_fresh = false;  // and it was not sent yet

    std::vector<session::ReceivedEvent> received;  // on their way to the inbox
    EventInbox inbox;

    std::string last_desync;
    World world;
    std::optional<netcode::Picture> picture;         // of `world`
    std::optional<netcode::OwnPicture> own_picture;  // of what is predicted in it
    TimePoint pumped_at{};
    bool drawn = false;  // `world` shows that instant

    const session::ClientSession& session() const { return link->peer().session(); }

    void start(std::string_view text, const ClientOptions& options, ApplyInput rules) {
        auto url = net::parse_url(text);
        if (!url) return refuse(url.error());
        link.emplace(*schema, options, *url, net::now());
        link->peer().session().predict_by(std::move(rules));
    }

    void refuse(Error why) {
        error = std::move(why);
        closed = true;
    }

    /// Everything that does not wait. False once the connection is closed.
    bool pump(TimePoint now) {
        if (!link) return false;
        link->pump(now);
        take_events();
        if (closed) return false;
        pumped_at = now;
        drawn = false;
        ticked = link->peer().session().advance(now);
        if (input_fresh) send_due_inputs(now);
        take_game_events();
        return true;
    }

    /// What the game may be told of from now on.
    void take_game_events() {
        link->peer().session().take_events(received);
        inbox.add(received);
    }

    void take_events() {
        while (auto event = link->peer().poll_event()) {
            switch (event->kind) {
                case session::ClientEvent::Kind::Joined:
                    world = World(*schema, session().entities_max());
                    picture.emplace(session().layout());
                    own_picture.emplace(session().layout());
                    joined = true;
                    break;
                case session::ClientEvent::Kind::Snapshot:
                    break;
                case session::ClientEvent::Kind::Desync:
                    last_desync = event->reason;
                    break;
                case session::ClientEvent::Kind::Closed:
                    closed = true;
                    if (!leaving) error = to_error(*event);
                    break;
            }
        }
    }

    Error to_error(const session::ClientEvent& event) const {
        if (link->failed()) return {Blame::Machine, event.reason};
        // Without a close frame: the stream was cut off, or once there was a game, it fell silent.
        const bool lost =
            link->cut_off() || (joined && event.close_code == static_cast<std::uint16_t>(ws::CloseCode::Abnormal));
        return {Blame::Peer, lost ? "the connection to " + link->name() + " was lost: " + event.reason : event.reason,
                event.close_code};
    }

    /// One for each tick period that has passed; what the server gets late it would rather repeat than miss.
    void send_due_inputs(TimePoint now) {
        if (closed || !link || session().inputs_due() == 0) return;
        link->peer().send_due_inputs(input_type, input.empty() ? nullptr : input.data(), now);
        link->write(now);
        input_fresh = false;
        take_game_events();
    }

    void close() {
        if (!link) return;
        if (!closed) {
            leaving = true;
            link->peer().close("the client left", net::now());
        }
        finish();
        closed = true;
    }

    /// Waits for the end of the closing handshake and closes the stream.
    void finish() {
        if (!link) return;
        TimePoint now = net::now();
        const TimePoint deadline = now + close_patience;
        for (pump(now); !link->finished(); pump(now)) {
            if (now >= deadline) {
                link->peer().abort("the server did not answer the close frame", now);
            } else {
                link->wait(now, deadline);
                now = net::now();
            }
        }
    }
};

ClientBase::ClientBase(const SchemaInfo& schema, std::string_view url, ClientOptions options, ApplyInput rules)
    : state_(std::make_unique<State>(schema)) {
    state_->start(url, options, std::move(rules));
}

ClientBase::~ClientBase() {
    if (state_) state_->close();
}

ClientBase::ClientBase(ClientBase&&) noexcept = default;

ClientBase& ClientBase::operator=(ClientBase&& other) noexcept {
    if (this != &other) {
        if (state_) state_->close();
        state_ = std::move(other.state_);
    }
    return *this;
}

bool ClientBase::update() {
    State& state = *state_;
    TimePoint now = net::now();
    state.inbox.begin_frame();
    // The program saw that these were due and had nothing newer: what it gave last counts on.
    state.send_due_inputs(now);
    const TimePoint give_way = now + update_period_before_ticks;
    while (state.pump(now)) {
        const TimePoint next = state.session().next_input();
        if (next == never ? now >= give_way : state.ticked) return true;
        state.link->wait(now, next == never ? give_way : next);
        now = net::now();
    }
    state.finish();
    return false;
}

bool ClientBase::poll() {
    const TimePoint now = net::now();
    state_->inbox.begin_frame();
    state_->send_due_inputs(now);
    return state_->pump(now);
}

void ClientBase::suspend() {
    if (!state_->closed) state_->link->peer().suspend(net::now());
}

void ClientBase::resume() {
    if (!state_->closed) state_->link->peer().resume(net::now());
}

void ClientBase::close() { state_->close(); }

ClientStatus ClientBase::status() const {
    if (state_->closed) return ClientStatus::Closed;
    switch (state_->session().state()) {
        case session::ClientState::Connecting:
            return ClientStatus::Connecting;
        case session::ClientState::Joining:
            return ClientStatus::Joining;
        case session::ClientState::Playing:
            return ClientStatus::Playing;
        case session::ClientState::Closed:
            break;
    }
    return ClientStatus::Closed;
}

PlayerId ClientBase::player() const { return state_->link ? state_->session().player() : 0; }

int ClientBase::tick_rate() const { return state_->link ? state_->session().tick_rate() : 0; }

bool ClientBase::input_due() const { return !state_->closed && state_->link && state_->session().inputs_due() > 0; }

Latency ClientBase::latency() const { return state_->link ? state_->session().latency(net::now()) : Latency{}; }

ClientFigures ClientBase::figures() const {
    if (!state_->link) return {};
    session::ClientSession& session = state_->link->peer().session();
    const session::ClientCounters& counters = session.counters();
    ClientFigures figures;
    figures.snapshots = counters.ticks;
    figures.keyframes = counters.keyframes;
    figures.desyncs = counters.desyncs;
    figures.last_desync = state_->last_desync;
    figures.bytes_received = counters.bytes_received;
    figures.bytes_sent = counters.bytes_sent;
    figures.inputs_sent = counters.inputs;
    if (const replication::Snapshot* newest = session.snapshots().newest()) {
        figures.tick = newest->tick;
        figures.entities = entities_of(*newest);
        figures.snapshot_age = session.snapshot_age(net::now());
    }
    if (const auto& clock = session.render_clock()) {
        figures.interpolation_delay = clock->delay();
        figures.draw_tick = clock->tick();
    }
    if (const auto& lead = session.tick_lead()) {
        figures.input_lead = lead->worst().value_or(0);
        figures.dilation = lead->speed() - 1;
        if (const netcode::Prediction* prediction = session.prediction(); prediction && prediction->running())
            // From tick to tick the picture goes from the state before to the state after.
            figures.predicted_tick = lead->position() - 1;
    }
    if (const netcode::Prediction* prediction = session.prediction()) {
        figures.corrections = prediction->counters().corrections;
        figures.ticks_replayed = prediction->counters().replayed;
    }
    const session::EventCounters events = session.event_counters();
    figures.events_arrived = events.arrived;
    figures.events_predicted = events.predicted;
    figures.events_confirmed = events.confirmed;
    figures.events_retracted = events.retracted;
    figures.events_unknown = events.unknown;
    return figures;
}

const std::optional<Error>& ClientBase::error() const { return state_->error; }

void ClientBase::send_input(std::uint16_t type, const void* aggregate) {
    State& state = *state_;
    assert(type < state.schema->inputs.size());
    const auto* bytes = static_cast<const std::byte*>(aggregate);
    state.input_type = type;
    state.input.assign(bytes, bytes + state.schema->inputs[type].size);
    state.input_fresh = true;
    state.send_due_inputs(net::now());
}

Result<void> ClientBase::send_event(std::uint16_t type, const void* event) {
    if (!state_->link) return unexpected(Blame::Caller, "nothing can be sent: there is no connection; see error()");
    const TimePoint now = net::now();
    auto sent = state_->link->peer().send_event(type, event, now);
    state_->link->write(now);
    return sent;
}

RequestId ClientBase::send_request(std::uint16_t type, const void* event) {
    if (!state_->link) return {};
    const TimePoint now = net::now();
    const RequestId request{state_->link->peer().send_request(type, event, now)};
    state_->link->write(now);
    return request;
}

std::optional<Result<void>> ClientBase::take_reply(RequestId request, std::uint16_t type, void* event) {
    if (!state_->link) return unexpected(Blame::Caller, "nothing is answered: there is no connection; see error()");
    return state_->link->peer().session().take_reply(request.number, type, event);
}

std::span<const EventRecord> ClientBase::arrived_events(std::uint16_t type) { return state_->inbox.arrived(type); }

std::span<const EventRecord> ClientBase::retracted_events(std::uint16_t type) { return state_->inbox.retracted(type); }

World& ClientBase::drawn() {
    State& state = *state_;
    if (state.drawn || !state.link) return state.world;
    session::ClientSession& session = state.link->peer().session();
    const auto& clock = session.render_clock();
    if (clock && clock->running() && session.snapshots().newest() != nullptr) {
        state.picture->draw(session.snapshots(), clock->tick(), state.world);
        if (const netcode::Prediction* prediction = session.prediction())
            state.own_picture->draw(*prediction, session.tick_lead()->position(), state.pumped_at, state.world);
        state.drawn = true;
    }
    return state.world;
}

int report(const std::optional<Error>& error) {
    if (!error) return 0;
    // The sentence may be the server's: it gets no say over the terminal.
    std::fprintf(stderr, "error: %s\n", printable(error->message).c_str());
    return 1;
}

}  // namespace tidewire
