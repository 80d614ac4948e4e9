// Parsing, and one line for whatever is wrong. CLI11 throws; nothing leaves this file that way.
#include "server/main/flags.h"

#include <memory>

#include "sdk/core/base/printable.h"
#include "server/main/config_file.h"
#include "server/main/flag_groups.h"
#include "tidewire/version.h"

namespace tidewire::server {

namespace {

FlagsAnswer refuse(std::string sentence) { return {.exit_code = 2, .error = std::move(sentence)}; }

/// "FILE: " in front of what is wrong with a value that came from there.
std::string source_of(const std::string& sentence, const std::string& path, const ConfigFile::Outcome& file) {
    for (const std::string& name : file.taken)
        if (sentence.find("--" + name + ":") != std::string::npos ||
            sentence.find("--" + name + " ") != std::string::npos)
            return printable(path) + ": ";
    return {};
}

}  // namespace

std::optional<FlagsAnswer> parse_flags(int argc, const char* const* argv, ServerOptions& options, RunOptions& run) {
    CLI::App app(
        "A Tidewire game server, version " + std::string(version) +
        ". It prints one line to standard output when it listens, logs to standard error, and stops cleanly on "
        "SIGINT and SIGTERM.");
    app.footer("The first word `ticket` makes a join ticket instead of running a server: ticket --help.");
    app.option_defaults()->always_capture_default();
    app.get_formatter()->column_width(34);
    app.set_version_flag("--version", "Tidewire " + std::string(version), "Print the version and exit");
    bool print_config = false;
    std::string path;
    ConfigFile::Outcome file;
    // CLI11 goes on with defaults where the file that it is to read is not there; asked for, it must be.
    app.set_config("--config", "",
                   "Options from a file, one a line: tick-rate = 60. The names are those of the flags; the command "
                   "line stands above it")
        ->type_name("FILE")
        ->configurable(false);
    app.config_formatter(std::make_shared<ConfigFile>(app, file));
    app.add_flag("--print-config", print_config,
                 "Print all options as they are after the file and the command line, as --config reads them, and exit")
        ->configurable(false);
    FlagList flags(app);
    add_flags(flags, options, run);
    try {
        app.parse(argc, argv);
        path = app["--config"]->count() > 0 ? app["--config"]->as<std::string>() : "";
    } catch (const CLI::CallForHelp&) {
        return FlagsAnswer{.output = app.help()};
    } catch (const CLI::CallForVersion& told) {
        return FlagsAnswer{.output = std::string(told.what()) + "\n"};
    } catch (const CLI::FileError& error) {
        return refuse("--config: " + printable(error.what()) + "; name a file that is there and may be read");
    } catch (const CLI::ParseError& error) {
        path = app["--config"]->count() > 0 ? app["--config"]->results().front() : "";
        const std::string sentence = error.what();
        return refuse(source_of(sentence, path, file) + printable(sentence) + "; see --help");
    }
    if (!file.problem.empty()) return refuse(printable(path) + ": " + file.problem);
    if (print_config) return FlagsAnswer{.output = flags.to_file()};
    return std::nullopt;
}

}  // namespace tidewire::server
