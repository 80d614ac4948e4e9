// H25: strangers who write into the log, or into the metrics, or read them.
#include <spdlog/sinks/ostream_sink.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "sdk/core/base/random.h"
#include "server/main/audit_log.h"
#include "server/main/log.h"
#include "tests/hostile/balls.h"
#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

/// Bytes that end lines, colour terminals, close quotes, or are no text.
std::string nasty(SeededRandom& random, std::size_t size_max) {
    static const std::string pieces[] = {"\n",
                                         "\r\n",
                                         "\x1b[31m",
                                         "\"",
                                         "\\",
                                         "'",
                                         " player=1",
                                         "}{",
                                         "\x00"
                                         "a",
                                         "\x7f",
                                         "\xc2\x9b"
                                         "31m",
                                         "\xe2\x80\xae",
                                         "\xe2\x80\xa8",
                                         "\xff\xfe",
                                         "\xed\xa0\x80",
                                         "{}",
                                         "%s%n",
                                         "${jndi:ldap://a}",
                                         "<script>",
                                         "name=\"root\""};
    std::string text;
    while (text.size() < size_max)
        text += random.below(2) == 0 ? pieces[random.below(std::size(pieces))] : std::string(1, 'a');
    return text;
}

/// Those of the metrics, without values.
std::string names_of(const std::string& metrics) {
    return std::regex_replace(metrics, std::regex(" [-+.e0-9]+\n"), "\n");
}

std::string metrics_of(Stage& stage, std::string_view address = "127.0.0.1") {
    RawPeer& reader = stage.connect(address);
    stage.say(reader, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    stage.end(reader);
    return reader.answer;
}

}  // namespace

TEST_CASE("H25: whatever a stranger says, his event is one line of bounded length, in both formats", "[H25]") {
    const std::uint64_t seed = GENERATE(51U, 52U);
    const auto format = GENERATE(server::LogFormat::Text, server::LogFormat::Json);
    CAPTURE(seed);
    SeededRandom random(seed);
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& player = stage.join("ann");
    play(stage, player, wander(1));
    for (int round = 0; round < 300; ++round) {
        const std::string bad = nasty(random, 1 + random.below(200));
        RawPeer& peer = stage.connect();
        switch (round % 5) {
            case 0:
                stage.say(peer, upgrade_request("Origin: " + bad + "\r\n"));
                break;
            case 1:
                stage.say(peer, upgrade_request("Sec-WebSocket-Protocol: " + bad + "\r\n"));
                break;
            case 2:
                stage.say(peer, bad + upgrade_request({}, "/" + bad));
                break;
            case 3:
                stage.say(peer, upgrade_request());
                stage.say_message(peer, wire::encode(hello_for(stage.schema(), bad)));
                break;
            default: {
                stage.say(peer, upgrade_request());
                wire::Hello hello = hello_for(stage.schema(), "eve");
                hello.schema_name = hello.sdk_version = bad;
                hello.schema_hash = 1;
                stage.say_message(peer, wire::encode(hello));
            }
        }
        stage.reset(peer, "reset");
    }
    for (std::size_t round = 0; round < 40; ++round) {
        RawPeer& peer = stage.join("bob");
        // UTF-8 that is anything but harmless.
        const std::string reason = "\xe2\x80\xae\x1b[31m\n\" player=1 " + std::string(round * 5, '\x07');
        if (round % 2 == 0)
            stage.say(peer, client_frame(close_frame, "\x03\xe8" + reason.substr(0, 100)));
        else
            stage.say_message(peer, wire::encode(wire::Desync{.tick = 1, .group = 0, .difference = reason}));
        stage.reset(peer, "reset");
    }
    REQUIRE(stage.events.size() > 300);

    std::ostringstream stream;
    server::Log log({.format = format, .stranger_lines_per_second = 1'000'000, .player_lines_per_second = 1'000'000},
                    std::make_shared<spdlog::sinks::ostream_sink_mt>(stream));
    std::size_t lines = 0;
    for (const server::GateEvent& event : stage.events) {
        stream.str({});
        log.write(event, stage.now());
        const std::string line = stream.str();
        CAPTURE(line);
        REQUIRE_FALSE(line.empty());
        ++lines;
        CHECK(line.back() == '\n');
        CHECK(line.size() < 2048);
        const std::string body = line.substr(0, line.size() - 1);
        for (const char c : body) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'));
        for (const char* const hidden : {"\xe2\x80\xae", "\xe2\x80\xa8", "\xc2\x9b"})
            CHECK(body.find(hidden) == std::string::npos);
        if (format == server::LogFormat::Json) {
            CHECK(nlohmann::json::accept(body));
        } else {
            // Our own words, and values that are words or in quotes.
            static const std::regex whole(
                "\\S+ (info|warning|error) [a-z ]+?( [a-z_]+=([^ \"]+|\"([^\"\\\\]|\\\\.)*\"(\\.\\.\\.)?))*");
            CHECK(std::regex_match(body, whole));
        }
    }
    print_figure("H25", std::to_string(lines) + " hostile events are " + std::to_string(lines) + " lines");
}

TEST_CASE("H25: metrics have no line and no label that a stranger has chosen", "[H25]") {
    SeededRandom random(61);
    Balls balls;
    Stage stage(balls.game(), {});
    stage.run_for(2s);
    RawPeer& refused = stage.connect();
    stage.say(refused, "GET\r\n\r\n");
    stage.run_for(2s);
    const std::string before = metrics_of(stage);
    REQUIRE(before.rfind("HTTP/1.1 200", 0) == 0);
    for (int round = 0; round < 200; ++round) {
        RawPeer& peer = stage.connect();
        const std::string bad = nasty(random, 60);
        stage.say(peer, round % 2 == 0 ? upgrade_request("Sec-WebSocket-Protocol: " + bad + "\r\n", "/" + bad)
                                       : upgrade_request());
        if (peer.status() == 101) stage.say_message(peer, wire::encode(hello_for(stage.schema(), bad)));
        stage.reset(peer, bad);
    }
    stage.run_for(2s);
    const auto content = [](const std::string& answer) { return names_of(answer.substr(answer.find("\r\n\r\n"))); };
    CHECK(content(metrics_of(stage)) == content(before));
}

TEST_CASE("H25: who leaves with a code of the operator's has left", "[H25]") {
    const bool by_frame = GENERATE(false, true);  // or by a Goodbye
    const auto code = GENERATE(std::uint16_t{4040}, std::uint16_t{4041}, std::uint16_t{4042});
    const bool before_welcome = GENERATE(false, true);
    CAPTURE(by_frame, code, before_welcome);
    const std::string reason = "cheating, by admin Bob";
    Balls balls;
    Stage stage(balls.game(), {});
    RawPeer& peer = before_welcome ? stage.open() : stage.join("eve");
    if (by_frame)
        stage.say(peer, client_frame(close_frame, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + reason));
    else
        stage.say_message(peer, wire::encode(wire::Goodbye{.close_code = code, .reason = reason}));
    const auto& told = stage.events.back();
    CHECK(told.kind == (before_welcome ? server::GateEvent::Kind::Refused : server::GateEvent::Kind::Left));
    CHECK(told.close_code == code);
    CHECK(told.by_client);
    if (before_welcome) {
        CHECK(server::class_of(told) == server::RefusalClass::Left);
        return;
    }
    const tidewire::test::Folder folder;
    auto audit = server::AuditLog::open({.file = folder / "audit"}, [] { return SystemTime{}; }, {});
    REQUIRE(audit);
    (*audit)->write(told, stage.now());
    const auto line = nlohmann::json::parse(folder.read("audit"), nullptr, false);
    REQUIRE(line.is_object());
    CHECK(line.at("event") == "left");
    CHECK(line.at("said") == reason);
    CHECK(line.count("reason") == 0);
}

TEST_CASE("H25: metrics are for the networks that may read them, whatever a request says of itself", "[H25]") {
    Balls balls;
    Stage stage(balls.game(), {});
    CHECK(metrics_of(stage, "127.0.0.1").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(metrics_of(stage, "192.0.2.1").rfind("HTTP/1.1 403", 0) == 0);
    RawPeer& liar = stage.connect("192.0.2.1");
    stage.say(
        liar,
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n\r\n");
    CHECK(liar.status() == 403);
}
