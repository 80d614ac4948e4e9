// Finds declarations and their attributes in the text of a schema.
#include "tools/schemac/source_lines.h"

#include <cctype>
#include <set>

namespace schemac {

namespace {

struct Token {
    std::string text;  // a word, a string without its quotes, or one character
    int line;
};

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    int line = 1;
    std::size_t i = 0;
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    while (i < text.size()) {
        const std::size_t start = i;
        if (text[i] == '\n') {
            ++line;
            ++i;
        } else if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
            ++i;
        } else if (text.substr(i, 2) == "//") {
            i = std::min(text.find('\n', i), text.size());
        } else if (text.substr(i, 2) == "/*") {
            const std::size_t end = text.find("*/", i + 2);
            for (; i < text.size() && i < end; ++i) line += text[i] == '\n';
            i = std::min(i + 2, text.size());
        } else if (text[i] == '"' || text[i] == '\'') {
            const char quote = text[i];
            for (++i; i < text.size() && text[i] != quote; ++i)
                if (text[i] == '\\') ++i;
            i = std::min(i + 1, text.size());
            tokens.push_back({"\"", line});
        } else if (is_word(text[i])) {
            while (i < text.size() && is_word(text[i])) ++i;
            tokens.push_back({std::string(text.substr(start, i - start)), line});
        } else {
            tokens.push_back({std::string(1, text[i++]), line});
        }
    }
    return tokens;
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : tokens_(tokens_of(text)) {}

    SourceLines scan() {
        while (!at_end()) {
            const std::string word = next().text;
            if (word == "namespace")
                scan_namespace();
            else if (word == "struct" || word == "table" || word == "enum" || word == "union")
                scan_type(word == "enum" || word == "union");
            else
                skip_statement();
        }
        return std::move(found_);
    }

private:
    bool at_end() const { return place_ >= tokens_.size(); }
    bool at(std::string_view text) const { return !at_end() && tokens_[place_].text == text; }
    const Token& next() { return tokens_[place_++]; }

    void scan_namespace() {
        namespace_.clear();
        while (!at_end() && !at(";")) namespace_ += next().text;
        if (!namespace_.empty()) namespace_ += '.';
        if (at(";")) next();
    }

    /// Up to a ; or over a whole { }: attribute, include, root_type, rpc_service and the like.
    void skip_statement() {
        while (!at_end()) {
            const std::string word = next().text;
            if (word == ";") return;
            if (word == "{") {
                while (!at_end() && next().text != "}") continue;
                return;
            }
        }
    }

    /// After the keyword.
    void scan_type(bool comma_separated) {
        if (at_end()) return;
        const Token& name = next();
        const std::string type = namespace_ + name.text;
        found_.lines.emplace(type, name.line);
        while (!at_end() && !at("{") && !at("(")) next();
        scan_attributes(type);
        while (!at_end() && next().text != "{") continue;
        while (!at_end() && !at("}")) {
            const Token& member_name = next();
            const std::string member = type + '.' + member_name.text;
            found_.lines.emplace(member, member_name.line);
            const std::string_view end = comma_separated ? "," : ";";
            while (!at_end() && !at("}") && !at(end)) {
                if (at("("))
                    scan_attributes(member);
                else
                    next();
            }
            if (at(end)) next();
        }
        if (at("}")) next();
    }

    void scan_attributes(const std::string& owner) {
        if (!at("(")) return;
        next();
        std::set<std::string> names;
        bool is_name = true;
        while (!at_end() && !at(")")) {
            const Token& token = next();
            if (is_name && !names.insert(token.text).second) found_.duplicates.push_back({owner, token.text});
            is_name = token.text == ",";
        }
        if (at(")")) next();
    }

    std::vector<Token> tokens_;
    std::size_t place_ = 0;
    std::string namespace_;
    SourceLines found_;
};

}  // namespace

SourceLines scan_source(std::string_view text) { return Scanner(text).scan(); }

}  // namespace schemac
