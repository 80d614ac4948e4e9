// Thousands of headless clients of one server in one process: the real client's session, over real sockets. It knows no game; see
// SwarmGame.
#pragma once

#include "sdk/net/route.h"
#include "sdk/net/waker.h"
#include "tidewire/result.h"
#include "tools/swarm/game.h"
#include "tools/swarm/options.h"
#include "tools/swarm/outcome.h"

namespace tidewire::swarm {

class Swarm {
public:
    /// Finds the server and asks the machine for the sockets. `game` outlives the swarm. Errors blame the caller for options that cannot work
    /// (a URL that is none, more clients than files may be open), the machine for the rest.
    static Result<Swarm> prepare(const SwarmGame& game, SwarmOptions options);

    /// Joins, plays and leaves; `stop` ends the playing early. Trouble with metrics goes to `complain`, a sentence each. Errors: the
    /// machine's.
    Result<Outcome> run(const net::Waker& stop, void (*complain)(const std::string& sentence));

    const SwarmOptions& options() const { return options_; }

private:
    Swarm(const SwarmGame& game, SwarmOptions options, net::Route route)
        : game_(&game), options_(std::move(options)), route_(std::move(route)) {}

    const SwarmGame* game_;
    SwarmOptions options_;
    net::Route route_;
};

}  // namespace tidewire::swarm
