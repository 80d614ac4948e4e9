// Sums.
#include "tools/swarm/tally.h"

#include <algorithm>

namespace tidewire::swarm {

void Tally::merge(const Tally& other) {
    joins += other.joins;
    joins_succeeded += other.joins_succeeded;
    join_failures.merge(other.join_failures);
    disconnects.merge(other.disconnects);
    leaves += other.leaves;
    join.merge(other.join);
    keyframes += other.keyframes;
    desyncs += other.desyncs;
    client_seconds += other.client_seconds;
    add_difference(settled, other.settled, {});
    state_age.merge(other.state_age);
    rtt.merge(other.rtt);
    lag.merge(other.lag);
    cpu_seconds += other.cpu_seconds;
    busiest_share = std::max(busiest_share, other.busiest_share);
}

void add_difference(session::ClientCounters& sum, const session::ClientCounters& now,
                    const session::ClientCounters& before) {
    sum.bytes_received += now.bytes_received - before.bytes_received;
    sum.bytes_sent += now.bytes_sent - before.bytes_sent;
    sum.ticks += now.ticks - before.ticks;
    sum.keyframes += now.keyframes - before.keyframes;
    sum.desyncs += now.desyncs - before.desyncs;
    sum.inputs += now.inputs - before.inputs;
    sum.inputs_late += now.inputs_late - before.inputs_late;
}

}  // namespace tidewire::swarm
