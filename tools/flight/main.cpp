// tidewire-flight: what can be done with recordings of a room. Each verb is a subcommand.
#include <cstdio>
#include <iostream>
#include <string>

#include "sdk/core/base/printable.h"
#include "tidewire/version.h"
#include "tools/flight/verbs.h"

namespace tidewire::flight {

void print(const nlohmann::ordered_json& figures) {
    constexpr int indent = 2;
    std::cout << figures.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void warn(const std::string& sentence) { std::fprintf(stderr, "tidewire-flight: %s\n", sentence.c_str()); }

int fail(const Error& error) {
    warn(error.message);
    return 1;
}

int usage_error(const std::string& sentence) {
    warn(sentence + "; see --help");
    return 2;
}

std::string hex_id(std::uint64_t id) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(id));
    return text;
}

namespace {

/// "train or inspect".
std::string verbs(const CLI::App& app) {
    std::string text;
    for (const CLI::App* verb : app.get_subcommands(nullptr)) text += (text.empty() ? "" : " or ") + verb->get_name();
    return text;
}

bool is_verb(const CLI::App& app, const std::string& word) {
    for (const CLI::App* verb : app.get_subcommands(nullptr))
        if (verb->get_name() == word) return true;
    return false;
}

}  // namespace

}  // namespace tidewire::flight

int main(int argc, char** argv) {
    int exit_code = 0;
    CLI::App app(
        "Recordings of a room (made by a server's --record): trains code tables and dictionaries from them, "
        "and shows what is in them");
    app.set_version_flag("--version", "Tidewire " + std::string(tidewire::version), "Print the version and exit");
    app.require_subcommand(1);
    tidewire::flight::add_train(app, exit_code);
    tidewire::flight::add_inspect(app, exit_code);
    const std::string word = argc > 1 ? argv[1] : "";
    if (word.empty()) return tidewire::flight::usage_error("what is to be done? Say " + tidewire::flight::verbs(app));
    if (word[0] != '-' && !tidewire::flight::is_verb(app, word))
        return tidewire::flight::usage_error("\"" + tidewire::printable(word) + "\" is none of its verbs; say " +
                                             tidewire::flight::verbs(app));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        return tidewire::flight::usage_error(error.what());
    }
    return exit_code;
}
