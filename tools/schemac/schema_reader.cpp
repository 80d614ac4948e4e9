// Reads a FlatBuffers binary schema (.bfbs) into declarations.
#include "tools/schemac/schema_reader.h"

#include <algorithm>
#include <map>
#include <set>

#include "flatbuffers/reflection_generated.h"
#include "tools/schemac/numbers.h"

namespace schemac {

namespace {

using tidewire::Blame;
using tidewire::Result;
using tidewire::Scalar;
using tidewire::unexpected;

std::string to_string(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

/// "//game.fbs" → "game.fbs".
std::string file_name(const flatbuffers::String* text) {
    const std::string name = to_string(text);
    return name.rfind("//", 0) == 0 ? name.substr(2) : name;
}

std::vector<std::string> documentation_of(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* lines) {
    std::vector<std::string> documentation;
    if (lines != nullptr)
        for (const flatbuffers::String* line : *lines) documentation.push_back(to_string(line));
    return documentation;
}

std::vector<Attribute> attributes_of(const flatbuffers::Vector<flatbuffers::Offset<reflection::KeyValue>>* attributes) {
    std::vector<Attribute> list;
    if (attributes != nullptr)
        for (const reflection::KeyValue* attribute : *attributes)
            list.push_back({to_string(attribute->key()), to_string(attribute->value())});
    return list;
}

/// flatc's own accessors load an enumeration, which a stranger's byte need not be one of.
reflection::BaseType read_base(const reflection::Type& type, flatbuffers::voffset_t field) {
    const auto* const table = reinterpret_cast<const flatbuffers::Table*>(&type);
    const auto value = table->GetField<std::int8_t>(field, 0);
    return value >= 0 && value < reflection::MaxBaseType ? static_cast<reflection::BaseType>(value) : reflection::None;
}
reflection::BaseType base_of(const reflection::Type& type) { return read_base(type, reflection::Type::VT_BASE_TYPE); }
/// Of a vector or array.
reflection::BaseType element_of(const reflection::Type& type) { return read_base(type, reflection::Type::VT_ELEMENT); }

/// False for what is no number.
bool to_scalar(reflection::BaseType type, Scalar& scalar) {
    switch (type) {
        case reflection::Bool:
            scalar = Scalar::Bool;
            return true;
        case reflection::Byte:
            scalar = Scalar::Int8;
            return true;
        case reflection::UType:
        case reflection::UByte:
            scalar = Scalar::UInt8;
            return true;
        case reflection::Short:
            scalar = Scalar::Int16;
            return true;
        case reflection::UShort:
            scalar = Scalar::UInt16;
            return true;
        case reflection::Int:
            scalar = Scalar::Int32;
            return true;
        case reflection::UInt:
            scalar = Scalar::UInt32;
            return true;
        case reflection::Long:
            scalar = Scalar::Int64;
            return true;
        case reflection::ULong:
            scalar = Scalar::UInt64;
            return true;
        case reflection::Float:
            scalar = Scalar::Float;
            return true;
        case reflection::Double:
            scalar = Scalar::Double;
            return true;
        default:
            return false;
    }
}

/// flatc lists types by name, but writes them in declaration order, and a FlatBuffer grows towards its front.
template <class T>
std::vector<const T*> in_declaration_order(const flatbuffers::Vector<flatbuffers::Offset<T>>* sorted_by_name) {
    std::vector<const T*> list(sorted_by_name->begin(), sorted_by_name->end());
    std::sort(list.begin(), list.end(), [](const T* a, const T* b) { return a > b; });
    return list;
}

class Reader {
public:
    explicit Reader(const reflection::Schema& schema) : schema_(schema) {}

    Result<Declarations> read() {
        read_files();
        for (const reflection::Enum* type : in_declaration_order(schema_.enums())) read_enum(*type);
        for (const reflection::Object* object : in_declaration_order(schema_.objects())) {
            const auto contradiction = [&] {
                return unexpected(Blame::Caller, "the binary schema contradicts itself at " + object->name()->str() +
                                                     "; make it again with flatc");
            };
            if (object->is_struct()) {
                struct_indexes_.emplace(object, static_cast<int>(declarations_.structs.size()));
                declarations_.order.push_back({.is_table = false, .index = declarations_.structs.size()});
                if (!read_struct(*object)) return contradiction();
            } else {
                declarations_.order.push_back({.is_table = true, .index = declarations_.tables.size()});
                if (!read_table(*object)) return contradiction();
            }
        }
        return std::move(declarations_);
    }

private:
    void read_files() {
        if (schema_.fbs_files() == nullptr) return;
        std::set<std::string> included;
        for (const reflection::SchemaFile* file : *schema_.fbs_files()) {
            if (file_name(file->filename()).empty()) continue;
            declarations_.files.push_back(file_name(file->filename()));
            if (file->included_filenames() == nullptr) continue;
            for (const flatbuffers::String* name : *file->included_filenames()) included.insert(file_name(name));
        }
        for (const std::string& file : declarations_.files)
            if (included.count(file) == 0) declarations_.root_file = file;
    }

    void read_enum(const reflection::Enum& type) {
        if (type.is_union()) return;
        Enum read;
        read.name = type.name()->str();
        read.file = file_name(type.declaration_file());
        read.documentation = documentation_of(type.documentation());
        if (!to_scalar(base_of(*type.underlying_type()), read.scalar)) return;
        read.attributes = attributes_of(type.attributes());
        for (const reflection::EnumVal* value : *type.values())
            read.values.push_back({value->name()->str(), value->value()});
        enum_indexes_.emplace(&type, static_cast<int>(declarations_.enums.size()));
        declarations_.enums.push_back(std::move(read));
    }

    bool read_struct(const reflection::Object& object) {
        Struct read;
        read.name = object.name()->str();
        read.file = file_name(object.declaration_file());
        read.size = static_cast<std::uint32_t>(object.bytesize());
        read.alignment = static_cast<std::uint32_t>(object.minalign());
        read.attributes = attributes_of(object.attributes());
        read.documentation = documentation_of(object.documentation());
        for (const reflection::Field* field : by_id(object))
            if (!read_field(*field, read)) return false;
        declarations_.structs.push_back(std::move(read));
        return true;
    }

    bool read_table(const reflection::Object& object) {
        Table read;
        read.name = object.name()->str();
        read.file = file_name(object.declaration_file());
        read.attributes = attributes_of(object.attributes());
        read.documentation = documentation_of(object.documentation());
        std::size_t id = 0;
        for (const reflection::Field* field : by_id(object)) {
            if (field->id() != id++) return false;
            // flatc adds the type of a union as a field of its own.
            const reflection::Type& type = *field->type();
            if (base_of(type) == reflection::UType || element_of(type) == reflection::UType) continue;
            read.fields.push_back(table_field(*field));
        }
        declarations_.tables.push_back(std::move(read));
        return true;
    }

    TableField table_field(const reflection::Field& field) const {
        TableField read;
        read.name = field.name()->str();
        read.default_integer = field.default_integer();
        read.default_real = field.default_real();
        read.deprecated = field.deprecated();
        read.required = field.required();
        read.attributes = attributes_of(field.attributes());
        read.documentation = documentation_of(field.documentation());
        const reflection::Type& type = *field.type();
        const bool bytes = element_of(type) == reflection::UByte || element_of(type) == reflection::Byte;
        if (base_of(type) == reflection::String) {
            read.type = tidewire::RecordType::Text;
        } else if (base_of(type) == reflection::Vector && bytes && type.index() < 0) {
            read.type = tidewire::RecordType::Bytes;
        } else if (!to_scalar(base_of(type), read.scalar)) {
            read.impossible = spelled(base_of(type), type);
        } else if (field.optional()) {
            read.impossible = "a number that may be null";
        } else if (type.index() >= 0) {
            read.enum_index = enum_at(type.index());
            if (read.enum_index < 0) read.impossible = spelled(base_of(type), type);
        }
        return read;
    }

    /// A type that no table of ours holds, as the schema or a sentence has it.
    std::string spelled(reflection::BaseType base, const reflection::Type& type) const {
        const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
        const bool has_enum = type.index() >= 0 && index < schema_.enums()->size();
        Scalar scalar{};
        if (base == reflection::Vector || base == reflection::Array)
            return "a vector of " + (element_of(type) == base ? "vectors" : spelled(element_of(type), type));
        if (base == reflection::String) return "string";
        if (base == reflection::Obj && type.index() >= 0 && index < schema_.objects()->size()) {
            const reflection::Object& object = *schema_.objects()->Get(index);
            return (object.is_struct() ? "the struct " : "the table ") + object.name()->str();
        }
        if (base == reflection::Union && has_enum) return "the union " + schema_.enums()->Get(index)->name()->str();
        if (to_scalar(base, scalar)) return has_enum ? schema_.enums()->Get(index)->name()->str() : schema_name(scalar);
        return "what it is";
    }

    /// Into Declarations::enums; -1 for what is none.
    int enum_at(int index) const {
        if (index < 0 || static_cast<std::uint32_t>(index) >= schema_.enums()->size()) return -1;
        const auto found = enum_indexes_.find(schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(index)));
        return found == enum_indexes_.end() ? -1 : found->second;
    }

    static std::vector<const reflection::Field*> by_id(const reflection::Object& object) {
        std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
        std::sort(fields.begin(), fields.end(), [](auto* a, auto* b) { return a->id() < b->id(); });
        return fields;
    }

    bool read_field(const reflection::Field& field, Struct& owner) {
        Field read;
        read.name = field.name()->str();
        read.attributes = attributes_of(field.attributes());
        read.documentation = documentation_of(field.documentation());
        const reflection::Type& type = *field.type();
        reflection::BaseType element = base_of(type);
        if (element == reflection::Array) {
            element = element_of(type);
            read.length = type.fixed_length();
            if (read.length == 0) return false;
        }
        if (element == reflection::Obj) {
            if (type.index() < 0 || static_cast<std::uint32_t>(type.index()) >= schema_.objects()->size()) return false;
            const auto found =
                struct_indexes_.find(schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index())));
            // A struct is declared before it is held; anything else would hold itself.
            if (found == struct_indexes_.end() || found->second >= static_cast<int>(declarations_.structs.size()))
                return false;
            read.struct_index = found->second;
        } else {
            if (!to_scalar(element, read.scalar)) return false;
            read.enum_index = enum_at(type.index());
            if (type.index() >= 0 && read.enum_index < 0) return false;
        }
        const std::size_t each =
            read.struct_index < 0 ? 1 : declarations_.structs[static_cast<std::size_t>(read.struct_index)].number_count;
        owner.number_count =
            std::min(number_count_max, owner.number_count + std::max<std::size_t>(read.length, 1) * each);
        owner.fields.push_back(std::move(read));
        return true;
    }

    const reflection::Schema& schema_;
    Declarations declarations_;
    std::map<const reflection::Object*, int> struct_indexes_;
    std::map<const reflection::Enum*, int> enum_indexes_;
};

}  // namespace

Result<Declarations> read_schema(std::string_view bytes) {
    flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (!reflection::SchemaBufferHasIdentifier(bytes.size() < 8 ? "        " : bytes.data()) ||
        !reflection::VerifySchemaBuffer(verifier))
        return unexpected(Blame::Caller, "not a binary schema; make it with flatc --binary --schema");
    return Reader(*reflection::GetSchema(bytes.data())).read();
}

}  // namespace schemac
