// An echo server: text comes back as text, binary as the same bytes. For trying any WebSocket client, and for conformance suites.
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "tidewire/websocket.h"

namespace {

namespace websocket = tidewire::websocket;

volatile std::sig_atomic_t reload_wanted = 0;
websocket::Server* running = nullptr;

struct Manner {
    bool prefix = false;
    bool verbose = false;
};

int serve(websocket::Server& server, Manner manner) {
    running = &server;
    std::signal(SIGINT, [](int) { running->stop(); });
    std::signal(SIGTERM, [](int) { running->stop(); });
    std::signal(SIGHUP, [](int) { reload_wanted = 1; });

    std::string prefixed;
    while (server.wait(std::chrono::seconds(1))) {
        if (reload_wanted != 0) {
            reload_wanted = 0;
            if (auto reloaded = server.reload_certificate(); !reloaded)
                std::fprintf(stderr, "error: %s; the old certificate stays\n", reloaded.error().message.c_str());
        }
        while (auto event = server.poll_event()) {
            if (manner.verbose && event->kind == websocket::EventKind::Opened) {
                std::printf("opened %s %s\n", std::string(event->peer_address).c_str(),
                            std::string(event->path).c_str());
                std::fflush(stdout);
            }
            if (event->kind != websocket::EventKind::Message) continue;
            tidewire::Result<void> sent;
            if (manner.prefix && event->message_kind == websocket::MessageKind::Text) {
                prefixed.assign("Echo: ").append(event->text());
                sent = server.send(event->connection, prefixed);
            } else {
                sent = server.send(event->connection, event->message_kind, event->bytes);
            }
            // A client that sends and never reads fills its queue: an echo that cannot be kept ends the connection. (A connection
            // that is closing already does not mind.)
            if (!sent) server.close(event->connection, 1013, "you do not read what you asked for");
        }
    }
    // The handlers have seen their server for the last time.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    websocket::ServerOptions options;
    options.port = 9000;
    Manner manner;
    CLI::App app{"WebSocket echo server"};
    app.add_option("--address", options.address, "Address to listen on")->capture_default_str();
    app.add_option("--port", options.port, "Port to listen on; 0 takes a free one")->capture_default_str();
    app.add_flag("--prefix", manner.prefix, "Answer text with 'Echo: ' in front");
    app.add_option("--message-bytes-max", options.limits.message_bytes_max,
                   "Largest message; beyond it close code 1009")
        ->capture_default_str();
    app.add_option("--fragments-max", options.limits.fragments_max,
                   "Most fragments of a message; beyond it close code 1008")
        ->capture_default_str();
    app.add_option("--subprotocol", options.subprotocols, "Subprotocols to accept, in order of preference");
    app.add_option("--origin", options.origins_allowed, "Foreign origins of browsers to allow ('*': all)");
    app.add_option("--trusted-proxy", options.trusted_proxies,
                   "Networks whose X-Forwarded-For (or PROXY header) is believed");
    app.add_flag("--proxy-protocol", options.proxy_protocol, "Connections begin with a PROXY protocol header");
    app.add_option("--tls-certificate", options.tls.certificate_file, "PEM file: serve wss:// (read again on SIGHUP)");
    app.add_option("--tls-key", options.tls.key_file, "PEM file with the certificate's private key");
    app.add_flag("--verbose", manner.verbose,
                 "Print a line for each connection that opens: its true address and its path");
    CLI11_PARSE(app, argc, argv);

    // Below half of this a client is read from: then its largest message fits on top, and what came in the same read.
    options.limits.transmit_bytes_max =
        std::max(options.limits.transmit_bytes_max, 2 * options.limits.message_bytes_max + 1024 * 1024);
    auto server = websocket::Server::listen(options);
    if (!server) {
        std::fprintf(stderr, "error: %s\n", server.error().message.c_str());
        return 1;
    }
    std::printf("listening on %s://%s:%u\n", options.tls.enabled() ? "wss" : "ws", options.address.c_str(),
                static_cast<unsigned>(server->port()));
    std::fflush(stdout);
    return serve(*server, manner);
}
