// Promises of the server behind others: whose word about a client's address counts, and TLS of its own.
#include <filesystem>

#include "sdk/net/stream.h"
#include "tests/sdk/net/tls_pair.h"
#include "tests/sdk/websocket/hall.h"
#include "tests/support/certificate.h"

using namespace tidewire;
using namespace tidewire::websocket;
using namespace tidewire::websocket::test;
using tidewire::test::Certificate;

namespace {

ServerOptions behind(std::vector<std::string> trusted, bool proxy_protocol) {
    ServerOptions options = local();
    options.trusted_proxies = std::move(trusted);
    options.proxy_protocol = proxy_protocol;
    return options;
}

/// The address of a client that begins with `said`; "refused" when the server ends it.
std::string address_after(ServerOptions options, std::string_view said, std::size_t piece = 100'000) {
    Hall hall(std::move(options));
    Raw& raw = hall.enter_raw();
    std::size_t at = 0;
    REQUIRE(hall.until([&] {
        if (at < said.size() && !raw.ended) at += raw.say(said.substr(at, piece));
        return raw.ended || !hall.seen.empty();
    }));
    return hall.seen.empty() ? "refused" : hall.seen.at(0).peer_address;
}

ClientOptions trusting(const Certificate& certificate) {
    ClientOptions options;
    options.tls = certificate.client();
    return options;
}

ServerOptions secure(const Certificate& certificate) {
    ServerOptions options = local();
    options.tls = certificate.server();
    return options;
}

const std::string v1 = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n";

}  // namespace

TEST_CASE("a trusted front's PROXY header tells the client's address", "[websocket][fronts]") {
    const ServerOptions options = behind({"127.0.0.0/8"}, true);
    const std::string v2("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x01\x02\x03\x04\0\x01\0\x02", 28);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
        CAPTURE(piece);
        CHECK(address_after(options, v1 + request(), piece) == "192.0.2.1");
        CHECK(address_after(options, v2 + request(), piece) == "203.0.113.7");
        CHECK(address_after(options, "PROXY UNKNOWN\r\n" + request(), piece) == "127.0.0.1");
    }
}

TEST_CASE("a trusted front without its PROXY header is refused", "[websocket][fronts]") {
    CHECK(address_after(behind({"127.0.0.1"}, true), request()) == "refused");
    CHECK(address_after(behind({"127.0.0.1"}, true), "PROXY TCP4 1.2.3.4\r\n" + request()) == "refused");
}

TEST_CASE("the PROXY header of a stranger is no request", "[websocket][fronts]") {
    CHECK(address_after(behind({"10.0.0.0/8"}, true), v1 + request()) == "refused");
    CHECK(address_after(behind({"10.0.0.0/8"}, true), request()) == "127.0.0.1");
    CHECK(address_after(behind({"127.0.0.1"}, false), v1 + request()) == "refused");
}

TEST_CASE("X-Forwarded-For is believed of a trusted front alone", "[websocket][fronts]") {
    const std::string field = "X-Forwarded-For: 198.51.100.9, 203.0.113.7\r\n";
    CHECK(address_after(behind({"127.0.0.1"}, false), request(field)) == "203.0.113.7");
    CHECK(address_after(behind({"127.0.0.1", "203.0.113.0/24"}, false), request(field)) == "198.51.100.9");
    CHECK(address_after(behind({"10.0.0.0/8"}, false), request(field)) == "127.0.0.1");
    CHECK(address_after(local(), request(field)) == "127.0.0.1");
    CHECK(address_after(behind({"127.0.0.1"}, false), request("X-Forwarded-For: nonsense\r\n")) == "127.0.0.1");
    // The client that a PROXY header names is a stranger and has no word.
    CHECK(address_after(behind({"127.0.0.1"}, true), v1 + request(field)) == "192.0.2.1");
}

TEST_CASE("a field that a front adds behind the client's own counts, not the first one", "[websocket][fronts]") {
    CHECK(address_after(behind({"127.0.0.1"}, false),
                        request("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 203.0.113.7\r\n")) == "203.0.113.7");
}

TEST_CASE("wss:// carries messages of any size", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed();
    ServerOptions options = secure(certificate);
    options.limits = {.message_bytes_max = 8 << 20, .transmit_bytes_max = 32 << 20};
    Hall hall(options);
    ClientOptions client = trusting(certificate);
    client.limits = options.limits;
    Guest& guest = hall.enter(client, "wss");
    REQUIRE(hall.until([&] { return guest.open(); }));
    std::string large(5'000'000, ' ');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
    const std::vector<std::string> messages = {"",   "small", large, std::string(16384, 'x'), std::string(16383, 'y'),
                                               large};
    for (const std::string& message : messages) REQUIRE(guest.client.send(message));
    REQUIRE(hall.until([&] { return count(guest.seen, EventKind::Message) == messages.size(); }));
    for (std::size_t i = 0; i < messages.size(); ++i) CHECK((guest.seen.at(i + 1).text == messages[i]));
    guest.client.close();
    REQUIRE(hall.until([&] { return guest.closed() && hall.server.connection_count() == 0; }));
    CHECK(guest.closed()->close_code == 1000);
    CHECK(last(hall.seen, EventKind::Closed)->close_code == 1000);
}

TEST_CASE("a certificate that is not trusted, or is another's, is told to the client", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed({.alternatives = "DNS:elsewhere.example"});
    Hall hall(secure(certificate));
    Guest& stranger = hall.enter(trusting(Certificate::self_signed()), "wss");
    Guest& mistaken = hall.enter(trusting(certificate), "wss");
    REQUIRE(hall.until([&] { return stranger.closed() && mistaken.closed() && hall.server.connection_count() == 0; }));
    CHECK(stranger.closed()->reason.find("is not trusted") != std::string::npos);
    CHECK(mistaken.closed()->reason.find("mismatch") != std::string::npos);
    CHECK(hall.seen.empty());
}

TEST_CASE("reload_certificate() changes what newcomers see, and nobody is dropped", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed();
    const auto renewed = Certificate::self_signed();
    Hall hall(secure(certificate));
    const ClientOptions trusts_old = trusting(certificate);
    Guest& old = hall.enter(trusts_old, "wss");
    REQUIRE(hall.until([&] { return old.open(); }));

    // An unusable file changes nothing.
    ServerOptions broken = secure(certificate);
    const Certificate kept = Certificate::self_signed();
    kept.replace_by(certificate);
    std::filesystem::resize_file(certificate.key_file(), 10);
    const auto refused = hall.server.reload_certificate();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(certificate.key_file()) != std::string::npos);
    ClientOptions trusts_kept;
    trusts_kept.tls = kept.client();
    Guest& still = hall.enter(trusts_kept, "wss");
    REQUIRE(hall.until([&] { return still.open(); }));

    certificate.replace_by(renewed);
    REQUIRE(hall.server.reload_certificate());
    Guest& outdated = hall.enter(trusts_kept, "wss");
    Guest& next = hall.enter(trusting(renewed), "wss");
    REQUIRE(hall.until([&] { return outdated.closed() && next.open(); }));
    REQUIRE(old.client.send("still here"));
    REQUIRE(hall.until([&] { return count(old.seen, EventKind::Message) == 1; }));
    CHECK_FALSE(old.closed());

    Server plain = listen(local());
    CHECK_FALSE(plain.reload_certificate());
}

TEST_CASE("the PROXY header comes before TLS", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed();
    ServerOptions options = behind({"127.0.0.1"}, true);
    options.tls = certificate.server();
    Hall hall(options);
    Raw raw(hall.server.port());
    raw.say(v1);
    const bool at_once = GENERATE(true, false);
    for (int i = 0; i < 3 && !at_once; ++i) hall.turn();
    auto stream = net::Stream::secure(std::move(raw.socket), net::client_context(certificate.client()), "localhost");
    REQUIRE(stream);
    REQUIRE(hall.until([&] { return stream->establish().outcome == net::Transfer::Outcome::Done; }));
    const std::string text = request();
    const ByteSpan part = as_bytes(text);
    REQUIRE(stream->write({&part, 1}).bytes == part.size());
    REQUIRE(hall.until([&] { return !hall.seen.empty(); }));
    CHECK(hall.seen.at(0).kind == EventKind::Opened);
    CHECK(hall.seen.at(0).peer_address == "192.0.2.1");
}

TEST_CASE("a TLS handshake that trickles is ended on time", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed();
    ServerOptions options = secure(certificate);
    options.limits.opening_timeout = 100ms;
    options.limits.closing_timeout = 1h;
    Hall hall(options);
    Raw& silent = hall.enter_raw();
    Raw& slow = hall.enter_raw();
    // The head of a record that announces a ClientHello of 16 KiB.
    std::string hello("\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03", 11);
    hello.resize(16000);
    std::size_t at = 0;
    REQUIRE(hall.until([&] {
        if (at < hello.size() && !slow.ended) at += slow.say(std::string_view(hello).substr(at, 1));
        return silent.ended && slow.ended && hall.server.connection_count() == 0;
    }));
    CHECK(at < hello.size());
    CHECK(hall.seen.empty());
}

TEST_CASE("stop() lets go of whoever is still in the TLS handshake", "[websocket][fronts]") {
    const auto certificate = Certificate::self_signed();
    Hall hall(secure(certificate));
    Guest& guest = hall.enter(trusting(certificate), "wss");
    REQUIRE(hall.until([&] { return guest.open(); }));
    Raw& silent = hall.enter_raw();
    REQUIRE(hall.until([&] { return hall.server.connection_count() == 2; }));
    hall.server.stop();
    REQUIRE(hall.until([&] { return !hall.running && guest.closed() && silent.ended; }));
    CHECK(guest.closed()->close_code == 1001);
}
