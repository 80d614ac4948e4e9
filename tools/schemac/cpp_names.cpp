// Names that a schema may not use.
#include "tools/schemac/cpp_names.h"

#include <set>

namespace schemac {

namespace {

const std::set<std::string> cpp_words = {
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",
};

class NameChecker {
public:
    explicit NameChecker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    void check_type(const std::string& file, const std::string& name) {
        check_word(file, name, short_name(name));
        if (short_name(name) == "Schema") report(file, name, "\"Schema\" is a type of the generated header");
        std::string scope = namespace_of(name);
        if (scope == "std" || scope.rfind("std.", 0) == 0 || scope == "tidewire" || scope.rfind("tidewire.", 0) == 0)
            report(file, name, "the namespace \"" + scope + "\" is not a game's");
        for (; !scope.empty(); scope = namespace_of(scope)) check_word(file, name, short_name(scope));
    }

    void check_word(const std::string& file, const std::string& name, const std::string& word) {
        if (cpp_words.count(word) != 0) report(file, name, "\"" + word + "\" is a word of C++");
    }

    void report(const std::string& file, const std::string& name, const std::string& message) {
        diagnostics_.report(file, name, message + "; choose another name");
    }

private:
    Diagnostics& diagnostics_;
};

}  // namespace

void check_cpp_names(const Declarations& declarations, Diagnostics& diagnostics) {
    NameChecker checker(diagnostics);
    for (const Enum& type : declarations.enums) {
        checker.check_type(type.file, type.name);
        for (const Enumerator& value : type.values)
            checker.check_word(type.file, type.name + '.' + value.name, value.name);
    }
    for (const Struct& type : declarations.structs) {
        checker.check_type(type.file, type.name);
        for (const Field& field : type.fields) {
            const std::string name = type.name + '.' + field.name;
            checker.check_word(type.file, name, field.name);
            if (field.name == short_name(type.name))
                checker.report(type.file, name, "a field of C++ cannot be called like its struct");
        }
    }
    for (const Table& type : declarations.tables) {
        checker.check_type(type.file, type.name);
        for (const TableField& field : type.fields)
            checker.check_word(type.file, type.name + '.' + field.name, field.name);
    }
}

std::string cpp_scope(const std::string& name_space) {
    std::string scope;
    for (const char c : name_space) {
        if (c == '.')
            scope += "::";
        else
            scope += c;
    }
    return scope;
}

std::string cpp_type(const std::string& name) { return "::" + cpp_scope(name); }

}  // namespace schemac
