// The options of a command line, each with its group, its unit and the way its value is written down again: what --help shows,
// a config file sets and --print-config prints is one list.
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tidewire::server {

/// Numbers as a config file has them.
template <class Number>
std::string to_config(Number value) {
    std::ostringstream text;
    text.precision(15);
    text << value;
    return text.str();
}
inline std::string to_config(bool value) { return value ? "true" : "false"; }
/// In the quotes that are not in it; CLI11's files know no escapes.
inline std::string to_config(const std::string& value) {
    const char quote = value.find('"') == std::string::npos ? '"' : '\'';
    return quote + value + quote;
}
/// Empty for an empty list: there is no way to write one.
inline std::string to_config(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += (text.empty() ? "[" : ", ") + to_config(value);
    return text.empty() ? text : text + "]";
}

class FlagList {
public:
    explicit FlagList(CLI::App& app) : app_(&app) {}

    /// Of what is added from now on.
    void group(const char* name) { group_ = name; }

    /// `unit` stands in --help where the value goes. `value` must outlive the parsing and to_file().
    template <class T>
    CLI::Option* add(const char* name, T& value, const char* unit, std::string description) {
        CLI::Option* option = app_->add_option(name, value, std::move(description))->type_name(unit);
        return list(option, [&value] { return to_config(value); });
    }
    CLI::Option* add_switch(const char* name, bool& value, std::string description) {
        return list(app_->add_flag(name, value, std::move(description)), [&value] { return to_config(value); });
    }
    CLI::Option* add_milliseconds(const char* name, std::chrono::milliseconds& value, std::string description) {
        CLI::Option* option = app_->add_option_function<std::int64_t>(
            name, [&value](std::int64_t number) { value = std::chrono::milliseconds(number); }, std::move(description));
        option->type_name("MS")->default_str(to_config(value.count()));
        return list(option, [&value] { return to_config(value.count()); });
    }
    CLI::Option* add_seconds(const char* name, std::chrono::milliseconds& value, std::string description) {
        const auto in_seconds = [&value] { return to_config(static_cast<double>(value.count()) / 1000); };
        CLI::Option* option = app_->add_option_function<double>(
            name, [&value](double number) { value = std::chrono::milliseconds(std::llround(number * 1000)); },
            std::move(description));
        option->type_name("S")->default_str(in_seconds());
        return list(option, in_seconds);
    }
    /// One of `words`, which stand for 0, 1, … of an enumeration.
    template <class Enum>
    CLI::Option* add_choice(const char* name, Enum& value, const std::vector<std::string>& words,
                            std::string description) {
        const auto word = [&value, words] { return words.at(static_cast<std::size_t>(value)); };
        CLI::Option* option = app_->add_option_function<std::string>(
            name,
            [&value, words](const std::string& chosen) {
                for (std::size_t i = 0; i < words.size(); ++i)
                    if (words[i] == chosen) value = static_cast<Enum>(i);
            },
            std::move(description));
        option->type_name("WORD")->check(CLI::IsMember(words))->default_str(word());
        return list(option, [word] { return to_config(word()); });
    }
    /// A number, for which `word` may stand instead of 0.
    CLI::Option* add_number_or(const char* word, const char* name, std::uint32_t& value, std::uint32_t max,
                               std::string description) {
        const std::string zero = word;
        const auto text = [&value, zero] { return value == 0 ? zero : to_config(value); };
        CLI::Option* option = app_->add_option_function<std::string>(
            name,
            [&value, zero](const std::string& chosen) {
                value = chosen == zero ? 0 : static_cast<std::uint32_t>(std::stoul(chosen));
            },
            std::move(description));
        const auto check = [zero, max](const std::string& chosen) {
            if (chosen == zero || CLI::Range(0U, max)(chosen).empty()) return std::string();
            return "Value " + chosen + " is neither " + zero + " nor in range 0 to " + std::to_string(max);
        };
        option->type_name(std::string(word) + "|N in [0 - " + std::to_string(max) + "]")->default_str(text());
        option->check(CLI::Validator(check, ""));
        return list(option, [text] { return to_config(text()); });
    }

    /// All values as they are now, in the form that a config file has. What is empty stands there as a remark.
    std::string to_file() const {
        std::string text;
        std::string group;
        for (const Flag& flag : flags_) {
            if (flag.option->get_group() != group) {
                group = flag.option->get_group();
                text += (text.empty() ? "# " : "\n# ") + group + "\n";
            }
            const std::string value = flag.value();
            const bool empty = value.empty() || value == "\"\"";
            text +=
                (empty ? "# " : "") + flag.option->get_single_name() + " = " + (value.empty() ? "[]" : value) + "\n";
        }
        return text;
    }

private:
    struct Flag {
        const CLI::Option* option;
        std::function<std::string()> value;
    };

    CLI::Option* list(CLI::Option* option, std::function<std::string()> value) {
        option->group(group_);
        flags_.push_back({option, std::move(value)});
        return option;
    }

    CLI::App* app_;
    std::string group_;
    std::vector<Flag> flags_;
};

}  // namespace tidewire::server
