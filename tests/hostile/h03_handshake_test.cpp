// H03: requests that are nearly ones. The gate answers each with its status and a sentence, and opens for none.
#include <map>
#include <regex>
#include <set>

#include "sdk/core/base/random.h"
#include "tests/hostile/balls.h"

using namespace tidewire;
using namespace tidewire::hostile;

namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

/// Another reading of what may open a WebSocket here, by regular expressions: RFC 9112, 9110 and 6455, as strict as sdk/PROTOCOL.md says.
bool reference_opens(const std::string& request) {
    static const std::regex head(
        "GET (/[!-\"$-~]*) HTTP/1\\.1\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\\t\\x20-\\x7e\\x80-\\xff]*\r\n){1,64})\r\n");
    std::smatch match;
    if (request.size() > 4096 || !std::regex_match(request, match, head)) return false;
    const std::string fields = match[2];
    std::map<std::string, std::vector<std::string>> values;
    static const std::regex line("([^:\r\n]+):[ \\t]*([^\r\n]*?)[ \\t]*\r\n");
    for (auto it = std::sregex_iterator(fields.begin(), fields.end(), line); it != std::sregex_iterator(); ++it) {
        std::string name = (*it)[1];
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        values[name].push_back((*it)[2]);
    }
    const auto one = [&](const char* name, const char* pattern) {
        return values[name].size() == 1 && std::regex_match(values[name][0], std::regex(pattern, std::regex::icase));
    };
    const auto exact = [&](const char* name, const char* pattern) {
        return values[name].size() == 1 && std::regex_match(values[name][0], std::regex(pattern));
    };
    const auto lists = [&](const char* name, const char* token) {
        for (const std::string& value : values[name])
            if (std::regex_search(value,
                                  std::regex(std::string("(^|,)[ \\t]*") + token + "[ \\t]*(,|$)", std::regex::icase)))
                return true;
        return false;
    };
    // A list of tokens, each once.
    const bool known_protocol = [&] {
        std::set<std::string> offered;
        for (const std::string& value : values["sec-websocket-protocol"]) {
            std::string rest = value + ",";
            for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
                const std::string name = std::regex_replace(rest.substr(0, comma), std::regex("^[ \\t]+|[ \\t]+$"), "");
                if (!std::regex_match(name, std::regex("[-!#$%&'*+.^_`|~0-9A-Za-z]+")) || !offered.insert(name).second)
                    return false;
                rest.erase(0, comma + 1);
            }
        }
        return offered.count("tidewire.v1") == 1;
    }();
    return one("host", "[-._~%!$&'()*+,;=:\\[\\]0-9a-z]+") && lists("upgrade", "websocket") &&
           lists("connection", "upgrade") && exact("sec-websocket-version", "13") &&
           exact("sec-websocket-key", "[A-Za-z0-9+/]{21}[AQgw]==") && known_protocol && values["origin"].empty() &&
           values["transfer-encoding"].empty() && values["content-length"].empty();
}

}  // namespace

TEST_CASE("H03: a malformed upgrade is refused with its status and a reason, in one piece or byte by byte", "[H03]") {
    const std::string good = upgrade_request();
    struct Row {
        const char* what;
        std::string request;
        int status;
        const char* reason;
    };
    const Row rows[] = {
        {"bare line feeds", std::regex_replace(good, std::regex("\r\n"), "\n"), 400, "line feed"},
        {"a bare carriage return", replaced(good, "Upgrade: websocket\r\n", "Upgrade: websocket\r"), 400,
         "carriage return"},
        {"two Hosts", upgrade_request("Host: other.example\r\n"), 400, "exactly one Host"},
        {"no Host", replaced(good, "Host: game.example\r\n", ""), 400, "exactly one Host"},
        {"two keys", upgrade_request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400, "Sec-WebSocket-Key"},
        {"a key of 15 bytes", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"), 400, "Key"},
        {"a key of 17 bytes", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZWE="), 400, "Key"},
        {"a key that is no base64", replaced(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhl*HNhbXBsZSBub25jZQ=="), 400, "Key"},
        {"a folded field", upgrade_request("X: a\r\n b\r\n"), 400, "folded"},
        {"a space before a colon", upgrade_request("Host : game.example\r\n"), 400, "token"},
        {"content by length", upgrade_request("Content-Length: 5\r\n"), 400, "Content-Length"},
        {"content by length 0", upgrade_request("Content-Length: 0\r\n"), 400, "Content-Length"},
        {"content in chunks", upgrade_request("Transfer-Encoding: chunked\r\n"), 400, "Transfer-Encoding"},
        {"both", upgrade_request("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, "content"},
        {"version 8", replaced(good, "Version: 13", "Version: 8"), 426, "version 13"},
        {"version 13 and 8", replaced(good, "Version: 13", "Version: 13, 8"), 426, "version 13"},
        {"no version", replaced(good, "Sec-WebSocket-Version: 13\r\n", ""), 426, "version 13"},
        {"HTTP/1.0", replaced(good, "HTTP/1.1", "HTTP/1.0"), 505, "HTTP/1.1"},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/1.1"},
        {"POST", replaced(good, "GET", "POST"), 405, "GET"},
        {"no method", replaced(good, "GET", "SMASH"), 501, "GET"},
        {"a control character", upgrade_request("X: a\x01\r\n"), 400, "control"},
        {"a fragment in the target", upgrade_request({}, "/#a"), 400, "escaped"},
        {"two targets", upgrade_request({}, "/ /"), 400, "version"},
        {"no subprotocol", replaced(good, "Sec-WebSocket-Protocol: tidewire.v1\r\n", ""), 400, "none"},
        {"a frame before the 101", good + to_string(client_frame(binary_frame, "early")), 400, "before the answer"},
        {"a second request before the 101", good + good, 400, "before the answer"},
        {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\r\n\r\n", 400, ""},
        {"an empty line first", "\r\n" + good, 400, "empty line"},
    };
    Balls balls;
    Stage stage(balls.game(), {});
    CHECK(reference_opens(good));
    for (const Row& row : rows) {
        for (const bool whole : {true, false}) {
            CAPTURE(row.what, whole);
            CHECK_FALSE(reference_opens(row.request));
            // What comes before the 101 is refused only where it is there when the request is.
            if (!whole && std::string_view(row.reason) == "before the answer") continue;
            RawPeer& peer = stage.connect();
            const auto before = stage.events.size();
            if (whole) {
                stage.say(peer, row.request);
            } else {
                for (const char byte : row.request) stage.say(peer, std::string_view(&byte, 1));
            }
            CAPTURE(peer.answer);
            CHECK(peer.status() == row.status);
            CHECK(peer.answer.find(row.reason) != std::string::npos);
            CHECK(peer.answer.find("\r\nConnection: close\r\n") != std::string::npos);
            CHECK(peer.over);
            CHECK(stage.events.size() == before + 1);
        }
    }
    CHECK(stage.gate().connection_count() == 0);
}

TEST_CASE("H03: of requests with random mistakes the gate opens for those alone that another reading takes", "[H03]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    SeededRandom random(seed);
    Balls balls;
    Stage stage(balls.game(), {});
    const std::string good = upgrade_request("Origin-Like: x\r\nAccept: */*\r\n");
    const std::string pieces[] = {"\r\n",     "\n",
                                  "\r",       " ",
                                  "\t",       ":",
                                  "13",       "Host: b\r\n",
                                  "\r\n\r\n", "Content-Length: 0\r\n",
                                  ",",        "\0x",
                                  "\x7f",     "websocket",
                                  "=",        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"};
    int opened = 0;
    std::set<int> statuses;
    for (int round = 0; round < 3000; ++round) {
        std::string request = good;
        for (std::uint32_t change = 0; change <= random.below(3); ++change) {
            const std::size_t at = random.below(static_cast<std::uint32_t>(request.size()));
            switch (random.below(4)) {
                case 0:
                    request[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    request.erase(at, 1 + random.below(8));
                    break;
                case 2:
                    request.insert(at, pieces[random.below(std::size(pieces))]);
                    break;
                default:
                    request[at] = static_cast<char>(request[at] ^ 0x20);
            }
        }
        RawPeer& peer = stage.connect();
        stage.say(peer, request);
        const bool whole = request.find("\r\n\r\n") == request.size() - 4;
        CAPTURE(round, request, peer.answer);
        if (peer.status() == 101) {
            ++opened;
            REQUIRE(whole);
            REQUIRE(reference_opens(request));
        } else if (peer.status() != 0) {
            statuses.insert(peer.status());
            // Whoever may be wrong of the two: what the reference takes must not be refused.
            if (whole) REQUIRE_FALSE(reference_opens(request));
        }
        stage.end(peer);
        stage.run_tick();
        if (round % 100 == 0) stage.sweep();
    }
    CHECK(opened > 100);
    CHECK(statuses.count(400) == 1);
    for (const int status : statuses) {
        CAPTURE(status);
        CHECK((status == 400 || status == 403 || status == 404 || status == 405 || status == 426 || status == 501 ||
               status == 505));
    }
    print_figure("H03",
                 "3000 requests with mistakes: " + std::to_string(opened) + " opened, as another reading has it");
}
