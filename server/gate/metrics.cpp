// prometheus-cpp: one family for each name, one metric in it for each room and shard. Only this file knows that library.
#include "server/gate/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "sdk/core/ws/close_code.h"
#include "sdk/net/process_figures.h"

namespace tidewire::server {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

/// Fine around 16 and 33 ms, the periods of 60 and of 30 Hz: whether a tick holds is read from there.
const Histogram::BucketBoundaries buckets = {.0005, .001, .002, .003, .004, .005, .006, .008, .010,
                                             .012,  .014, .016, .018, .020, .022, .025, .028, .030,
                                             .033,  .036, .040, .050, .066, .100, .200, .500};

struct RoomCounter {
    const char* name;
    const char* help;
    std::uint64_t RoomFigures::*total;
};
constexpr RoomCounter room_counters[] = {
    {"tidewire_ticks_total", "Ticks that the room has run.", &RoomFigures::ticks},
    {"tidewire_ticks_dropped_total", "Ticks that were never run, for the room was too far behind.",
     &RoomFigures::ticks_dropped},
    {"tidewire_inputs_total", "Inputs of players that a tick has used.", &RoomFigures::inputs},
    {"tidewire_inputs_repeated_total", "Ticks of one player in which the last input stood in for a missing one.",
     &RoomFigures::inputs_repeated},
    {"tidewire_inputs_neutral_total", "Ticks of one player in which no input stood in for a missing one.",
     &RoomFigures::inputs_neutral},
    {"tidewire_inputs_late_total", "Inputs that came after their tick.", &RoomFigures::inputs_late},
    {"tidewire_inputs_early_total", "Inputs that were refused for being too far ahead.", &RoomFigures::inputs_early},
    {"tidewire_sent_bytes_total", "Bytes that the streams of the room's clients took.", &RoomFigures::bytes_sent},
    {"tidewire_received_bytes_total", "Bytes that came from the room's clients.", &RoomFigures::bytes_received},
    {"tidewire_tick_messages_total", "Tick messages to clients.", &RoomFigures::tick_messages},
    {"tidewire_ticks_left_out_total", "Ticks that a client was not told of, for its link would not carry them.",
     &RoomFigures::ticks_left_out},
    {"tidewire_ticks_shed_total", "Ticks that a client was not told of, for the room had too much to do.",
     &RoomFigures::ticks_shed},
    {"tidewire_keyframes_total", "Tick messages with a keyframe.", &RoomFigures::keyframes},
    {"tidewire_events_sent_total", "Events and replies to clients.", &RoomFigures::events_sent},
    {"tidewire_events_muted_total", "Events and requests of muted players, which were dropped.", &RoomFigures::events_muted},
    {"tidewire_players_dismissed_total", "Players who were kicked, banned, or sent away for doing nothing.",
     &RoomFigures::players_dismissed},
};
constexpr std::size_t room_counter_count = std::size(room_counters);

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Totals grow, or their owner began anew.
void count(Counter& counter, std::uint64_t total, std::uint64_t before) {
    counter.Increment(static_cast<double>(total < before ? total : total - before));
}

/// A metric in its family; gone from there when this goes.
template <class Metric>
class Listed {
public:
    Listed() = default;
    Listed(Family<Metric>& family, const Labels& labels) : family_(&family), metric_(&family.Add(labels)) {}
    Listed(Family<Histogram>& family, const Labels& labels, const Histogram::BucketBoundaries& boundaries)
        : family_(&family), metric_(&family.Add(labels, boundaries)) {}
    Listed(Listed&& other) noexcept
        : family_(std::exchange(other.family_, nullptr)), metric_(std::exchange(other.metric_, nullptr)) {}
    Listed& operator=(Listed&& other) noexcept {
        std::swap(family_, other.family_);
        std::swap(metric_, other.metric_);
        return *this;
    }
    ~Listed() {
        if (family_ != nullptr) family_->Remove(metric_);
    }

    Metric& operator*() const { return *metric_; }
    Metric* operator->() const { return metric_; }

private:
    Family<Metric>* family_ = nullptr;
    Metric* metric_ = nullptr;
};

/// Every name there is, with its help.
struct Families {
    explicit Families(prometheus::Registry& registry)
        : ticks(histogram(registry, "tidewire_tick_seconds",
                          "What a room's tick takes: reading inputs, simulating and encoding.")),
          sends(histogram(registry, "tidewire_send_seconds", "What writing a tick to a room's clients takes.")),
          turns(histogram(registry, "tidewire_turn_seconds",
                          "Both together: a room whose turns take longer than its period does not hold its rate.")),
          players(gauge(registry, "tidewire_players", "Players of the room, with bots.")),
          spectators(gauge(registry, "tidewire_spectators", "Those who watch the room.")),
          clients(gauge(registry, "tidewire_clients", "Clients of the room by what their links carry.")),
          load_level(gauge(registry, "tidewire_room_load_level", "Steps of load that the room sheds; 0: none.")),
          room_memory(gauge(registry, "tidewire_room_memory_bytes", "Memory of the room.")),
          status(gauge(registry, "tidewire_room_status", "1 for what the room is, 0 for what it is not.")),
          loop_delays(
              histogram(registry, "tidewire_loop_delay_seconds", "How late a shard's loop comes to what is due.")),
          connections(gauge(registry, "tidewire_shard_connections", "Open sockets of the shard.")),
          shard_rooms(gauge(registry, "tidewire_shard_rooms", "Rooms that the shard runs.")),
          shard_memory(gauge(registry, "tidewire_shard_memory_bytes", "Memory of the shard's connections.")),
          shard_unacknowledged(gauge(registry, "tidewire_shard_unacknowledged_bytes",
                                     "Bytes of the shard's streams that are on their way.")),
          shard_unsent(gauge(registry, "tidewire_shard_unsent_bytes",
                             "Bytes that the kernel holds for the shard's streams and has not sent.")),
          shard_retransmits(gauge(registry, "tidewire_shard_retransmits",
                                  "Packets sent again by the streams that are open now, since each began.")),
          messages(counter(registry, "tidewire_messages_total", "Messages of the room's clients, by class.")),
          messages_refused(counter(registry, "tidewire_messages_refused_total",
                                   "Messages beyond what one client may send of their class: each has ended its session.")),
          refused(counter(registry, "tidewire_connections_refused_total",
                          "Connections that ended before they were players, by reason.")),
          build(gauge(registry, "tidewire_build_info", "Always 1; the label says which build this is.")),
          resident(gauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes.")),
          cpu(counter(registry, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.")),
          descriptors(gauge(registry, "process_open_fds", "Number of open file descriptors.")),
          descriptors_max(gauge(registry, "process_max_fds", "Maximum number of open file descriptors.")),
          started(
              gauge(registry, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.")) {
        for (std::size_t i = 0; i < room_counter_count; ++i)
            room_totals[i] = &counter(registry, room_counters[i].name, room_counters[i].help);
    }

    static Family<Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }
    static Family<Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    static Family<Histogram>& histogram(prometheus::Registry& registry, const char* name, const char* help) {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }

    Family<Histogram>& ticks;
    Family<Histogram>& sends;
    Family<Histogram>& turns;
    std::array<Family<Counter>*, room_counter_count> room_totals{};
    Family<Gauge>& players;
    Family<Gauge>& spectators;
    Family<Gauge>& clients;
    Family<Gauge>& load_level;
    Family<Gauge>& room_memory;
    Family<Gauge>& status;
    Family<Histogram>& loop_delays;
    Family<Gauge>& connections;
    Family<Gauge>& shard_rooms;
    Family<Gauge>& shard_memory;
    Family<Gauge>& shard_unacknowledged;
    Family<Gauge>& shard_unsent;
    Family<Gauge>& shard_retransmits;
    Family<Counter>& messages;
    Family<Counter>& messages_refused;
    Family<Counter>& refused;
    Family<Gauge>& build;
    Family<Gauge>& resident;
    Family<Counter>& cpu;
    Family<Gauge>& descriptors;
    Family<Gauge>& descriptors_max;
    Family<Gauge>& started;
};

Labels with(Labels labels, const char* name, const char* value) {
    labels.emplace(name, value);
    return labels;
}

}  // namespace

const char* name_of(RoomStatus status) {
    constexpr const char* names[room_status_count] = {"open", "draining", "closing"};
    return names[static_cast<std::size_t>(status)];
}

const char* name_of(RefusalClass refusal) {
    constexpr const char* names[refusal_class_count] = {
        "server_full", "no_connection", "no_descriptor", "origin",         "request",  "version",
        "protocol",    "stream",        "left",          "authentication", "join_rate", "banned",
        "room"};
    return names[static_cast<std::size_t>(refusal)];
}

RefusalClass class_of(const GateEvent& refused) {
    if (refused.connection == ConnectionId{})
        return refused.peer_address.empty() ? RefusalClass::NoDescriptor : RefusalClass::NoConnection;
    switch (refused.http_status) {
        case 0:
            break;
        case 403:
            return RefusalClass::Origin;
        case 429:
        case 503:
            return RefusalClass::NoConnection;
        default:
            return RefusalClass::Request;
    }
    // Whoever ends by a word of its own has left, whatever code it gives for that.
    if (refused.by_client) return RefusalClass::Left;
    if (refused.close_code == 0) return RefusalClass::Stream;
    switch (static_cast<ws::CloseCode>(refused.close_code)) {
        case ws::CloseCode::ServerFull:
            return RefusalClass::ServerFull;
        case ws::CloseCode::SchemaMismatch:
        case ws::CloseCode::ProtocolMismatch:
            return RefusalClass::Version;
        case ws::CloseCode::Normal:
        case ws::CloseCode::GoingAway:
        case ws::CloseCode::NoStatus:
        case ws::CloseCode::Abnormal:
            return RefusalClass::Left;
        case ws::CloseCode::TokenMissing:
        case ws::CloseCode::TokenRefused:
        case ws::CloseCode::TokenExpired:
        case ws::CloseCode::TokenTooEarly:
        case ws::CloseCode::TokenUsed:
        case ws::CloseCode::WrongRoom:
        case ws::CloseCode::Denied:
            return RefusalClass::Authentication;
        case ws::CloseCode::TooManyJoins:
            return RefusalClass::JoinRate;
        case ws::CloseCode::Banned:
            return RefusalClass::Banned;
        case ws::CloseCode::NoSuchRoom:
        case ws::CloseCode::WrongCode:
        case ws::CloseCode::RoomFull:
        case ws::CloseCode::RoomOver:
        case ws::CloseCode::RoomTaken:
        case ws::CloseCode::NoNewRooms:
        case ws::CloseCode::TooManyRooms:
            return RefusalClass::Room;
        default:
            return RefusalClass::Protocol;
    }
}

struct RoomMetrics::State {
    State(Families& families, const Labels& labels)
        : ticks(families.ticks, labels, buckets),
          sends(families.sends, labels, buckets),
          turns(families.turns, labels, buckets),
          players(families.players, labels),
          spectators(families.spectators, labels),
          load_level(families.load_level, labels),
          memory(families.room_memory, labels) {
        for (std::size_t i = 0; i < room_counter_count; ++i) totals[i] = {*families.room_totals[i], labels};
        for (std::size_t i = 0; i < session::message_class_count; ++i) {
            const Labels of_class = with(labels, "class", name_of(static_cast<session::MessageClass>(i)));
            messages[i] = {families.messages, of_class};
            messages_refused[i] = {families.messages_refused, of_class};
        }
        for (std::size_t i = 0; i < rung_count; ++i)
            clients[i] = {families.clients, with(labels, "rung", name_of(static_cast<Rung>(i)))};
        for (std::size_t i = 0; i < room_status_count; ++i)
            status[i] = {families.status, with(labels, "status", name_of(static_cast<RoomStatus>(i)))};
        status[0]->Set(1);
    }

    Listed<Histogram> ticks;
    Listed<Histogram> sends;
    Listed<Histogram> turns;
    std::array<Listed<Counter>, room_counter_count> totals;
    std::array<Listed<Counter>, session::message_class_count> messages;
    std::array<Listed<Counter>, session::message_class_count> messages_refused;
    Listed<Gauge> players;
    Listed<Gauge> spectators;
    std::array<Listed<Gauge>, rung_count> clients;
    Listed<Gauge> load_level;
    Listed<Gauge> memory;
    std::array<Listed<Gauge>, room_status_count> status;
    RoomFigures before{};
};

RoomMetrics::RoomMetrics(std::unique_ptr<State> state) : state_(std::move(state)) {}
RoomMetrics::~RoomMetrics() = default;

void RoomMetrics::note(const RoomFigures& figures) {
    State& state = *state_;
    for (std::size_t i = 0; i < room_counter_count; ++i) {
        const auto total = room_counters[i].total;
        count(*state.totals[i], figures.*total, state.before.*total);
    }
    for (std::size_t i = 0; i < session::message_class_count; ++i) {
        count(*state.messages[i], figures.messages.taken[i], state.before.messages.taken[i]);
        count(*state.messages_refused[i], figures.messages.refused[i], state.before.messages.refused[i]);
    }
    state.players->Set(figures.players);
    state.spectators->Set(figures.spectators);
    for (std::size_t i = 0; i < rung_count; ++i) state.clients[i]->Set(figures.clients_on_rung[i]);
    state.load_level->Set(figures.load_level);
    state.memory->Set(static_cast<double>(figures.memory_bytes));
    for (std::size_t i = 0; i < room_status_count; ++i)
        state.status[i]->Set(figures.status == static_cast<RoomStatus>(i) ? 1 : 0);
    state.before = figures;
}

void RoomMetrics::note_turn(Duration made, Duration written) {
    state_->ticks->Observe(seconds(made));
    state_->sends->Observe(seconds(written));
    state_->turns->Observe(seconds(made + written));
}

struct ShardMetrics::State {
    State(Families& families, const Labels& labels)
        : loop_delays(families.loop_delays, labels, buckets),
          connections(families.connections, labels),
          rooms(families.shard_rooms, labels),
          memory(families.shard_memory, labels),
          unacknowledged(families.shard_unacknowledged, labels),
          unsent(families.shard_unsent, labels),
          retransmits(families.shard_retransmits, labels) {}

    Listed<Histogram> loop_delays;
    Listed<Gauge> connections;
    Listed<Gauge> rooms;
    Listed<Gauge> memory;
    Listed<Gauge> unacknowledged;
    Listed<Gauge> unsent;
    Listed<Gauge> retransmits;
};

ShardMetrics::ShardMetrics(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardMetrics::~ShardMetrics() = default;

void ShardMetrics::note(const ShardFigures& figures) {
    state_->connections->Set(figures.connections);
    state_->rooms->Set(figures.rooms);
    state_->memory->Set(static_cast<double>(figures.memory_bytes));
    state_->unacknowledged->Set(static_cast<double>(figures.streams.unacknowledged_bytes));
    state_->unsent->Set(static_cast<double>(figures.streams.unsent_bytes));
    state_->retransmits->Set(static_cast<double>(figures.streams.retransmits));
}

void ShardMetrics::note_loop_delay(Duration delay) {
    // A loop that comes before the time, as a clock's steps allow, is not late.
    state_->loop_delays->Observe(std::max(seconds(delay), 0.0));
}

struct Metrics::State {
    explicit State(std::string_view build_version)
        : families(registry),
          resident(families.resident, {}),
          cpu(families.cpu, {}),
          descriptors(families.descriptors, {}),
          descriptors_max(families.descriptors_max, {}),
          started(families.started, {}),
          build(families.build, {{"version", std::string(build_version)}}) {
        for (std::size_t i = 0; i < refusal_class_count; ++i)
            refused[i] = {families.refused, {{"reason", name_of(static_cast<RefusalClass>(i))}}};
        build->Set(1);
    }

    prometheus::Registry registry;
    Families families;
    Listed<Gauge> resident;
    Listed<Counter> cpu;
    Listed<Gauge> descriptors;
    Listed<Gauge> descriptors_max;
    Listed<Gauge> started;
    Listed<Gauge> build;
    std::array<Listed<Counter>, refusal_class_count> refused;

    std::mutex mutex;  // of what follows
    std::map<std::uint32_t, std::unique_ptr<RoomMetrics>> rooms;
    std::map<std::uint32_t, std::unique_ptr<ShardMetrics>> shards;
    double cpu_seconds = 0;  // as told last
};

Metrics::Metrics(std::string_view build_version) : state_(std::make_unique<State>(build_version)) {}
Metrics::~Metrics() = default;

RoomMetrics& Metrics::room(std::uint32_t number) {
    const std::lock_guard lock(state_->mutex);
    std::unique_ptr<RoomMetrics>& room = state_->rooms[number];
    if (!room)
        room.reset(new RoomMetrics(
            std::make_unique<RoomMetrics::State>(state_->families, Labels{{"room", std::to_string(number)}})));
    return *room;
}

void Metrics::close_room(std::uint32_t number) {
    const std::lock_guard lock(state_->mutex);
    state_->rooms.erase(number);
}

ShardMetrics& Metrics::shard(std::uint32_t number) {
    const std::lock_guard lock(state_->mutex);
    std::unique_ptr<ShardMetrics>& shard = state_->shards[number];
    if (!shard)
        shard.reset(new ShardMetrics(
            std::make_unique<ShardMetrics::State>(state_->families, Labels{{"shard", std::to_string(number)}})));
    return *shard;
}

void Metrics::count_refused(RefusalClass refusal, std::uint64_t count) {
    state_->refused[static_cast<std::size_t>(refusal)]->Increment(static_cast<double>(count));
}

std::string Metrics::text() {
    {
        const std::lock_guard lock(state_->mutex);
        const net::ProcessFigures process = net::process_figures();
        state_->resident->Set(static_cast<double>(process.resident_bytes));
        state_->cpu->Increment(process.cpu_seconds - state_->cpu_seconds);
        state_->cpu_seconds = process.cpu_seconds;
        state_->descriptors->Set(static_cast<double>(process.open_descriptors));
        state_->descriptors_max->Set(static_cast<double>(process.descriptors_max));
        state_->started->Set(process.started);
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace tidewire::server
