// The fingerprint of a schema, and the walk over an older one beside a newer schema.
#include "sdk/core/replication/schema_evolution.h"

#include "sdk/core/base/hash.h"
#include "sdk/core/replication/schema_description.h"

namespace tidewire::replication {

namespace {

constexpr std::uint32_t whole = 1;
constexpr std::uint32_t without_struct_fields = 2;

struct Listed {
    Role role;
    std::span<const StructInfo> declarations;
    const char* one;
    const char* many;
};

std::vector<Listed> lists_of(const SchemaInfo& schema) {
    return {{Role::Component, schema.components, "component", "components"},
            {Role::Input, schema.inputs, "input", "inputs"},
            {Role::Event, schema.events, "event", "events"}};
}

std::uint32_t print_of(const std::string& line) { return static_cast<std::uint32_t>(fnv1a(as_bytes(line))); }

/// Of a struct without its fields: one hash of all lines.
std::uint32_t print_of(const std::vector<std::string>& lines) {
    std::uint64_t hash = fnv1a({});
    for (const std::string& line : lines) hash = fnv1a(as_bytes(line + '\n'), hash);
    return static_cast<std::uint32_t>(hash);
}

std::vector<std::uint32_t> prints(const SchemaInfo& schema, std::uint32_t form) {
    std::vector<std::uint32_t> all{form, print_of(describe_name(schema))};
    for (const Listed& list : lists_of(schema)) {
        all.push_back(static_cast<std::uint32_t>(list.declarations.size()));
        for (const StructInfo& declaration : list.declarations) {
            const std::vector<std::string> lines = describe(declaration, list.role);
            const bool folded = form == without_struct_fields && !declaration.is_table;
            all.push_back(folded ? print_of(lines) : print_of(lines.front()));
            all.push_back(static_cast<std::uint32_t>(lines.size() - 1));
            for (std::size_t i = 1; i < lines.size() && !folded; ++i) all.push_back(print_of(lines[i]));
        }
    }
    return all;
}

std::string count_text(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

constexpr const char* differs = " differs; what a client knows may not change: build both from the same .fbs";

/// "game.Pos.x" of the line "x: float …" or, of a table, "3 x: float …".
std::string field_name(const StructInfo& declaration, std::size_t index) {
    return std::string(declaration.name) + "." +
           (declaration.is_table ? declaration.record[index].name : declaration.fields[index].name);
}

class Comparison {
public:
    explicit Comparison(std::span<const std::uint32_t> older) : older_(older) {}

    std::optional<std::string> run(const SchemaInfo& newer) {
        if (older_.empty()) return "the client does not tell its schema; build both from the same .fbs";
        form_ = next();
        if (form_ != whole && form_ != without_struct_fields)
            return "the client tells its schema in a form that this server does not know; update the server";
        if (next() != print_of(describe_name(newer)))
            return "the client's schema is not called \"" + std::string(newer.name) +
                   "\"; connect to a server of its game";
        for (const Listed& list : lists_of(newer)) {
            compare(list);
            if (difference_) return difference_;
            if (short_) return unreadable();
        }
        return older_.empty() ? std::nullopt : unreadable();
    }

private:
    static std::optional<std::string> unreadable() {
        return "what the client tells of its schema does not add up; build both from the same .fbs";
    }

    std::uint32_t next() {
        if (older_.empty()) {
            short_ = true;
            return 0;
        }
        const std::uint32_t value = older_.front();
        older_ = older_.subspan(1);
        return value;
    }

    void compare(const Listed& list) {
        const std::size_t known = next();
        for (std::size_t i = 0; i < known && i < list.declarations.size() && !difference_ && !short_; ++i)
            compare(list.declarations[i], list);
        if (!difference_ && !short_ && known > list.declarations.size())
            difference_ = "the client knows " + count_text(known, list.one, list.many) + ", this server " +
                          std::to_string(list.declarations.size()) + "; update the server";
    }

    void compare(const StructInfo& declaration, const Listed& list) {
        const std::vector<std::string> lines = describe(declaration, list.role);
        const bool folded = form_ == without_struct_fields && !declaration.is_table;
        const std::uint32_t head = next();
        const std::size_t known = next();
        if (short_) return;
        const std::string name = declaration.name;
        const std::size_t fields = lines.size() - 1;
        if (head != (folded ? print_of(lines) : print_of(lines.front()))) {
            difference_ = name + differs;
            return;
        }
        if (folded) return;
        for (std::size_t i = 0; i < known && i < fields; ++i) {
            const std::uint32_t print = next();
            if (short_) return;
            if (print == print_of(lines[1 + i])) continue;
            difference_ = field_name(declaration, i) + differs;
            return;
        }
        if (known == fields || (declaration.is_table && known < fields)) return;
        difference_ = name + " has " + count_text(fields, "field", "fields") + ", the client's has " +
                      std::to_string(known) +
                      (declaration.is_table ? std::string("; update the server")
                                            : std::string("; a struct never grows: add another ") + list.one);
    }

    std::span<const std::uint32_t> older_;  // what is still to be read
    std::uint32_t form_ = whole;
    bool short_ = false;  // it ended too soon
    std::optional<std::string> difference_;
};

}  // namespace

std::vector<std::uint32_t> fingerprint(const SchemaInfo& schema) {
    for (const std::uint32_t form : {whole, without_struct_fields}) {
        std::vector<std::uint32_t> all = prints(schema, form);
        if (all.size() <= schema_prints_max) return all;
    }
    return {};
}

std::optional<std::string> append_only_difference(std::span<const std::uint32_t> older, const SchemaInfo& newer) {
    return Comparison(older).run(newer);
}

std::optional<std::string> append_only_difference(const SchemaInfo& older, const SchemaInfo& newer) {
    return append_only_difference(prints(older, whole), newer);
}

}  // namespace tidewire::replication
