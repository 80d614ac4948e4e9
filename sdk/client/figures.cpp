// What an overlay shows of a session.
#include "sdk/client/figures.h"

namespace tidewire {

namespace {

std::uint32_t entities_of(const replication::Snapshot& snapshot) {
    if (snapshot.tables.empty()) return 0;
    std::uint32_t count = 0;
    for (const replication::ChunkPointer& chunk : snapshot.tables[0])
        if (chunk) count += static_cast<std::uint32_t>(__builtin_popcountll(chunk->present));
    return count;
}

}  // namespace

ClientFigures figures_of(const session::ClientSession& session, TimePoint now) {
    const session::ClientCounters& counters = session.counters();
    ClientFigures figures;
    figures.snapshots = counters.ticks;
    figures.keyframes = counters.keyframes;
    figures.desyncs = counters.desyncs;
    figures.bytes_received = counters.bytes_received;
    figures.bytes_sent = counters.bytes_sent;
    figures.inputs_sent = counters.inputs;
    figures.unacknowledged = session.unacknowledged();
    if (const replication::Snapshot* newest = session.snapshots().newest()) {
        figures.tick = newest->tick;
        figures.entities = entities_of(*newest);
        figures.snapshot_age = session.snapshot_age(now);
    }
    if (const auto& clock = session.render_clock()) {
        figures.lateness = clock->lateness();
        figures.interpolation_delay = clock->delay();
        figures.draw_tick = session.draw_tick();
    }
    if (const auto& lead = session.tick_lead()) {
        figures.input_lead = lead->worst().value_or(0);
        figures.dilation = lead->speed() - 1;
    }
    if (const netcode::Prediction* prediction = session.prediction()) {
        figures.corrections = prediction->counters().corrections;
        figures.ticks_replayed = prediction->counters().replayed;
        // From tick to tick the picture goes from the state before to the state after.
        if (prediction->running()) figures.predicted_tick = session.own_tick() - 1;
    }
    const session::EventCounters events = session.event_counters();
    figures.events_arrived = events.arrived;
    figures.events_predicted = events.predicted;
    figures.events_confirmed = events.confirmed;
    figures.events_retracted = events.retracted;
    figures.events_unknown = events.unknown;
    return figures;
}

}  // namespace tidewire
