// What metrics there are: the names, helps and buckets that an operator's Prometheus finds. Private to metrics.cpp.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "server/gate/metrics.h"

namespace tidewire::server {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

/// Fine around 16 and 33 ms, the periods of 60 and of 30 Hz: whether a tick holds is read from there.
inline const Histogram::BucketBoundaries buckets = {.0005, .001, .002, .003, .004, .005, .006, .008, .010,
                                                    .012,  .014, .016, .018, .020, .022, .025, .028, .030,
                                                    .033,  .036, .040, .050, .066, .100, .200, .500};

struct RoomCounter {
    const char* name;
    const char* help;
    std::uint64_t RoomFigures::*total;
};
inline constexpr RoomCounter room_counters[] = {
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
inline constexpr std::size_t room_counter_count = std::size(room_counters);

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

}  // namespace tidewire::server
