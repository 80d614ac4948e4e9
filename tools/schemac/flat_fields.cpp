// The scalars of a struct.
#include "tools/schemac/flat_fields.h"

#include <map>

#include "tools/schemac/cpp_names.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

const Struct& nested(const Declarations& declarations, const Field& field) {
    return declarations.structs[static_cast<std::size_t>(field.struct_index)];
}

class Flattener {
public:
    explicit Flattener(const Declarations& declarations) : declarations_(declarations) {}

    std::vector<FlatField> flatten(const Struct& type) {
        add_struct(type, "", "");
        std::map<std::string, int> places;
        for (const FlatField& flat : list_) places.emplace(flat.path, static_cast<int>(places.size()));
        for (std::size_t i = 0; i < list_.size(); ++i)
            if (!rates_[i].empty()) list_[i].integral_of = places.at(rates_[i]);
        return std::move(list_);
    }

private:
    /// `path` and `offset` end ready to be continued: "corner.", "offsetof(…) + ".
    void add_struct(const Struct& type, const std::string& path, const std::string& offset) {
        for (const Field& field : type.fields) {
            const std::string own = offset + "offsetof(" + cpp_type(type.name) + ", " + field.name + ")";
            if (field.length == 0) add_element(field, path, "", own);
            for (std::uint32_t i = 0; i < field.length; ++i) {
                const std::string skip =
                    i == 0 ? "" : " + " + std::to_string(i) + " * sizeof(" + element_type(field) + ")";
                add_element(field, path, "[" + std::to_string(i) + "]", own + skip);
            }
        }
    }

    void add_element(const Field& field, const std::string& path, const std::string& index, const std::string& offset) {
        if (field.struct_index >= 0)
            return add_struct(nested(declarations_, field), path + field.name + index + ".", offset + " + ");
        list_.push_back({path + field.name + index, offset, &field});
        rates_.push_back(field.rules.integral_of.empty() ? "" : path + field.rules.integral_of + index);
    }

    std::string element_type(const Field& field) const {
        return field.struct_index >= 0 ? cpp_type(nested(declarations_, field).name) : cpp_name(field.scalar);
    }

    const Declarations& declarations_;
    std::vector<FlatField> list_;
    std::vector<std::string> rates_;  // of each of the list: the path of the field that it is the integral of, or empty
};

}  // namespace

std::vector<FlatField> flat_fields(const Declarations& declarations, const Struct& type) {
    return Flattener(declarations).flatten(type);
}

}  // namespace schemac
