// tidewire-schemac: checks the attributes of a game's binary schema and writes its C++ header.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "sdk/core/replication/schema_description.h"
#include "tools/schemac/attributes.h"
#include "tools/schemac/comparison.h"
#include "tools/schemac/described_schema.h"
#include "tools/schemac/header_writer.h"
#include "tools/schemac/schema_reader.h"

namespace {

constexpr const char* usage =
    "usage: tidewire-schemac GAME.bfbs [--source GAME.fbs] [--header OUT.h [--depfile OUT.d]] [--print-canonical]\n"
    "       tidewire-schemac --check OLD.bfbs NEW.bfbs\n"
    "Checks the attributes of a binary schema (flatc --binary --schema --bfbs-builtins) and writes its C++ types.\n"
    "  --source FILE      the schema's text: errors then have line numbers, and duplicate attributes are seen\n"
    "  --header FILE      write the C++ header\n"
    "  --depfile FILE     write what the header depends on, for make and ninja (needs --source)\n"
    "  --print-canonical  print the text that the schema's hash is taken of\n"
    "  --check            say whether a server of NEW still serves clients of OLD: components, inputs and events may "
    "be\n"
    "                     appended to their lists and fields to tables, and everything else stays as it is. Exit code "
    "0\n"
    "                     when it does, 1 with the first lines that differ when it does not. The build leaves "
    "GAME.bfbs "
    "beside\n"
    "                     the header; keep that of each release\n";

constexpr int exit_schema_error = 1;
constexpr int exit_usage_error = 2;

struct Arguments {
    std::vector<std::string> schemas;  // one; with check the older and the newer
    bool check = false;
    std::string source;
    std::string header;
    std::string depfile;
    bool print_canonical = false;
};

int usage_error(const std::string& message) {
    std::cerr << "tidewire-schemac: " << message << "\n" << usage;
    return exit_usage_error;
}

int schema_error(const std::string& message) {
    std::cerr << message << "\n";
    return exit_schema_error;
}

/// The complaint about a wrong command line; empty when it is right.
std::string parse(const std::vector<std::string>& words, Arguments& arguments) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        std::string* value = word == "--source"    ? &arguments.source
                             : word == "--header"  ? &arguments.header
                             : word == "--depfile" ? &arguments.depfile
                                                   : nullptr;
        if (value != nullptr) {
            if (i + 1 == words.size()) return word + " needs a file name";
            if (!value->empty()) return word + " is there twice";
            *value = words[++i];
            if (value->empty()) return word + " needs a file name";
        } else if (word == "--check") {
            arguments.check = true;
        } else if (word == "--print-canonical") {
            arguments.print_canonical = true;
        } else if (word.rfind("-", 0) == 0) {
            return "unknown option " + word;
        } else {
            arguments.schemas.push_back(word);
        }
    }
    const std::vector<std::string>& schemas = arguments.schemas;
    if (arguments.check) {
        if (words.size() != 3 || schemas.size() != 2)
            return "--check needs an older and a newer binary schema, and no more";
        return "";
    }
    if (schemas.size() > 1) return "one binary schema at a time; there is " + schemas[0] + " and " + schemas[1];
    if (schemas.empty()) return "the binary schema is missing";
    if (!arguments.depfile.empty() && (arguments.source.empty() || arguments.header.empty()))
        return "--depfile needs --source and --header";
    return "";
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream || std::filesystem::is_directory(path)) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

/// Whole or not at all: a reader never meets half a file.
bool write_file(const std::string& path, const std::string& text) {
    const std::string part = path + ".part";
    std::error_code error;
    {
        std::ofstream stream(part, std::ios::binary | std::ios::trunc);
        stream << text;
        stream.close();
        if (!stream) {
            std::filesystem::remove(part, error);
            return false;
        }
    }
    std::filesystem::rename(part, path, error);
    if (!error) return true;
    std::filesystem::remove(part, error);
    return false;
}

/// Spaces and the like, as make and ninja read them.
std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == ' ' || c == '#') text += '\\';
        if (c == '$') text += '$';
        text += c;
    }
    return text;
}

/// What a binary schema declares, checked, and the errors' places.
struct Checked {
    schemac::Declarations declarations;
    schemac::Diagnostics diagnostics;
};

/// Empty after it has said what is wrong. `source` may be empty.
std::optional<Checked> read_checked(const std::string& schema, const std::string& source) {
    const auto complain = [](const std::string& message) {
        schema_error(message);
        return std::nullopt;
    };
    const auto bytes = read_file(schema);
    if (!bytes) return complain(schema + ": cannot be read");
    auto declarations = schemac::read_schema(*bytes);
    if (!declarations) return complain(schema + ": " + declarations.error().message);

    schemac::Diagnostics diagnostics(schema);
    if (!source.empty()) {
        auto with_source = schemac::Diagnostics::with_source(source, declarations->files);
        if (!with_source) return complain(schema + ": " + with_source.error().message);
        diagnostics = *with_source;
    }
    schemac::check_attributes(*declarations, diagnostics);
    if (!diagnostics.empty()) {
        for (const std::string& line : diagnostics.lines()) std::cerr << line << "\n";
        return std::nullopt;
    }
    // What no tool could read again is no schema.
    const std::string text = tidewire::replication::describe(schemac::described_schema(*declarations).info());
    if (const auto again = tidewire::replication::parse_description(text); !again)
        return complain(schema + ": tools cannot read its description (--print-canonical): " + again.error().message);
    return Checked{std::move(*declarations), std::move(diagnostics)};
}

int check(const std::string& older, const std::string& newer) {
    const auto old_schema = read_checked(older, "");
    const auto new_schema = old_schema ? read_checked(newer, "") : std::nullopt;
    if (!new_schema) return exit_schema_error;
    if (const auto difference = schemac::first_difference(old_schema->declarations, new_schema->declarations)) {
        const auto line = [](const std::string& text) { return text.empty() ? std::string("(nothing)") : text; };
        return schema_error(newer + " does not only append to " + older + "; " + difference->remedy + "\n" + older +
                            ": " + line(difference->older) + "\n" + newer + ": " + line(difference->newer));
    }
    std::cout << newer << " only appends to " << older << ": clients of " << older << " are still served\n";
    return 0;
}

int run(const Arguments& arguments) {
    if (arguments.check) return check(arguments.schemas[0], arguments.schemas[1]);
    const std::string& schema = arguments.schemas[0];
    const auto checked = read_checked(schema, arguments.source);
    if (!checked) return exit_schema_error;
    const schemac::Declarations& declarations = checked->declarations;

    if (!arguments.depfile.empty()) {
        std::string dependencies = escaped(arguments.header) + ": " + escaped(arguments.source);
        for (const std::string& file : declarations.files)
            if (file != declarations.root_file) dependencies += " \\\n  " + escaped(checked->diagnostics.path_of(file));
        if (!write_file(arguments.depfile, dependencies + "\n"))
            return schema_error(arguments.depfile + ": cannot be written");
    }
    const std::string made_from =
        std::filesystem::path(arguments.source.empty() ? schema : arguments.source).filename().string();
    if (!arguments.header.empty() && !write_file(arguments.header, schemac::header_text(declarations, made_from)))
        return schema_error(arguments.header + ": cannot be written");
    if (arguments.print_canonical)
        std::cout << tidewire::replication::describe(schemac::described_schema(declarations).info());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words == std::vector<std::string>{"--help"} || words == std::vector<std::string>{"-h"}) {
        std::cout << usage;
        return 0;
    }
    Arguments arguments;
    const std::string complaint = parse(words, arguments);
    return complaint.empty() ? run(arguments) : usage_error(complaint);
}
