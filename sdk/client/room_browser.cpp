// A Hello that asks for the list, over the WebSocket client that anybody may use.
#include "tidewire/room_browser.h"

#include <utility>
#include <variant>

#include "sdk/client/listed_rooms.h"
#include "sdk/core/base/room_texts.h"
#include "sdk/core/wire/codec.h"
#include "tidewire/version.h"
#include "tidewire/websocket.h"

namespace tidewire {

struct RoomBrowser::State {
    State(std::string_view url, RoomBrowserOptions browser_options)
        : options(std::move(browser_options)),
          socket(url, {.subprotocols = {subprotocol},
                       .proxy = options.proxy,
                       .tls = options.tls,
                       .limits = {.message_bytes_max = wire::Limits{}.message_bytes_max,
                                  .opening_timeout = options.connect_timeout,
                                  .ping_after_silence = std::chrono::seconds(3),
                                  .dead_after_silence = std::chrono::seconds(10)}}) {}

    void say_hello() {
        const auto sent = socket.send(websocket::MessageKind::Binary,
                                      wire::encode(wire::Hello{.protocol = protocol_version,
                                                               .sdk_version = version,
                                                               .room = {.properties = options.properties},
                                                               .lists_rooms = true}));
        if (!sent) fail(sent.error());
    }

    void take(const websocket::Event& event) {
        switch (event.kind) {
            case websocket::EventKind::Opened:
                return say_hello();
            case websocket::EventKind::Message:
                return take_message(event.bytes);
            case websocket::EventKind::Writable:
                return;
            case websocket::EventKind::Closed:
                over = true;
                // A Goodbye has more room for its reason than a close frame.
                if (!error)
                    error = Error{Blame::Peer, goodbye.empty() ? std::string(event.reason) : goodbye, event.close_code};
                return;
        }
    }

    void take_message(ByteSpan bytes) {
        const auto parsed = wire::parse_message(bytes, wire::Limits{});
        if (!parsed) return fail(parsed.error());
        if (const auto* const list = std::get_if<wire::RoomList>(&*parsed)) {
            if (const auto applied = rooms.apply(*list); !applied) fail(applied.error());
        } else if (const auto* const said = std::get_if<wire::Goodbye>(&*parsed)) {
            goodbye = said->reason;
        } else {
            fail({Blame::Peer, "the server tells of other things than rooms; is it an older one?", 1002});
        }
    }

    void fail(const Error& reason) {
        if (error) return;
        error = reason;
        socket.close(reason.close_code == 0 ? 1000 : reason.close_code, reason.message);
    }

    RoomBrowserOptions options;
    websocket::Client socket;
    ListedRooms rooms;
    std::string goodbye;
    std::optional<Error> error;
    bool over = false;
};

RoomBrowser::RoomBrowser(std::string_view url, RoomBrowserOptions options)
    : state_(std::make_unique<State>(url, std::move(options))) {
    if (const auto refusal = refuse_room_texts({}, state_->options.properties, {}))
        state_->fail({Blame::Caller, "RoomBrowserOptions::properties: " + *refusal});
}

RoomBrowser::~RoomBrowser() = default;
RoomBrowser::RoomBrowser(RoomBrowser&&) noexcept = default;
RoomBrowser& RoomBrowser::operator=(RoomBrowser&&) noexcept = default;

bool RoomBrowser::update(std::chrono::milliseconds wait) {
    State& state = *state_;
    if (state.over) return false;
    state.socket.wait(wait);
    while (const auto event = state.socket.poll_event()) state.take(*event);
    return !state.over;
}

bool RoomBrowser::complete() const { return state_->rooms.complete(); }

const std::vector<ListedRoom>& RoomBrowser::rooms() const { return state_->rooms.rooms(); }

const std::optional<Error>& RoomBrowser::error() const { return state_->error; }

}  // namespace tidewire
