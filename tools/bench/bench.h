// What the benches share: subcommands, JSON on stdout, a certificate for an hour.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tidewire/result.h"
#include "tidewire/tls.h"

namespace tidewire::bench {

/// Each bench adds its subcommand; its callback sets `exit_code`.
void add_ws_echo(CLI::App& app, int& exit_code);
void add_ws_frames(CLI::App& app, int& exit_code);
void add_delta(CLI::App& app, int& exit_code);
void add_netcode(CLI::App& app, int& exit_code);
void add_fanout(CLI::App& app, int& exit_code);
void add_arena_n(CLI::App& app, int& exit_code);
void add_shards(CLI::App& app, int& exit_code);
void add_soak(CLI::App& app, int& exit_code);
void add_resume(CLI::App& app, int& exit_code);
void add_hostile_peers(CLI::App& app, int& exit_code);
void add_restart(CLI::App& app, int& exit_code);

/// One line of JSON with the keys in the order given.
void print(const nlohmann::ordered_json& figures);

/// Says what went wrong on stderr; the exit code.
int fail(const Error& error);

/// A self-signed certificate for 127.0.0.1 in two temporary files, which go with it.
class TemporaryCertificate {
public:
    TemporaryCertificate();
    ~TemporaryCertificate();
    TemporaryCertificate(const TemporaryCertificate&) = delete;
    TemporaryCertificate& operator=(const TemporaryCertificate&) = delete;

    const TlsServerOptions& options() const { return options_; }

private:
    TlsServerOptions options_;
    std::string directory_;
};

}  // namespace tidewire::bench
