// Flags and config files: what stands above what, what is refused and with which words, and that nothing is missing.
#include "server/main/flags.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/folder.h"

using namespace tidewire;
using namespace tidewire::server;
using namespace std::chrono_literals;

namespace {

struct Parsed {
    ServerOptions options{};
    RunOptions run{};
    std::optional<FlagsAnswer> answer{};
};

Parsed parse(const std::vector<std::string>& flags, ServerOptions options = {}) {
    std::vector<const char*> argv = {"server"};
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    Parsed parsed{.options = std::move(options)};
    parsed.answer = parse_flags(static_cast<int>(argv.size()), argv.data(), parsed.options, parsed.run);
    return parsed;
}

struct ConfigFixture {
    test::Folder folder;
    std::string path = folder / "server.toml";

    Parsed parse_file(const std::string& text, std::vector<std::string> flags = {}) const {
        std::ofstream(path) << text;
        flags.insert(flags.end(), {"--config", path});
        return parse(flags);
    }
    std::string error_of(const std::string& text) const {
        const Parsed parsed = parse_file(text);
        REQUIRE(parsed.answer);
        CHECK(parsed.answer->exit_code == 2);
        CHECK(parsed.answer->output.empty());
        INFO(parsed.answer->error);
        REQUIRE(parsed.answer->error.rfind(path + ": ", 0) == 0);
        return parsed.answer->error.substr(path.size() + 2);
    }
};

std::string help() {
    const Parsed parsed = parse({"--help"});
    REQUIRE(parsed.answer);
    CHECK(parsed.answer->exit_code == 0);
    return parsed.answer->output;
}

/// The names of the members of ServerOptions, from its source.
std::vector<std::string> option_fields() {
    std::ifstream file(std::string(TIDEWIRE_SOURCE_DIR) + "/server/include/tidewire/server_options.h");
    std::stringstream text;
    text << file.rdbuf();
    static const std::regex remark("//[^\n]*");
    const std::string source = std::regex_replace(text.str(), remark, "");
    static const std::regex member("\n    [A-Za-z_:<>0-9]+ ([a-z_]+)\\s*(=|\\{)");
    std::vector<std::string> fields;
    for (std::sregex_iterator it(source.begin(), source.end(), member), end; it != end; ++it)
        fields.push_back((*it)[1]);
    return fields;
}

}  // namespace

TEST_CASE("no flags: the server runs, as the program chose", "[server][flags]") {
    const Parsed parsed = parse({}, {.tick_rate = 20, .bots = 3});
    CHECK_FALSE(parsed.answer);
    CHECK(parsed.options.tick_rate == 20);
    CHECK(parsed.options.bots == 3);
    CHECK(parsed.options.drain_max == 30s);
    CHECK(parsed.run.log.level == LogLevel::Info);
}

TEST_CASE("flags set what they name", "[server][flags]") {
    const Parsed parsed = parse({"--shards",
                                 "auto",
                                 "--rooms",
                                 "16",
                                 "--drain-seconds",
                                 "1.5",
                                 "--unread-timeout-ms",
                                 "5000",
                                 "--rewind-depth-ms",
                                 "100",
                                 "--client-events-per-second",
                                 "12.5",
                                 "--origin",
                                 "https://a.example",
                                 "--origin",
                                 "https://b.example",
                                 "--proxy-protocol",
                                 "--log-level",
                                 "warn",
                                 "--log-format",
                                 "json",
                                 "--seconds",
                                 "9"});
    INFO((parsed.answer ? parsed.answer->error : ""));
    REQUIRE_FALSE(parsed.answer);
    CHECK(parsed.options.shards == 0);
    CHECK(parsed.options.rooms == 16);
    CHECK(parsed.options.drain_max == 1500ms);
    CHECK(parsed.options.unread_timeout == 5s);
    CHECK(parsed.options.rewind.depth == 100ms);
    CHECK(parsed.options.client_events.per_second == 12.5);
    CHECK(parsed.options.origins == std::vector<std::string>{"https://a.example", "https://b.example"});
    CHECK(parsed.options.proxy_protocol);
    CHECK(parsed.run.log.level == LogLevel::Warn);
    CHECK(parsed.run.log.format == LogFormat::Json);
    CHECK(parsed.run.seconds == 9);
    CHECK(parse({"--shards", "8"}).options.shards == 8);
    const Parsed operated = parse({"--admin-port", "7778", "--admin-token-file", "token", "--audit-log", "audit", "--bans", "bans",
                                   "--idle-seconds", "0.5", "--idle-kick-seconds", "600", "--hidden-kick-seconds", "0"});
    REQUIRE_FALSE(operated.answer);
    CHECK(operated.run.admin.port == 7778);
    CHECK(operated.run.admin.token_file == "token");
    CHECK(operated.run.audit.file == "audit");
    CHECK(operated.options.bans_file == "bans");
    CHECK(operated.options.idle.after == 500ms);
    CHECK(operated.options.idle.kick_after == 600s);
    CHECK(operated.options.idle.hidden_kick_after == 0ms);
    CHECK(parse({"--admin-port", "off"}).run.admin.port == 0);
}

TEST_CASE("a flag that cannot work is refused in one line", "[server][flags]") {
    for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
             {"--no-such-flag"},
             {"stray"},
             {"--port"},
             {"--port", "70000"},
             {"--shards", "many"},
             {"--shards", "65"},
             {"--shards", "-1"},
             {"--rooms", "0"},
             {"--drain-seconds", "-1"},
             {"--unread-timeout-ms", "1.5"},
             {"--rewind-depth-ms", "501"},
             {"--log-level", "loud"},
             {"--config"},
         }) {
        const Parsed parsed = parse(flags);
        INFO(flags.front());
        REQUIRE(parsed.answer);
        CHECK(parsed.answer->exit_code == 2);
        CHECK(parsed.answer->error.find('\n') == std::string::npos);
        CHECK(parsed.answer->error.find("see --help") != std::string::npos);
        CHECK(parsed.answer->error.find("server.toml") == std::string::npos);
    }
}

TEST_CASE_METHOD(ConfigFixture, "a file sets options by the names of the flags, and remarks are none",
                 "[server][flags]") {
    const Parsed parsed = parse_file(
        "# a remark\n"
        "tick-rate = 60   # another\n"
        "\n"
        "shards = \"auto\"\n"
        "origin = [\"https://a.example\", 'https://b.example']\n"
        "record = \"room # 1, late.twfl\"\n"
        "proxy-protocol = true\n"
        "drain-seconds = 2\n"
        "log-format = \"json\"\n");
    INFO((parsed.answer ? parsed.answer->error : ""));
    REQUIRE_FALSE(parsed.answer);
    CHECK(parsed.options.tick_rate == 60);
    CHECK(parsed.options.shards == 0);
    CHECK(parsed.options.origins == std::vector<std::string>{"https://a.example", "https://b.example"});
    CHECK(parsed.options.record_file == "room # 1, late.twfl");
    CHECK(parsed.options.proxy_protocol);
    CHECK(parsed.options.drain_max == 2s);
    CHECK(parsed.run.log.format == LogFormat::Json);
}

TEST_CASE_METHOD(ConfigFixture, "the command line stands above the file, and the file above the program",
                 "[server][flags]") {
    const Parsed parsed = parse_file("tick-rate = 60\nbots = 5\norigin = \"https://a.example\"\n",
                                     {"--tick-rate", "100", "--origin", "https://b.example"});
    REQUIRE_FALSE(parsed.answer);
    CHECK(parsed.options.tick_rate == 100);
    CHECK(parsed.options.bots == 5);
    CHECK(parsed.options.origins == std::vector<std::string>{"https://b.example"});
}

TEST_CASE_METHOD(ConfigFixture, "what is wrong in a file is told with the file, the name and the remedy",
                 "[server][flags]") {
    CHECK(error_of("tick_rate = 60\n") == "there is no option \"tick_rate\"; write tick-rate");
    CHECK(error_of("--tick-rate = 60\n") == "there is no option \"--tick-rate\"; write tick-rate");
    CHECK(error_of("ticks = 60\n") ==
          "there is no option \"ticks\"; the names are those of the flags that --help lists, without the hyphens in "
          "front");
    CHECK(error_of("[server]\ntick-rate = 60\n") ==
          "[server]: sections have no meaning; write options only, as tick-rate = 60");
    CHECK(error_of("bots = 1\ntick-rate = 60\nbots = 2\n") == "\"bots\" stands there twice; remove one");
    CHECK(error_of("address = one, two\n") ==
          "\"address\" has more than one value; it takes one, in quotes if there are spaces or commas in it");
    CHECK(error_of("config = \"other.toml\"\n") == "\"config\" belongs on the command line; remove it from the file");
    CHECK(error_of("tick-rate = 200\n") == "--tick-rate: Value 200 not in range 1 to 128; see --help");
    CHECK(error_of("shards = many\n") == "--shards: Value many is neither auto nor in range 0 to 64; see --help");
    CHECK(error_of("seed = none\n").find("seed") != std::string::npos);
}

TEST_CASE_METHOD(ConfigFixture, "a bad flag beside a good file is not blamed on the file", "[server][flags]") {
    const Parsed parsed = parse_file("tick-rate = 60\nbots = 3\n", {"--bots", "many"});
    REQUIRE(parsed.answer);
    CHECK(parsed.answer->error.rfind("--bots", 0) == 0);
}

TEST_CASE_METHOD(ConfigFixture, "a file that is not there is an error, not a default", "[server][flags]") {
    const std::string missing = folder / "missing.toml";
    const Parsed parsed = parse({"--config", missing});
    REQUIRE(parsed.answer);
    CHECK(parsed.answer->exit_code == 2);
    CHECK(parsed.answer->error.rfind("--config: " + missing, 0) == 0);
    CHECK(parse({"--config", folder.path().string()}).answer->exit_code == 2);
}

TEST_CASE_METHOD(ConfigFixture, "the printed config, read again, is the same", "[server][flags]") {
    const std::vector<std::vector<std::string>> lines = {{},
                                                         {"--shards",
                                                          "auto",
                                                          "--rooms",
                                                          "4",
                                                          "--drain-seconds",
                                                          "0.25",
                                                          "--origin",
                                                          "https://a.example",
                                                          "--origin",
                                                          "*",
                                                          "--save-dir",
                                                          "saved rooms",
                                                          "--record",
                                                          "my room, # 1.twfl",
                                                          "--proxy-protocol",
                                                          "--anonymous",
                                                          "--jwt-key-format",
                                                          "secret",
                                                          "--joins-per-second",
                                                          "0.5",
                                                          "--trusted-proxy",
                                                          "10.0.0.0/8",
                                                          "--seed",
                                                          "18446744073709551615",
                                                          "--client-event-bytes-burst",
                                                          "1048577",
                                                          "--log-level",
                                                          "error",
                                                          "--log-format",
                                                          "json",
                                                          "--tls-key",
                                                          "a \"key\".pem",
                                                          "--bulk-bytes-max",
                                                          "1073741823"}};
    for (std::vector<std::string> flags : lines) {
        flags.push_back("--print-config");
        const Parsed first = parse(flags);
        REQUIRE(first.answer);
        INFO(first.answer->error);
        CHECK(first.answer->exit_code == 0);
        const Parsed again = parse_file(first.answer->output, {"--print-config"});
        REQUIRE(again.answer);
        INFO(again.answer->error);
        CHECK(again.answer->output == first.answer->output);
    }
}

TEST_CASE("the text of --help names every member of ServerOptions", "[server][flags]") {
    const std::map<std::string, std::string> other_names = {
        {"admission", "anonymous"},
        {"origins", "origin"},
        {"trusted_proxies", "trusted-proxy"},
        {"tls", "tls-certificate"},
        {"unread_timeout", "unread-timeout-ms"},
        {"drain_max", "drain-seconds"},
        {"resume_within", "resume-seconds"},
        {"retry_after", "retry-after-ms"},
        {"spectator_delay", "spectator-delay-seconds"},
        {"rewind", "rewind-depth-ms"},
        {"client_events", "client-events-per-second"},
        {"client_rooms", "client-rooms"},
        {"code_tables_file", "code-tables"},
        {"dictionary_file", "dictionary"},
        {"record_file", "record"},
        {"bans_file", "bans"},
        {"idle", "idle-seconds"},
        {"save_directory", "save-dir"},
    };
    const std::vector<std::string> fields = option_fields();
    CHECK(fields.size() >= 29);
    const std::string text = help();
    for (const std::string& field : fields) {
        std::string flag = field;
        std::replace(flag.begin(), flag.end(), '_', '-');
        if (const auto other = other_names.find(field); other != other_names.end()) flag = other->second;
        INFO("ServerOptions::" << field << " needs a flag --" << flag << " in server/main/flag_groups.cpp");
        CHECK(text.find("\n  --" + flag + " ") != std::string::npos);
    }
}

TEST_CASE("the text of --help has each option in a group, with its unit and its default", "[server][flags]") {
    const std::string text = help();
    for (const char* group : {"Network", "Who may come in", "TLS", "Game", "Rooms of clients", "Lag compensation", "Limits", "Files", "Log", "Administration", "Process"})
        CHECK(text.find("\n" + std::string(group) + ":\n") != std::string::npos);
    CHECK(text.find("--shards auto|N in [0 - 64]=1") != std::string::npos);
    CHECK(text.find("--tick-rate HZ:INT in [1 - 128]=30") != std::string::npos);
    CHECK(text.find("--drain-seconds S:FLOAT in [0 - 86400]=30") != std::string::npos);
    CHECK(text.find("--unread-timeout-ms MS:INT in [100 - 3600000]=10000") != std::string::npos);
    CHECK(text.find("--log-level WORD:{trace,debug,info,warn,error}=info") != std::string::npos);
    static const std::regex line("\n  (--[a-z-]+)([^\n]*)");
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
        const std::string name = (*it)[1];
        if (name == "--version" || name == "--print-config" || name == "--proxy-protocol" || name == "--anonymous" ||
            name == "--jwt-single-use" || name == "--client-rooms")
            continue;
        INFO(name);
        CHECK(std::regex_search(std::string((*it)[2]), std::regex("^ ([A-Z]+|auto|off)")));
    }
}

TEST_CASE("the flags --version and --help end with 0 and say it on standard output", "[server][flags]") {
    const Parsed parsed = parse({"--version"});
    REQUIRE(parsed.answer);
    CHECK(parsed.answer->exit_code == 0);
    CHECK(parsed.answer->output.rfind("Tidewire ", 0) == 0);
    CHECK(parsed.answer->error.empty());
    CHECK(parse({"--help", "--config", "missing.toml"}).answer->exit_code == 0);
}
