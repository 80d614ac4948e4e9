// An echo client: sends messages and checks that they come back, or (--respond) echoes whatever the server sends.
#include <chrono>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "tidewire/websocket.h"

namespace {

namespace websocket = tidewire::websocket;

struct Options {
    std::string url;
    std::string frames = "text";
    std::size_t size = 64;
    std::size_t count = 1;
    bool respond = false;
    bool print = false;
    websocket::ClientOptions client;
};

/// Message number `index`: printable, and different from its neighbours.
std::string message_of(std::size_t index, std::size_t size) {
    std::string message(size, ' ');
    for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<char>('!' + (index * 7 + i) % 90);
    return message;
}

int run(const Options& options) {
    const auto kind = options.frames == "binary" ? websocket::MessageKind::Binary : websocket::MessageKind::Text;
    websocket::Client client(options.url, options.client);
    std::size_t sent = 0;
    std::size_t echoed = 0;
    int exit_code = 1;
    const auto send = [&](websocket::MessageKind as, std::span<const std::byte> bytes) {
        const auto queued = client.send(as, bytes);
        if (queued || !client.open()) return;
        std::fprintf(stderr, "error: %s\n", queued.error().message.c_str());
        client.close(1011, "the answer does not fit");
    };
    const auto send_next = [&] {
        if (sent == options.count) return client.close(1000);
        const std::string message = message_of(sent++, options.size);
        send(kind, std::as_bytes(std::span(message)));
    };
    while (client.wait(std::chrono::seconds(1))) {
        while (auto event = client.poll_event()) {
            switch (event->kind) {
                case websocket::EventKind::Opened:
                    if (!options.respond) send_next();
                    break;
                case websocket::EventKind::Message:
                    if (options.print && event->message_kind == websocket::MessageKind::Text)
                        std::printf("%.*s\n", static_cast<int>(event->bytes.size()), event->text().data());
                    if (options.respond) {
                        send(event->message_kind, event->bytes);
                        break;
                    }
                    if (event->message_kind == kind && event->text() == message_of(echoed, options.size)) {
                        ++echoed;
                    } else {
                        std::fprintf(stderr, "error: answer %zu is not the message that was sent\n", echoed + 1);
                    }
                    send_next();
                    break;
                case websocket::EventKind::Writable:
                    break;
                case websocket::EventKind::Closed:
                    if (options.respond) {
                        exit_code = event->close_code == 1006 ? 1 : 0;
                    } else {
                        exit_code = echoed == options.count ? 0 : 1;
                    }
                    if (exit_code != 0)
                        std::fprintf(stderr, "error: closed with %u: %.*s\n", static_cast<unsigned>(event->close_code),
                                     static_cast<int>(event->reason.size()), event->reason.data());
                    break;
            }
        }
    }
    if (!options.respond) std::printf("%zu of %zu messages came back\n", echoed, options.count);
    return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    options.client.limits.message_bytes_max = 64 * 1024 * 1024;
    options.client.limits.transmit_bytes_max = 256 * 1024 * 1024;
    options.client.limits.fragments_max = 100'000;
    bool insecure = false;
    CLI::App app{"WebSocket echo client"};
    app.add_option("url", options.url, "ws:// or wss:// URL; path and query are kept")->required();
    app.add_option("--frames", options.frames, "Kind of the messages")
        ->check(CLI::IsMember({"text", "binary"}))
        ->capture_default_str();
    app.add_option("--size", options.size, "Bytes of each message")
        ->check(CLI::Range(std::size_t{0}, std::size_t{64 * 1024 * 1024}))
        ->capture_default_str();
    app.add_option("--count", options.count, "How many messages, one after another")->capture_default_str();
    app.add_flag("--respond", options.respond, "Echo whatever the server sends until it closes");
    app.add_flag("--print", options.print, "Print each text message that arrives on a line");
    app.add_option("--subprotocol", options.client.subprotocols, "Subprotocols to offer");
    app.add_option("--proxy", options.client.proxy, "HTTP proxy to go through: http://user:password@host:3128");
    app.add_option("--ca-file", options.client.tls.ca_file, "PEM file of trusted authorities instead of the system's");
    app.add_option("--pinned-key", options.client.tls.pinned_keys,
                   "SHA-256 of a public key that the server must show, in hex");
    app.add_flag("--insecure", insecure, "Accept any certificate: for tests on one machine");
    CLI11_PARSE(app, argc, argv);
    options.client.tls.verify = !insecure;
    return run(options);
}
