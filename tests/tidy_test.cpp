// The house keeps its shape: who may include whom, how long a file may grow, and what is never written.
// It reads the sources as text; it prints path, line and text of what it refuses.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = TIDEWIRE_SOURCE_DIR;

struct Line {
    std::string path;  // from the root
    std::size_t number;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const Line& line) {
    return out << line.path << ":" << line.number << ": " << line.text;
}

/// Files of ours below the top-level folders, from the root, in order.
std::vector<std::string> sources(const std::set<std::string>& extensions) {
    std::vector<std::string> found;
    for (const char* top : {"sdk", "server", "samples", "tools", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const std::string path = fs::relative(entry.path(), root).generic_string();
            if (path.find("node_modules") != std::string::npos || path.find("/corpus/") != std::string::npos) continue;
            if (entry.is_regular_file() && extensions.count(entry.path().extension().string()) != 0)
                found.push_back(path);
        }
    }
    std::sort(found.begin(), found.end());
    REQUIRE(found.size() > 20);
    return found;
}

std::vector<Line> lines_of(const std::string& path) {
    std::ifstream file(root / path);
    REQUIRE(file.good());
    std::vector<Line> lines;
    std::string text;
    while (std::getline(file, text)) lines.push_back({path, lines.size() + 1, text});
    return lines;
}

/// A public header belongs to the room that implements it.
const std::map<std::string, std::string> public_headers = {
    {"event_rate.h", "base"},
    {"event.h", "replication"},
    {"result.h", "base"},
    {"room_wish.h", "base"},
    {"version.h", "base"},
    {"schema.h", "base"},
    {"state.h", "replication"},
    {"latency.h", "netcode"},
    {"options.h", "session"},
    {"tls.h", "base"},
    {"websocket.h", "websocket"},
    {"client.h", "client"},
    {"room_browser.h", "client"},
    {"simulated_link.h", "client"},
    {"tidewire.h", "client"},
    {"game.h", "room"},
    {"admission_options.h", "gate"},
    {"ban.h", "gate"},
    {"client_room_options.h", "gate"},
    {"authenticate.h", "gate"},
    {"identity.h", "room"},
    {"idle_options.h", "room"},
    {"jwt_options.h", "gate"},
    {"ticket.h", "gate"},
    {"server_options.h", "gate"},
    {"interest.h", "room"},
    {"outbox.h", "room"},
    {"rewind.h", "room"},
    {"room_description.h", "room"},
    {"rules.h", "replication"},
    {"room.h", "server"},
    {"server.h", "server"},
    {"bulk.h", "session"},
};

/// Folder → room, longest first match wins.
const std::vector<std::pair<std::string, std::string>> folders = {
    {"sdk/core/base/", "base"},
    {"sdk/core/ws/", "ws"},
    {"sdk/core/wire/", "wire"},
    {"sdk/core/replication/", "replication"},
    {"sdk/core/netcode/", "netcode"},
    {"sdk/core/session/", "session"},
    {"sdk/net/", "net"},
    {"sdk/websocket/", "websocket"},
    {"sdk/client/", "client"},
    {"server/room/", "room"},
    {"server/save/", "save"},
    {"server/gate/", "gate"},
    {"server/runtime/", "runtime"},
    {"server/admin/", "admin"},
    {"server/main/", "server"},
};

/// The direction of the rooms. Whoever is not listed as a target may not be included.
const std::map<std::string, std::set<std::string>> may_include = {
    {"base", {}},
    {"ws", {"base"}},
    {"wire", {"base"}},
    {"replication", {"base"}},
    {"netcode", {"base", "replication"}},
    {"session", {"base", "replication", "netcode", "wire", "ws"}},
    {"net", {"base"}},
    {"websocket", {"base", "ws", "net"}},
    {"client", {"base", "replication", "netcode", "wire", "ws", "session", "net", "websocket"}},
    {"room", {"base", "replication", "netcode", "wire"}},
    // Of net the gate knows addresses and the parsers of what fronts say, no socket.
    {"save", {"base", "replication", "wire", "room"}},
    {"gate", {"base", "replication", "netcode", "wire", "ws", "session", "room", "save", "net"}},
    {"runtime", {"base", "ws", "session", "net", "room", "save", "gate"}},
    {"admin", {"base", "ws", "net", "room", "gate"}},
    {"server", {"base", "ws", "replication", "net", "room", "save", "gate", "runtime", "admin"}},
};

std::string room_of(const std::string& path) {
    for (const char* include : {"sdk/include/tidewire/", "server/include/tidewire/"}) {
        if (path.rfind(include, 0) == 0) {
            const auto found = public_headers.find(path.substr(std::string(include).size()));
            return found == public_headers.end() ? "a public header that tidy_test does not know" : found->second;
        }
    }
    for (const auto& [folder, room] : folders)
        if (path.rfind(folder, 0) == 0) return room;
    return "";
}

/// What an #include names, from the root; empty for system and third-party headers.
std::string included_path(const Line& line) {
    static const std::regex pattern("^\\s*#\\s*include\\s*[\"<]([^\">]+)[\">]");
    std::smatch match;
    if (!std::regex_search(line.text, match, pattern)) return "";
    const std::string name = match[1];
    if (name.rfind("tidewire/", 0) == 0) {
        for (const char* include : {"sdk/include/", "server/include/"})
            if (fs::exists(root / (include + name))) return include + name;
        return "sdk/include/" + name;
    }
    for (const char* top : {"sdk/", "server/", "samples/", "tools/", "tests/"})
        if (name.rfind(top, 0) == 0) return name;
    return "";
}

}  // namespace

TEST_CASE("every include follows the direction of the rooms", "[tidy]") {
    std::size_t edges = 0;
    for (const std::string& path : sources({".h", ".cpp"})) {
        const std::string from = room_of(path);
        for (const Line& line : lines_of(path)) {
            const std::string target = included_path(line);
            if (target.empty()) continue;
            ++edges;
            const std::string to = room_of(target);
            INFO(line);
            if (from.empty()) {
                // Programs: samples see public headers only; tools and tests see everything below them.
                if (path.rfind("samples/", 0) == 0)
                    CHECK((target.rfind("samples/", 0) == 0 || target.find("/include/tidewire/") != std::string::npos));
                if (path.rfind("tests/", 0) != 0) CHECK(target.rfind("tests/", 0) != 0);
                continue;
            }
            REQUIRE(may_include.count(from) == 1);
            INFO("from room " << from << " to " << (to.empty() ? "outside the rooms" : to));
            CHECK((to == from || may_include.at(from).count(to) == 1));
        }
    }
    CHECK(edges > 50);
}

TEST_CASE("the table of rooms has no circle", "[tidy]") {
    std::map<std::string, int> state;
    const std::function<void(const std::string&)> visit = [&](const std::string& room) {
        state[room] = 1;
        for (const std::string& next : may_include.at(room)) {
            INFO(room << " -> " << next);
            REQUIRE(state[next] != 1);
            if (state[next] == 0) visit(next);
        }
        state[room] = 2;
    };
    for (const auto& [room, targets] : may_include)
        if (state[room] == 0) visit(room);
}

TEST_CASE("public headers show no third-party type and no header of the core", "[tidy]") {
    static const std::regex foreign(
        "#\\s*include\\s*<(flatbuffers|zstd|openssl|SDL|spdlog|CLI|nlohmann|prometheus|sys/|netinet|unistd)");
    for (const std::string& path : sources({".h"})) {
        if (path.find("/include/tidewire/") == std::string::npos) continue;
        for (const Line& line : lines_of(path)) {
            INFO(line);
            CHECK_FALSE(std::regex_search(line.text, foreign));
            const std::string target = included_path(line);
            CHECK((target.empty() || target.find("/include/tidewire/") != std::string::npos));
        }
    }
}

TEST_CASE("each library is known in one room only", "[tidy]") {
    const std::vector<std::pair<std::regex, std::vector<std::string>>> homes = {
        {std::regex("#\\s*include\\s*[<\"](flatbuffers/|zstd|zdict)"),
         {"sdk/core/wire/", "tools/schemac/", "tools/bench/baselines", "tools/flight/training", "tests/"}},
        {std::regex("#\\s*include\\s*<(sys/socket|sys/epoll|netinet|poll\\.h|unistd)"),
         {"sdk/net/", "tools/", "tests/", "samples/", "server/main/"}},
        {std::regex("#\\s*include\\s*<(spdlog|CLI)/"), {"server/main/", "tools/", "samples/", "tests/"}},
        {std::regex("#\\s*include\\s*<prometheus/"), {"server/gate/metrics"}},
        {std::regex("#\\s*include\\s*<openssl/"),
         {"sdk/core/ws/accept_key", "sdk/net/", "server/gate/", "tools/", "tests/"}},
        {std::regex("#\\s*include\\s*<(thread|mutex|condition_variable|random)>"),
         {"sdk/net/", "sdk/client/", "server/", "tools/", "tests/", "samples/"}},
    };
    for (const std::string& path : sources({".h", ".cpp"})) {
        for (const Line& line : lines_of(path)) {
            for (const auto& [pattern, allowed] : homes) {
                if (!std::regex_search(line.text, pattern)) continue;
                INFO(line);
                CHECK(std::any_of(allowed.begin(), allowed.end(),
                                  [&](const std::string& home) { return path.rfind(home, 0) == 0; }));
            }
        }
    }
}

TEST_CASE("the core reads no clock and keeps to what Emscripten's library has", "[tidy]") {
    static const std::regex missing(
        "std::(ranges|views|format|bit_cast|jthread|stop_token|atomic_ref|make_unique_for_overwrite|pmr|expected|move_"
        "only_function|source_location)\\b"
        "|(steady|system|high_resolution)_clock::now|\\bco_(await|yield|return)\\b");
    for (const std::string& path : sources({".h", ".cpp"})) {
        if (path.rfind("sdk/core/", 0) != 0 && path.rfind("sdk/client/", 0) != 0 && path.rfind("sdk/include/", 0) != 0)
            continue;
        for (const Line& line : lines_of(path)) {
            const std::string code = line.text.substr(0, line.text.find("//"));
            INFO(line);
            CHECK_FALSE(std::regex_search(code, missing));
        }
    }
}

TEST_CASE("no file grows past 500 lines, and each begins by saying what it is", "[tidy]") {
    for (const std::string& path : sources({".h", ".cpp"})) {
        const auto lines = lines_of(path);
        INFO(path << " has " << lines.size() << " lines: which second noun lives in it?");
        CHECK(lines.size() <= 500);
        REQUIRE_FALSE(lines.empty());
        INFO(lines.front());
        CHECK(lines.front().text.rfind("//", 0) == 0);
    }
}

TEST_CASE("nothing unfinished and nothing of one machine is written down", "[tidy]") {
    // Each word is put together here, so that this file does not find itself.
    static const std::regex banned(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X)\\b|for" + " now\\b|not imple" +
                                   "mented|place" + "holder|/wo" + "rk/|/ro" + "ot/|/ho" + "me/");
    for (const std::string& path :
         sources({".h", ".cpp", ".fbs", ".txt", ".cmake", ".md", ".py", ".js", ".mjs", ".html", ""})) {
        for (const Line& line : lines_of(path)) {
            INFO(line);
            CHECK_FALSE(std::regex_search(line.text, banned));
        }
    }
}

TEST_CASE("the top level holds the rooms and nothing else", "[tidy]") {
    const std::set<std::string> allowed = {"sdk",   "server",         "samples",   "tools",
                                           "tests", "CMakeLists.txt", "README.md", "LICENSE"};
    for (const auto& entry : fs::directory_iterator(root)) {
        const std::string name = entry.path().filename().string();
        // Builds, and pictures that a player has kept, are not the project's.
        if (name[0] == '.' || name.rfind("build", 0) == 0 || entry.path().extension() == ".png") continue;
        INFO(name);
        CHECK(allowed.count(name) == 1);
    }
}

TEST_CASE("the README's listings are the files of samples/hello", "[tidy]") {
    std::ifstream file(root / "README.md");
    std::stringstream text;
    text << file.rdbuf();
    const std::string readme = text.str();
    for (const char* name : {"hello.fbs", "rules.h", "server.cpp", "client.cpp"}) {
        std::ifstream sample(root / "samples/hello" / name);
        REQUIRE(sample.good());
        std::stringstream content;
        content << sample.rdbuf();
        INFO("samples/hello/" << name << " must stand in README.md as it is");
        CHECK(readme.find("```" + std::string(std::string(name).find(".fbs") != std::string::npos ? "c" : "cpp") +
                          "\n" + content.str() + "```") != std::string::npos);
    }
}

TEST_CASE("every line of the README's C++ is in a file that is compiled", "[tidy]") {
    std::set<std::string> compiled;
    for (const char* path : {"samples/hello/rules.h", "samples/hello/server.cpp", "samples/hello/client.cpp",
                             "tests/readme/listings.cpp"})
        for (const Line& line : lines_of(path)) compiled.insert(std::regex_replace(line.text, std::regex("^ +"), ""));
    bool inside = false;
    std::size_t found = 0;
    for (const Line& line : lines_of("README.md")) {
        if (line.text.rfind("```", 0) == 0) {
            inside = line.text == "```cpp";
            continue;
        }
        const std::string text = std::regex_replace(line.text, std::regex("^ +"), "");
        if (!inside || text.empty() || text.rfind("//", 0) == 0) continue;
        INFO(line);
        CHECK(compiled.count(text) == 1);
        ++found;
    }
    CHECK(found > 40);
}
