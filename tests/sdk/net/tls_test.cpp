// Promises of TLS: whom a client trusts, what files a server takes, and that bytes arrive whatever the socket takes at once.
#include "sdk/net/tls.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "sdk/core/base/random.h"
#include "sdk/net/system.h"
#include "tests/sdk/net/tls_pair.h"

using namespace tidewire;
using namespace tidewire::net;
using tidewire::test::Certificate;

namespace {

std::string server_error(const TlsServerOptions& options) {
    const auto context = TlsContext::server(options);
    REQUIRE_FALSE(context);
    return context.error().message;
}

std::string client_error(const TlsClientOptions& options) {
    const auto context = TlsContext::client(options);
    REQUIRE_FALSE(context);
    return context.error().message;
}

/// Why a client does not accept a server; empty when it does.
std::string refusal(const TlsClientOptions& client, const Certificate& server, const std::string& host = "localhost") {
    const TlsPair pair(client_context(client), server_context(server), host);
    if (pair.client_result.outcome == Transfer::Outcome::Done) return "";
    CHECK(pair.client_result.outcome == Transfer::Outcome::Failed);
    CHECK_FALSE(pair.client.established());
    return pair.client_result.message;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
    SeededRandom random(seed);
    Bytes bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    return bytes;
}

void shrink_buffer(const Stream& writer) {
    const int small = 8192;
    REQUIRE(setsockopt(writer.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
}

/// Until the one may write or the other may read.
void wait_for_progress(const Stream& writer, const Stream& reader) {
    auto poller = Poller::create();
    REQUIRE(poller);
    REQUIRE(poller->add(writer.fd(), 1, {.readable = false, .writable = true}));
    REQUIRE(poller->add(reader.fd(), 2, {}));
    REQUIRE_FALSE(poller->wait(patience).empty());
}

}  // namespace

TEST_CASE("a server's certificate files are refused by name and cause", "[net][tls]") {
    const auto good = Certificate::self_signed();
    const auto other = Certificate::self_signed();
    const auto rsa = Certificate::self_signed({.algorithm = "RSA"});
    const std::string broken = good.certificate_file() + ".broken";
    std::ofstream(broken) << "this is no PEM\n";

    CHECK(has(server_error({.certificate_file = good.certificate_file(), .key_file = ""}), "both"));
    CHECK(has(server_error({.certificate_file = "", .key_file = good.key_file()}), "both"));
    const std::string missing = server_error({.certificate_file = "/nowhere/c.pem", .key_file = good.key_file()});
    CHECK(has(missing, "/nowhere/c.pem: No such file or directory"));
    CHECK(has(server_error({.certificate_file = good.certificate_file(), .key_file = "/nowhere/k.pem"}),
              "/nowhere/k.pem"));
    CHECK(has(server_error({.certificate_file = broken, .key_file = good.key_file()}), broken));
    CHECK(has(server_error({.certificate_file = good.certificate_file(), .key_file = broken}), broken));
    // Another key of the same kind, and one of another kind.
    for (const Certificate* wrong : {&other, &rsa}) {
        const std::string message =
            server_error({.certificate_file = good.certificate_file(), .key_file = wrong->key_file()});
        INFO(message);
        CHECK(has(message, wrong->key_file()));
        CHECK(has(message, good.certificate_file()));
    }
    const auto expired =
        Certificate::self_signed({.valid_from = std::chrono::hours(-2), .valid_until = std::chrono::hours(-1)});
    CHECK(has(server_error(expired.server()), "expired"));
}

TEST_CASE("a key with a passphrase is an error and no question", "[net][tls]") {
    const auto good = Certificate::self_signed();
    const std::string locked = good.key_file() + ".locked";
    // An EC key under "secret": only its header matters here.
    std::ofstream(locked) << "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                             "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END EC PRIVATE KEY-----\n";
    CHECK(has(server_error({.certificate_file = good.certificate_file(), .key_file = locked}), "without a passphrase"));
}

TEST_CASE("a client's trust is refused by name and cause", "[net][tls]") {
    CHECK(has(client_error({.ca_file = "/nowhere/ca.pem"}), "/nowhere/ca.pem"));
    for (const char* pin : {"", "abc", "zz00000000000000000000000000000000000000000000000000000000000000"}) {
        INFO(pin);
        CHECK(has(client_error({.pinned_keys = {pin}}), "64 hex digits"));
    }
}

TEST_CASE("a client accepts what its authority has issued for the host, by name and by address", "[net][tls]") {
    const auto authority = Certificate::self_signed({.name = "authority", .alternatives = ""});
    const auto server = authority.issue({.alternatives = "DNS:localhost,DNS:*.games.example,IP:127.0.0.1,IP:::1"});
    for (const char* host : {"localhost", "a.games.example", "127.0.0.1", "::1"}) {
        INFO(host);
        CHECK(refusal(authority.client(), server, host).empty());
    }
}

TEST_CASE("a client says why it does not trust a certificate, and what to do", "[net][tls]") {
    const auto authority = Certificate::self_signed({.name = "authority", .alternatives = ""});
    const auto server = authority.issue();
    const std::string unknown = refusal(Certificate::self_signed().client(), server);
    INFO(unknown);
    CHECK(has(unknown, "the certificate of localhost is not trusted"));
    CHECK(has(unknown, "CA file"));
    // The system's authorities have not issued it either.
    CHECK(has(refusal({}, server), "is not trusted"));

    for (const char* host : {"elsewhere.example", "127.0.0.2", "::1"}) {
        const std::string mismatch = refusal(authority.client(), server, host);
        INFO(mismatch);
        CHECK(has(mismatch, std::string("the certificate of ") + host + " is not trusted"));
        CHECK(has(mismatch, "mismatch; connect by a name that it was issued for"));
    }
    // The common name alone is no longer looked at when there are alternatives.
    CHECK(has(refusal(authority.client(), authority.issue({.name = "cn.example"}), "cn.example"), "mismatch"));

    const auto early = authority.issue({.valid_from = std::chrono::hours(1), .valid_until = std::chrono::hours(2)});
    CHECK(has(refusal(authority.client(), early), "clock"));
}

TEST_CASE("a certificate that expired since the server began is refused", "[net][tls]") {
    const auto authority = Certificate::self_signed({.name = "authority",
                                                     .alternatives = "",
                                                     .valid_from = std::chrono::hours(-2),
                                                     .valid_until = std::chrono::hours(-1)});
    const auto server = authority.issue();
    const std::string message = refusal(authority.client(), server);
    INFO(message);
    CHECK(has(message, "expired; whoever runs the server must renew it"));
}

TEST_CASE("a pinned key must be in the verified chain, besides the verification", "[net][tls]") {
    const auto authority = Certificate::self_signed({.name = "authority", .alternatives = ""});
    const auto server = authority.issue();
    const auto pinned = [&](std::vector<std::string> pins) {
        TlsClientOptions options = authority.client();
        options.pinned_keys = std::move(pins);
        return options;
    };
    const std::string wrong(64, 'a');
    CHECK(refusal(pinned({server.pin()}), server).empty());
    CHECK(refusal(pinned({wrong, authority.pin()}), server).empty());
    CHECK(has(refusal(pinned({wrong}), server), "pinned"));
    const auto stranger = Certificate::self_signed();
    TlsClientOptions untrusted = authority.client();
    untrusted.pinned_keys = {stranger.pin()};
    CHECK(has(refusal(untrusted, stranger), "is not trusted"));
}

TEST_CASE("without verification a pin counts for the certificate whose key the server has shown to have",
          "[net][tls]") {
    const auto honest = Certificate::self_signed({.name = "authority", .alternatives = ""});
    TlsClientOptions options;
    options.verify = false;
    options.pinned_keys = {honest.pin()};
    CHECK(refusal(options, honest).empty());
    // The pinned certificate is public: anybody can send it along behind one's own.
    const auto impostor = Certificate::self_signed();
    std::ifstream copied(honest.certificate_file());
    std::ofstream(impostor.certificate_file(), std::ios::app) << copied.rdbuf();
    CHECK(has(refusal(options, impostor), "pinned"));
}

TEST_CASE("without verification any certificate is accepted", "[net][tls]") {
    TlsClientOptions options;
    options.verify = false;
    CHECK(refusal(options, Certificate::self_signed(), "elsewhere.example").empty());
}

TEST_CASE("a server that does not speak TLS is told apart", "[net][tls]") {
    StreamPair sockets;
    const auto authority = Certificate::self_signed();
    auto client = Stream::secure(std::move(sockets.client), client_context(authority.client()), "localhost");
    REQUIRE(client);
    CHECK(client->establish().outcome == Transfer::Outcome::WouldBlock);
    const ByteSpan answer = as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n");
    REQUIRE(sockets.server.write({&answer, 1}).bytes == answer.size());
    REQUIRE(wait(client->fd(), {}, patience));
    const Transfer transfer = client->establish();
    REQUIRE(transfer.outcome == Transfer::Outcome::Failed);
    CHECK(has(transfer.message, "the TLS handshake with localhost failed"));
    CHECK(has(transfer.message, "does it speak TLS on this port?"));
}

TEST_CASE("a handshake arrives byte by byte as well, and may end in the middle", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    StreamPair sockets;
    StreamPair relay;  // what the client says goes through here
    auto client = Stream::secure(std::move(sockets.client), client_context(certificate.client()), "localhost");
    auto server = Stream::secure(std::move(relay.server), server_context(certificate));
    REQUIRE(client);
    REQUIRE(server);
    CHECK(client->establish().outcome == Transfer::Outcome::WouldBlock);
    CHECK_FALSE(client->wants_write());
    REQUIRE(wait_readable(sockets.server));
    Bytes hello(4096);
    const Transfer said = sockets.server.read(hello);
    REQUIRE(said.outcome == Transfer::Outcome::Done);
    for (std::size_t i = 0; i + 1 < said.bytes; ++i) {
        const ByteSpan byte = ByteSpan(hello).subspan(i, 1);
        REQUIRE(relay.client.write({&byte, 1}).bytes == 1);
        CHECK(server->establish().outcome == Transfer::Outcome::WouldBlock);
    }
    relay.client.shut_down_sending();
    REQUIRE(wait(server->fd(), {}, patience));
    Transfer end = server->establish();
    while (end.outcome == Transfer::Outcome::WouldBlock) end = server->establish();
    CHECK((end.outcome == Transfer::Outcome::Eof || end.outcome == Transfer::Outcome::Failed));
}

TEST_CASE("what a socket does not take at once is offered again: moved, cut otherwise and with more behind it",
          "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    const auto seed = GENERATE(range(1, 9));
    CAPTURE(seed);
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    shrink_buffer(pair.server);
    SeededRandom random(static_cast<std::uint64_t>(seed));
    const Bytes message = random_bytes(600'000, static_cast<std::uint64_t>(seed));
    std::size_t queued = 0;
    std::size_t written = 0;
    std::size_t blocked = 0;
    Bytes arrived;
    Bytes buffer(20'000);
    while (arrived.size() < message.size()) {
        // More is queued from time to time; each attempt has the bytes elsewhere and in other parts.
        queued = std::min(message.size(), std::max(queued, written + 1) + random.below(40'000));
        const Bytes copy(message.begin() + static_cast<std::ptrdiff_t>(written),
                         message.begin() + static_cast<std::ptrdiff_t>(queued));
        std::vector<ByteSpan> parts;
        for (ByteSpan rest = copy; !rest.empty();) {
            const std::size_t size =
                std::min<std::size_t>(rest.size(), random.below(2) == 0 ? random.below(200) : random.below(50'000));
            parts.push_back(rest.first(size));
            rest = rest.subspan(size);
        }
        const Transfer sent = pair.server.write(parts);
        INFO(sent.message);
        REQUIRE((sent.outcome == Transfer::Outcome::Done || sent.outcome == Transfer::Outcome::WouldBlock));
        CHECK_FALSE(pair.server.wants_write());
        blocked += sent.outcome == Transfer::Outcome::WouldBlock ? 1 : 0;
        written += sent.bytes;
        if (random.below(3) == 0 && written < message.size()) continue;
        const Transfer got = pair.client.read(buffer);
        if (got.outcome == Transfer::Outcome::WouldBlock) {
            if (sent.outcome == Transfer::Outcome::WouldBlock) wait_for_progress(pair.server, pair.client);
            continue;
        }
        INFO(got.message);
        REQUIRE(got.outcome == Transfer::Outcome::Done);
        append(arrived, ByteSpan(buffer).first(got.bytes));
    }
    CHECK(arrived == message);
    CHECK(blocked > 0);
}

TEST_CASE("nothing to write is written at once", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    const std::array<ByteSpan, 2> parts{};
    CHECK(pair.client.write(parts).bytes == 0);
    CHECK(pair.client.write({}).bytes == 0);
}

TEST_CASE("decrypted bytes that the buffer did not hold are pending", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    const ByteSpan message = as_bytes("0123456789");
    REQUIRE(pair.server.write({&message, 1}).bytes == 10);
    REQUIRE(wait(pair.client.fd(), {}, patience));
    CHECK_FALSE(pair.client.pending());
    Bytes buffer(4);
    CHECK(pair.client.read(buffer).bytes == 4);
    CHECK(pair.client.pending());
    CHECK(pair.client.read(buffer).bytes == 4);
    CHECK(pair.client.read(buffer).bytes == 2);
    CHECK_FALSE(pair.client.pending());
    CHECK(pair.client.read(buffer).outcome == Transfer::Outcome::WouldBlock);
}

TEST_CASE("the end of TLS is an end of the stream, said or not", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    const ByteSpan last = as_bytes("last words");
    REQUIRE(pair.server.write({&last, 1}).bytes == 10);
    const bool said = GENERATE(true, false);
    CAPTURE(said);
    if (said) {
        pair.server.shut_down_sending();
    } else {
        pair.server = Stream();
    }
    Bytes all;
    Bytes buffer(100);
    for (;;) {
        REQUIRE(wait(pair.client.fd(), {}, patience));
        const Transfer transfer = pair.client.read(buffer);
        if (transfer.outcome == Transfer::Outcome::Eof) break;
        INFO(transfer.message);
        REQUIRE(transfer.outcome != Transfer::Outcome::Failed);
        append(all, ByteSpan(buffer).first(transfer.bytes));
    }
    CHECK(as_text(all) == "last words");
    CHECK(pair.client.read(buffer).outcome == Transfer::Outcome::Eof);
    if (!said) return;
    // The other half of the stream goes on.
    REQUIRE(pair.client.write({&last, 1}).bytes == 10);
    REQUIRE(wait(pair.server.fd(), {}, patience));
    CHECK(pair.server.read(buffer).bytes == 10);
}

TEST_CASE("writing to a peer who is gone fails, and does not end the program", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    // The end comes as a reset: the first write or the second sees it.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    REQUIRE(setsockopt(pair.client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    pair.client = Stream();
    REQUIRE(wait(pair.server.fd(), {}, patience));
    const Bytes message(1000);
    const ByteSpan part = message;
    Transfer transfer = pair.server.write({&part, 1});
    if (transfer.outcome == Transfer::Outcome::Done) transfer = pair.server.write({&part, 1});
    CHECK(transfer.outcome == Transfer::Outcome::Failed);
    transfer = pair.server.write({&part, 1});
    CHECK(transfer.outcome == Transfer::Outcome::Failed);
}

TEST_CASE("living connections go on with the context that they began with", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    std::optional<TlsContext> server = server_context(certificate);
    std::optional<TlsContext> client = client_context(certificate.client());
    TlsPair pair(*client, *server);
    REQUIRE(pair.established());
    server.reset();
    client.reset();
    const ByteSpan message = as_bytes("still here");
    REQUIRE(pair.client.write({&message, 1}).bytes == 10);
    REQUIRE(wait(pair.server.fd(), {}, patience));
    Bytes buffer(100);
    CHECK(pair.server.read(buffer).bytes == 10);
}

TEST_CASE("a TLS stream that notes arrivals tells when its bytes came", "[net][tls]") {
    const auto certificate = Certificate::self_signed();
    TlsPair pair(client_context(certificate.client()), server_context(certificate));
    REQUIRE(pair.established());
    REQUIRE(pair.server.note_arrivals());
    Bytes buffer(100);
    const ByteSpan part = as_bytes("input");
    const auto write = [&] {
        REQUIRE(pair.client.write({&part, 1}).outcome == Transfer::Outcome::Done);
        REQUIRE(wait(pair.server.fd(), {}, patience));
    };
    // The kernel begins a moment later.
    for (const TimePoint end = now() + patience; now() < end;) {
        write();
        if (pair.server.read(buffer).arrived) break;
    }
    const TimePoint before = now();
    write();
    const TimePoint after = now();
    constexpr Duration held = std::chrono::milliseconds(20);
    while (now() < after + held) {
    }
    const Transfer transfer = pair.server.read(buffer);
    const TimePoint read = now();
    REQUIRE(transfer.bytes == 5);
    REQUIRE(transfer.arrived);
    CHECK(*transfer.arrived >= before - held / 2);
    CHECK(*transfer.arrived <= read - held / 2);
}
