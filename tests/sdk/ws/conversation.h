// Test support: what an open endpoint says and sends for given bytes, however they are cut.
#pragma once

#include "tests/sdk/ws/endpoint.h"
#include "tests/sdk/ws/splits.h"

namespace tidewire::ws::test {

struct Conversation {
    std::vector<std::string> events;
    std::vector<std::string> frames;  ///< What the endpoint sent.
    bool operator==(const Conversation&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Conversation& conversation) {
    out << "events:";
    for (const std::string& event : conversation.events) out << " [" << event.substr(0, 300) << "]";
    out << " frames:";
    for (const std::string& sent : conversation.frames) out << " [" << sent.substr(0, 300) << "]";
    return out;
}

/// Opens an endpoint, gives it the bytes in every cut, and returns the one answer.
inline Conversation converse(Role role, const Bytes& bytes, const Limits& limits = {}, bool echoes = false) {
    return same_at_every_split(bytes, [&](const Pieces& pieces) {
        Endpoint endpoint = open_endpoint(role, limits);
        endpoint.echoes = echoes;
        for (const ByteSpan piece : pieces) endpoint.receive(piece);
        return Conversation{endpoint.take_events(), sent_frames(role, endpoint.take_sent())};
    });
}

/// The conversation that ends because the endpoint refuses the peer's bytes.
inline Conversation failing(unsigned code, const std::string& reason, std::vector<std::string> before = {},
                            std::vector<std::string> frames_before = {}) {
    before.push_back("closed " + std::to_string(code) + " by us: " + reason);
    frames_before.push_back("close " + std::to_string(code) + " " + reason);
    return {std::move(before), std::move(frames_before)};
}

inline constexpr Role both_roles[] = {Role::Server, Role::Client};

}  // namespace tidewire::ws::test
