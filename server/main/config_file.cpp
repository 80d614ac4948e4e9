// CLI11 reads the lines; here is what it must not let pass.
#include "server/main/config_file.h"

#include <algorithm>
#include <sstream>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

namespace {

/// Without a remark at its end. CLI11 itself would see one in the quotes, too.
std::string without_remark(const std::string& line) {
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '#')
            return line.substr(0, i);
    }
    return line;
}

const CLI::Option* option_of(const CLI::App& app, const std::string& name) {
    const CLI::Option* option = app.get_option_no_throw("--" + name);
    return option != nullptr && option->get_configurable() ? option : nullptr;
}

/// Empty when it may stand in the file.
std::string refuse(const CLI::App& app, const CLI::ConfigItem& item) {
    if (!item.parents.empty())
        return "[" + printable(item.parents.front()) +
               "]: sections have no meaning; write options only, as tick-rate = 60";
    const std::string name = printable(item.name);
    if (const CLI::Option* option = option_of(app, item.name)) {
        if (item.inputs.size() > 1 && option->get_items_expected_max() == 1)
            return "\"" + name +
                   "\" has more than one value; it takes one, in quotes if there are spaces or commas in it";
        return {};
    }
    if (app.get_option_no_throw("--" + item.name) != nullptr)
        return "\"" + name + "\" belongs on the command line; remove it from the file";
    std::string hyphens = item.name;
    std::replace(hyphens.begin(), hyphens.end(), '_', '-');
    hyphens.erase(0, hyphens.find_first_not_of('-') == std::string::npos ? 0 : hyphens.find_first_not_of('-'));
    if (option_of(app, hyphens) != nullptr) return "there is no option \"" + name + "\"; write " + hyphens;
    return "there is no option \"" + name +
           "\"; the names are those of the flags that --help lists, without the hyphens in front";
}

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
    std::stringstream plain;
    for (std::string line; std::getline(input, line);) plain << without_remark(line) << "\n";
    std::vector<CLI::ConfigItem> read = CLI::ConfigTOML::from_config(plain);
    std::set<std::string> met;
    for (const CLI::ConfigItem& item : read) {
        outcome_->problem = refuse(*app_, item);
        if (outcome_->problem.empty() && !met.insert(item.name).second)
            outcome_->problem = "\"" + printable(item.name) + "\" stands there twice; remove one";
        if (!outcome_->problem.empty()) return {};
        // The command line was read before.
        if (app_->get_option_no_throw("--" + item.name)->count() == 0) outcome_->taken.insert(item.name);
    }
    return read;
}

}  // namespace tidewire::server
