// Asks a server for its /metrics, on a connection of its own, and waits for the answer.
#pragma once

#include <string>

#include "sdk/net/route.h"
#include "tidewire/result.h"
#include "tools/swarm/metrics_text.h"

namespace tidewire::swarm {

/// Where players connect is where the metrics are: ws is http and wss is https. Errors: no answer within five seconds, another status than
/// 200, text that is not of Prometheus' format.
Result<MetricsText> fetch_metrics(const net::Route& route);

}  // namespace tidewire::swarm
