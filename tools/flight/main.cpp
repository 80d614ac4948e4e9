// tidewire-flight: what can be done with recordings of a room. Each verb is a subcommand.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

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

std::string hex_id(std::uint64_t id) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(id));
    return text;
}

Result<void> write_file(const std::string& path, ByteSpan bytes) {
    const std::string part = path + ".part";
    std::error_code error;
    std::ofstream stream(part, std::ios::binary | std::ios::trunc);
    stream << as_text(bytes);
    stream.close();
    if (stream) std::filesystem::rename(part, path, error);
    if (stream && !error) return {};
    std::filesystem::remove(part, error);
    return unexpected(Blame::Machine, "\"" + printable(path) + "\" cannot be written");
}

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
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        tidewire::flight::warn(std::string(error.what()) + "; see --help");
        return 2;
    }
    return exit_code;
}
