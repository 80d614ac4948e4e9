// The client's facade: a link with its thread, a schedule of inputs and the picture. What it tells the program between two frames is what
// the last one saw; only figures are of the moment.
#include "tidewire/client.h"

#include <cassert>
#include <utility>

#include "sdk/client/event_inbox.h"
#include "sdk/client/figures.h"
#include "sdk/client/link_thread.h"
#include "sdk/core/base/printable.h"
#include "sdk/core/netcode/frame_clock.h"
#include "sdk/core/netcode/interpolation.h"
#include "sdk/core/netcode/own_picture.h"
#include "sdk/core/ws/close_code.h"
#include "sdk/net/system.h"
#include "sdk/net/url.h"

namespace tidewire {

namespace {

/// update() returns this often before there are ticks to wait for, so that a program can show that it is connecting.
constexpr Duration update_period_before_ticks = std::chrono::milliseconds(50);

/// Has the query a field that sounds like a secret?
bool has_secret(std::string_view target) {
    const std::size_t question = target.find('?');
    if (question == std::string_view::npos) return false;
    std::string query(target.substr(question));
    for (char& c : query)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    for (const char* name : {"token=", "ticket=", "jwt="})
        if (query.find(name) != std::string::npos) return true;
    return false;
}

ClientStatus to_status(session::ClientState state) {
    switch (state) {
        case session::ClientState::Connecting:
            return ClientStatus::Connecting;
        case session::ClientState::Joining:
            return ClientStatus::Joining;
        case session::ClientState::Playing:
            return ClientStatus::Playing;
        case session::ClientState::Lost:
        case session::ClientState::Resuming:
            return ClientStatus::Reconnecting;
        case session::ClientState::Closed:
            break;
    }
    return ClientStatus::Closed;
}

}  // namespace

struct ClientBase::State {
    explicit State(const SchemaInfo& game_schema) : schema(&game_schema), inbox(game_schema), world(game_schema, 0) {}

    const SchemaInfo* schema;
    std::optional<LinkThread> io;  // empty when the URL was not usable
    std::optional<Error> error;
    std::optional<std::chrono::milliseconds> retry_after;  // as the server has said at the end
    bool leaving = false;                                  // close() was called: its end is no error

    // Of the last frame.
    ClientStatus status = ClientStatus::Connecting;
    PlayerId player = 0;
    bool spectates = false;
    int tick_rate = 0;
    bool input_due = false;
    bool ticked = false;  // an input became due in it
    netcode::FrameClock frame_clock;
    TimePoint shown_at{};
    bool drawn = false;  // `world` shows it

    std::uint16_t input_type = 0;
    Bytes input;               // what input() gave last; empty before the first
    bool input_fresh = false;  // and it was not sent yet

    std::vector<session::ReceivedEvent> received;  // on their way to the inbox
    EventInbox inbox;

    std::string_view simulated_link;  // of a preset, or empty
    TimePoint lost_at{};
    std::uint32_t resumes = 0;
    std::string last_desync;
    World world;
    std::optional<netcode::Picture> picture;         // of `world`
    std::optional<netcode::OwnPicture> own_picture;  // of what is predicted in it

    bool closed() const { return status == ClientStatus::Closed; }

    void start(std::string_view text, const ClientOptions& options, ApplyInput rules) {
        auto url = net::parse_url(text);
        if (!url) return refuse(url.error());
        if (has_secret(url->target))
            return refuse({Blame::Caller,
                           "the URL has a token in it, and URLs end up in logs; leave it out there and give it as "
                           "ClientOptions::token"});
        Link link(*schema, options, *url, net::now());
        if (const net::LinkPreset* preset = net::find_link_preset(options.simulated_link)) {
            link.simulate(*preset, net::now());
            simulated_link = preset->name;
        } else if (!options.simulated_link.empty()) {
            return refuse({Blame::Caller, "no simulated link is called \"" + options.simulated_link + "\"; there are " +
                                              net::link_preset_names()});
        }
        link.session().predict_by(std::move(rules));
        auto started = LinkThread::start(std::move(link));
        if (!started) return refuse(started.error());
        io.emplace(std::move(*started));
    }

    void refuse(Error why) {
        error = std::move(why);
        status = ClientStatus::Closed;
    }

    /// Everything of a frame that does not wait; of the length that the program says. False once the connection is closed.
    bool frame(Link& link, TimePoint now, std::optional<Duration> length = std::nullopt) {
        // As long as the name service is asked, nobody else looks at the clock.
        if (!link.started()) link.pump(now);
        while (auto event = link.peer().poll_event()) take(*event, link);
        if (closed()) {
            // What came before the end is told, the last words above all.
            take_game_events(link);
            return false;
        }
        shown_at = length ? frame_clock.advance(*length, now) : frame_clock.advance(now);
        drawn = false;
        ticked = link.peer().advance(now, shown_at);
        if (input_fresh) send_due_inputs(link, now);
        take_game_events(link);
        const session::ClientSession& session = link.session();
        input_due = session.inputs_due() > 0;
        status = to_status(session.state());
        player = session.player();
        spectates = session.spectates();
        tick_rate = session.tick_rate();
        return true;
    }

    /// What the game may be told of from now on.
    void take_game_events(Link& link) {
        link.session().take_events(received);
        inbox.add(received);
    }

    /// A frame of a program that does not wait.
    bool frame(std::optional<Duration> length) {
        if (!io) return false;
        const LinkThread::Turn link = io->turn();
        const TimePoint now = net::now();
        inbox.begin_frame();
        // The program saw that these were due and had nothing newer: what it gave last counts on.
        send_due_inputs(*link, now);
        return frame(*link, now, length);
    }

    void take(const session::ClientEvent& event, const Link& link) {
        switch (event.kind) {
            case session::ClientEvent::Kind::Joined:
                begin_world(link.session());
                break;
            case session::ClientEvent::Kind::Snapshot:
                break;
            case session::ClientEvent::Kind::Lost:
                lost_at = net::now();
                break;
            case session::ClientEvent::Kind::Resumed:
                ++resumes;
                // A server that was restarted may have other limits now.
                if (link.session().entities_max() != world.entities_max()) begin_world(link.session());
                break;
            case session::ClientEvent::Kind::Desync:
                last_desync = event.reason;
                break;
            case session::ClientEvent::Kind::Closed:
                if (!leaving) error = to_error(event, link);
                retry_after = event.retry_after;
                status = ClientStatus::Closed;
                input_due = false;
                break;
        }
    }

    void begin_world(const session::ClientSession& session) {
        world = World(*schema, session.entities_max());
        picture.emplace(session.layout());
        own_picture.emplace(session.layout());
    }

    Error to_error(const session::ClientEvent& event, const Link& link) const {
        if (link.failed()) return {Blame::Machine, event.reason};
        // Without a close frame: the stream was cut off, or once there was a game, it fell silent.
        const bool without_a_word =
            link.cut_off() || (picture && event.close_code == static_cast<std::uint16_t>(ws::CloseCode::Abnormal));
        return {Blame::Peer,
                without_a_word ? "the connection to " + link.destination().name() + " was lost: " + event.reason : event.reason,
                event.close_code};
    }

    /// One for each tick period that has passed; what the server gets late it would rather repeat than miss.
    void send_due_inputs(Link& link, TimePoint now) {
        if (closed() || link.session().inputs_due() == 0) return;
        link.peer().send_due_inputs(input_type, input.empty() ? nullptr : input.data(), now);
        input_fresh = false;
        take_game_events(link);
        input_due = false;
    }

    void close() {
        if (!io) return;
        LinkThread::Turn link = io->turn();
        if (!closed()) {
            leaving = true;
            link->close(net::now());
        }
        wait_for_end(link);
        status = ClientStatus::Closed;
        input_due = false;
    }

    /// Until the closing handshake is over and the stream is closed.
    void wait_for_end(LinkThread::Turn& link) {
        while (!link->finished()) link.wait(never);
        while (auto event = link->peer().poll_event()) take(*event, *link);
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
    if (!state.io) return false;
    LinkThread::Turn link = state.io->turn();
    TimePoint now = net::now();
    state.inbox.begin_frame();
    state.send_due_inputs(*link, now);
    const TimePoint give_way = now + update_period_before_ticks;
    while (state.frame(*link, now)) {
        const TimePoint next = link->session().next_input();
        if (next == never ? now >= give_way : state.ticked) return true;
        link.wait(next == never ? give_way : next);
        now = net::now();
    }
    state.wait_for_end(link);
    return false;
}

bool ClientBase::update(std::chrono::duration<double> frame) {
    return state_->frame(std::chrono::duration_cast<Duration>(frame));
}

bool ClientBase::poll() { return state_->frame(std::nullopt); }

void ClientBase::suspend() {
    if (!state_->closed()) state_->io->turn()->peer().suspend(net::now());
}

void ClientBase::resume() {
    if (!state_->closed()) state_->io->turn()->peer().resume(net::now());
}

bool ClientBase::simulate_link(std::string_view name) {
    const net::LinkPreset* preset = net::find_link_preset(name);
    if (preset == nullptr && !name.empty()) return false;
    const net::LinkPreset as_it_is{.name = "", .title = "", .up = {}, .down = {}};
    if (!state_->closed()) state_->io->turn()->simulate(preset == nullptr ? as_it_is : *preset, net::now());
    state_->simulated_link = preset == nullptr ? std::string_view() : preset->name;
    return true;
}

std::string_view ClientBase::simulated_link() const { return state_->simulated_link; }

void ClientBase::close() { state_->close(); }

ClientStatus ClientBase::status() const { return state_->status; }

PlayerId ClientBase::player() const { return state_->player; }

bool ClientBase::spectates() const { return state_->spectates; }

std::chrono::milliseconds ClientBase::spectator_delay() const {
    return state_->io ? state_->io->turn()->session().spectator_delay() : std::chrono::milliseconds(0);
}

RoomIdentity ClientBase::room() const { return state_->io ? state_->io->turn()->session().room() : RoomIdentity{}; }

int ClientBase::tick_rate() const { return state_->tick_rate; }

bool ClientBase::input_due() const { return state_->input_due; }

Latency ClientBase::latency() const {
    return state_->io ? state_->io->turn()->session().latency(net::now()) : Latency{};
}

ClientFigures ClientBase::figures() const {
    if (!state_->io) return {};
    ClientFigures figures = figures_of(state_->io->turn()->session(), net::now());
    figures.last_desync = state_->last_desync;
    return figures;
}

std::optional<BulkProgress> ClientBase::bulk() const {
    return state_->io ? state_->io->turn()->session().bulk_progress() : std::nullopt;
}

std::optional<Bulk> ClientBase::take_bulk() {
    return state_->io ? state_->io->turn()->peer().session().poll_bulk() : std::nullopt;
}

std::optional<Reconnecting> ClientBase::reconnecting() const {
    if (state_->status != ClientStatus::Reconnecting) return std::nullopt;
    const LinkThread::Turn link = state_->io->turn();
    const TimePoint now = net::now();
    const TimePoint next = link->peer().next_attempt();
    const auto in_ms = [](Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration); };
    return Reconnecting{.attempt = link->peer().attempts(),
                        .since = in_ms(now - state_->lost_at),
                        .next_in = in_ms(next == never ? Duration(0) : std::max(next - now, Duration(0))),
                        .reason = link->peer().session().loss()};
}

std::uint32_t ClientBase::resumes() const { return state_->resumes; }

const std::optional<Error>& ClientBase::error() const { return state_->error; }

std::optional<std::chrono::milliseconds> ClientBase::retry_after() const { return state_->retry_after; }

void ClientBase::send_input(std::uint16_t type, const void* aggregate) {
    State& state = *state_;
    assert(type < state.schema->inputs.size());
    const auto* bytes = static_cast<const std::byte*>(aggregate);
    state.input_type = type;
    state.input.assign(bytes, bytes + state.schema->inputs[type].size);
    state.input_fresh = true;
    if (!state.input_due) return;
    const LinkThread::Turn link = state.io->turn();
    state.send_due_inputs(*link, net::now());
}

Result<void> ClientBase::send_event(std::uint16_t type, const void* event) {
    if (!state_->io) return unexpected(Blame::Caller, "nothing can be sent: there is no connection; see error()");
    return state_->io->turn()->peer().send_event(type, event, net::now());
}

RequestId ClientBase::send_request(std::uint16_t type, const void* event) {
    if (!state_->io) return {};
    return {state_->io->turn()->peer().send_request(type, event, net::now())};
}

std::optional<Result<void>> ClientBase::take_reply(RequestId request, std::uint16_t type, void* event) {
    if (!state_->io) return unexpected(Blame::Caller, "nothing is answered: there is no connection; see error()");
    return state_->io->turn()->session().take_reply(request.number, type, event);
}

std::span<const EventRecord> ClientBase::arrived_events(std::uint16_t type) { return state_->inbox.arrived(type); }

std::span<const EventRecord> ClientBase::retracted_events(std::uint16_t type) { return state_->inbox.retracted(type); }

World& ClientBase::drawn() {
    State& state = *state_;
    if (state.drawn || !state.picture) return state.world;
    const LinkThread::Turn link = state.io->turn();
    const session::ClientSession& session = link->session();
    if (session.snapshots().newest() == nullptr) return state.world;
    state.picture->draw(session.snapshots(), session.draw_tick(), state.world);
    if (const netcode::Prediction* prediction = session.prediction())
        state.own_picture->draw(*prediction, session.own_tick(), state.shown_at, state.world);
    state.drawn = true;
    return state.world;
}

int report(const std::optional<Error>& error) {
    if (!error) return 0;
    // The sentence may be the server's: it gets no say over the terminal.
    std::fprintf(stderr, "error: %s\n", printable(error->message).c_str());
    return 1;
}

}  // namespace tidewire
