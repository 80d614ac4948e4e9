// The list of a server's public rooms and what becomes of them, for a menu or a matchmaker. It needs neither the game nor a token.
//
//     tidewire::RoomBrowser browser("ws://localhost:7777", {.properties = {{"mode", "duel"}}});
//     while (browser.update()) { for (const auto& room : browser.rooms()) show(room); … }
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidewire/result.h"
#include "tidewire/room_wish.h"
#include "tidewire/tls.h"

namespace tidewire {

struct ListedRoom {
    std::uint32_t number = 0;
    std::string name{};  ///< As RoomWish::name.
    RoomProperties properties{};
    std::uint32_t players = 0;  ///< Humans and bots, and places that are kept for somebody.
    std::uint32_t seats = 0;

    friend bool operator==(const ListedRoom&, const ListedRoom&) = default;
};

struct RoomBrowserOptions {
    RoomProperties properties{};                  ///< Only rooms that have all of these.
    std::chrono::milliseconds connect_timeout{10'000};
    std::string proxy{};                          ///< As ClientOptions::proxy.
    TlsClientOptions tls{};                       ///< Whom to trust on wss://.
};

class RoomBrowser {
public:
    explicit RoomBrowser(std::string_view url, RoomBrowserOptions options = {});
    ~RoomBrowser();
    RoomBrowser(RoomBrowser&&) noexcept;
    RoomBrowser& operator=(RoomBrowser&&) noexcept;

    /// Takes what has come, and waits for it as long as this where there is nothing. False once the connection is over: see error().
    bool update(std::chrono::milliseconds wait = std::chrono::milliseconds(0));
    /// The whole list has come once; from then on rooms() is as it was half a second ago at most, and the network's way.
    bool complete() const;
    /// By number; a server tells of 256 at most. Valid until the next update().
    const std::vector<ListedRoom>& rooms() const;
    /// Why the connection ended, in a sentence that names the remedy; empty while it lives.
    const std::optional<Error>& error() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tidewire
