// What the verbs of tidewire-flight share: each adds its subcommand; its callback sets `exit_code`.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tidewire/result.h"
#include "tools/flight/reencoder.h"

namespace tidewire::flight {

void add_train(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);

/// As JSON on stdout, the keys in the order given.
void print(const nlohmann::ordered_json& figures);
/// Says on stderr what is not quite as it should be.
void warn(const std::string& sentence);
/// Says on stderr what went wrong; the exit code, 1.
int fail(const Error& error);
/// The same of a command line that asks for what cannot be; the exit code, 2.
int usage_error(const std::string& sentence);
/// As it is written everywhere: 16 hex digits.
std::string hex_id(std::uint64_t id);

}  // namespace tidewire::flight
