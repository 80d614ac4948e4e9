// Flags, a key out of a file, and the library's own make_ticket().
#include "server/main/ticket_command.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <string>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/printable.h"
#include "server/gate/claim_text.h"
#include "server/gate/key_set.h"
#include "server/gate/ticket_book.h"
#include "tidewire/ticket.h"

namespace tidewire::server {

namespace {

FlagsAnswer refuse(int exit_code, std::string sentence) {
    return {.exit_code = exit_code, .error = "ticket: " + std::move(sentence)};
}

}  // namespace

FlagsAnswer ticket_command(int argc, const char* const* argv, SystemTime now) {
    CLI::App app(
        "Prints a ticket that lets one player into one room once (--ticket-key-file). The player's client gives it as "
        "ClientOptions::token.");
    std::string key_file;
    std::string room = "1";
    std::string player;
    std::string name;
    std::int64_t seconds = 60;
    app.add_option("--key-file", key_file,
                   "The server's --ticket-key-file; its first key signs. A new one: openssl rand -base64 32 | tr '+/' "
                   "'-_' | tr -d =")
        ->type_name("FILE")
        ->required();
    app.add_option("--room", room, "Name of the room; those of --rooms are called 1, 2 and so on")->type_name("TEXT")->capture_default_str();
    app.add_option("--player", player, "Who it is for, for good: at most 128 bytes")->type_name("TEXT")->required();
    app.add_option("--name", name, "What the others see, at most 64 bytes; without it as --player, if that is as short")
        ->type_name("TEXT");
    app.add_option("--seconds", seconds, "How long it is good from now")
        ->type_name("S")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{31'536'000}))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return {.output = app.help()};
    } catch (const CLI::ParseError& error) {
        return refuse(2, printable(error.what()) + "; see ticket --help");
    }
    const auto text = read_key_file(key_file);
    if (!text) return refuse(1, text.error().message);
    const auto secrets = parse_ticket_secrets(*text);
    if (!secrets) return refuse(1, "the key file " + printable(key_file) + " " + secrets.error().message);
    if (name.empty() && player.size() <= shown_name_bytes_max) name = player;
    const auto ticket =
        tidewire::make_ticket(as_text(secrets->front()),
                              {.room = room, .player = player, .name = name, .expires = now + std::chrono::seconds(seconds)});
    if (!ticket) return refuse(2, ticket.error().message);
    return {.output = *ticket + "\n"};
}

}  // namespace tidewire::server
