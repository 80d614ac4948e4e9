// A file of options, one a line: tick-rate = 60. The names are those of the flags; the command line stands above it.
#pragma once

#include <CLI/CLI.hpp>

#include <istream>
#include <set>
#include <string>
#include <vector>

namespace tidewire::server {

/// What CLI11 reads such a file by. It refuses what CLI11 would pass over in silence: names that no flag has, sections, lists for one
/// value, an option that stands there twice.
class ConfigFile : public CLI::ConfigTOML {
public:
    /// What came of the reading.
    struct Outcome {
        std::string problem{};          ///< A sentence that names the key and the remedy; empty: there is none.
        std::set<std::string> taken{};  ///< Names of the options whose values came from the file.
    };

    /// `app` and `outcome` must outlive it.
    ConfigFile(const CLI::App& app, Outcome& outcome) : app_(&app), outcome_(&outcome) { commentChar = '\0'; }

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

private:
    const CLI::App* app_;
    Outcome* outcome_;
};

}  // namespace tidewire::server
