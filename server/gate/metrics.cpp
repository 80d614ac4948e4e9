// prometheus-cpp: one family for each name, one metric in it for each room and shard. Only this file and its families know that
// library.
#include "server/gate/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "sdk/net/process_figures.h"
#include "server/gate/metrics_families.h"

namespace tidewire::server {

namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Totals grow, or their owner began anew.
void count(Counter& counter, std::uint64_t total, std::uint64_t before) {
    counter.Increment(static_cast<double>(total < before ? total : total - before));
}

Labels with(Labels labels, const char* name, const char* value) {
    labels.emplace(name, value);
    return labels;
}

}  // namespace

const char* name_of(RoomStatus status) {
    constexpr const char* names[room_status_count] = {"open", "draining", "closing"};
    return names[static_cast<std::size_t>(status)];
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
