// Client and server over a memory stream that cuts bytes as it likes, by seed.
#include <deque>

#include "tests/sdk/ws/conversation.h"

using namespace tidewire;
using namespace tidewire::ws;
using namespace tidewire::ws::test;

namespace {

/// Moves a random number of bytes from one connection to the other; both see random cuts on writing and on reading.
bool move_some(Endpoint& from, Endpoint& to, SeededRandom& random) {
    from.writable = false;
    Bytes bytes;
    const std::size_t wanted = 1 + random.below(random.below(4) == 0 ? 5000 : 20);
    for (const ByteSpan piece : from.connection.poll_transmit())
        append(bytes, piece.first(std::min(piece.size(), wanted - bytes.size())));
    if (bytes.empty()) return false;
    from.connection.transmitted(bytes.size(), from.now);
    if (random.below(3) == 0) from.connection.retain_unsent();
    to.receive(bytes);
    return true;
}

}  // namespace

TEST_CASE("a pair over a stream with random cuts delivers every message in order and closes cleanly", "[ws][pair]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        SeededRandom random(seed);
        const Limits limits{.message_bytes_max = 100000, .transmit_bytes_max = 1 << 20};
        Endpoint client(Connection::client({.host = "h", .subprotocols = {"t"}}, limits, {}, seeded(seed), start));
        Endpoint server(Connection::server(limits, {}, start));
        client.writable = server.writable = false;
        server.receive(client.take_sent());
        while (!client.connection.open() || !server.connection.open()) {
            const bool there = move_some(client, server, random);
            const bool back = move_some(server, client, random);
            REQUIRE((there || back));
        }
        client.take_events();
        server.take_events();

        std::deque<Bytes> payloads;  // the server keeps views of them
        std::vector<std::string> to_server, to_client;
        for (int i = 0; i < 60; ++i) {
            const bool text = random.below(2) != 0;
            Bytes& payload = payloads.emplace_back(random.below(5) == 0 ? random.below(80000) : random.below(200));
            for (std::byte& byte : payload)
                byte = static_cast<std::byte>(text ? 'a' + random.below(26) : random.below(256));
            const MessageKind kind = text ? MessageKind::Text : MessageKind::Binary;
            const Event event{.kind = Event::Kind::Message, .message_kind = kind, .bytes = payload};
            Endpoint& sender = random.below(2) ? client : server;
            (&sender == &client ? to_server : to_client).push_back(to_words(event));
            const std::size_t cut = random.below(static_cast<std::uint32_t>(payload.size() + 1));
            const ByteSpan parts[] = {ByteSpan(payload).first(cut), ByteSpan(payload).subspan(cut)};
            while (!sender.connection.send(kind, parts)) {
                move_some(client, server, random);
                move_some(server, client, random);
            }
            if (random.below(4) == 0) move_some(client, server, random);
            if (random.below(4) == 0) move_some(server, client, random);
        }
        Endpoint& closer = random.below(2) ? client : server;
        Endpoint& other = &closer == &client ? server : client;
        while (move_some(client, server, random) || move_some(server, client, random)) {
        }
        closer.connection.close(CloseCode::Normal, "done", closer.now);
        while (move_some(client, server, random) || move_some(server, client, random)) {
        }
        (&closer == &client ? to_client : to_server).push_back("closed 1000 clean by us: done");
        (&other == &client ? to_client : to_server).push_back("closed 1000 clean by peer: done");
        CHECK(client.take_events() == to_client);
        CHECK(server.take_events() == to_server);
    }
}
