// ws-frames: how fast the engine alone takes masked frames apart, without sockets.
#include <array>
#include <chrono>

#include "sdk/core/ws/connection.h"
#include "tools/bench/bench.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

constexpr std::array<std::size_t, 4> payload_sizes = {16, 64, 1024, 16 * 1024};
constexpr std::size_t block_bytes = 256 * 1024;  // one read of a busy loop

/// As many masked binary frames of `payload` bytes as fit a block.
Bytes block_of(std::size_t payload) {
    Bytes frame = {std::byte{0x82}};
    if (payload < 126) {
        frame.push_back(static_cast<std::byte>(0x80 | payload));
    } else {
        frame.push_back(std::byte{0xfe});
        frame.push_back(static_cast<std::byte>(payload >> 8));
        frame.push_back(static_cast<std::byte>(payload & 0xff));
    }
    for (const int byte : {0x37, 0x21, 0x5a, 0x0d}) frame.push_back(static_cast<std::byte>(byte));
    for (std::size_t i = 0; i < payload; ++i) frame.push_back(static_cast<std::byte>(i));
    Bytes block;
    while (block.size() + frame.size() <= block_bytes) append(block, frame);
    return block;
}

/// Seconds of processor time per byte and the share of messages that came out.
double gib_per_second(std::size_t payload) {
    TimePoint now{};
    ws::Connection connection = ws::Connection::server({}, {}, now);
    Bytes request;
    append(request, as_bytes("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
    connection.receive(request, now);
    while (auto event = connection.poll_event(now))
        if (event->kind == ws::Event::Kind::Request) connection.accept("", {}, now);

    const Bytes block = block_of(payload);
    Bytes buffer(block.size());
    std::size_t bytes = 0;
    std::size_t messages = 0;
    Duration spent{0};
    // The copy that makes masked bytes again stays outside the clock.
    while (spent < std::chrono::milliseconds(300)) {
        std::copy(block.begin(), block.end(), buffer.begin());
        const auto start = std::chrono::steady_clock::now();
        connection.receive(buffer, now);
        while (auto event = connection.poll_event(now))
            if (event->kind == ws::Event::Kind::Message) ++messages;
        spent += std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
        bytes += block.size();
    }
    if (messages == 0) return 0;
    return static_cast<double>(bytes) / (1024.0 * 1024 * 1024) / (static_cast<double>(spent.count()) * 1e-6);
}

}  // namespace

void add_ws_frames(CLI::App& app, int&) {
    app.add_subcommand("ws-frames", "How fast masked frames are taken apart")->callback([] {
        nlohmann::ordered_json figures = {{"bench", "ws-frames"}};
        std::vector<double> at_64;
        for (const std::size_t payload : payload_sizes) {
            std::vector<double> runs;
            for (int i = 0; i < 5; ++i) runs.push_back(gib_per_second(payload));
            figures["parse_gib_per_second_" + std::to_string(payload)] = median(runs);
            if (payload == 64) at_64 = runs;
        }
        figures["parse_gib_per_second"] = median(at_64);
        print(figures);
    });
}

}  // namespace tidewire::bench
