// Players who are there and do nothing: when the game is told, and when they are sent away.
#pragma once

#include <chrono>

namespace tidewire {

/// What a player does is an input that differs from the one before, an event or a request. Bots, and who has lost the connection, are not
/// looked at. 0: never.
struct IdleOptions {
    /// The game is told (on_idle()). Longer than anybody waits in cover.
    std::chrono::milliseconds after{60'000};
    /// Sent away with 4042. A game decides that by itself, or lets players wait: none, without a word.
    std::chrono::milliseconds kick_after{0};
    /// Of a client that says itself that nobody looks, as a page in a hidden tab does: it costs little, and holds a place. None, without a
    /// word.
    std::chrono::milliseconds hidden_kick_after{0};
};

}  // namespace tidewire
