// The generated header of a schema with one of everything, as a game sees it.
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "every_type.h"
#include "test_schema.h"

namespace {

using namespace every::type;
using tidewire::FieldInfo;
using tidewire::Interpolation;
using tidewire::Prediction;
using tidewire::Scalar;
using tidewire::StructInfo;

const StructInfo& component(const std::string& name) {
    for (const StructInfo& info : Schema::info().components)
        if (info.name == name) return info;
    FAIL("there is no component " << name);
    return Schema::info().components[0];
}

const FieldInfo& field(const StructInfo& info, const std::string& name) {
    for (const FieldInfo& candidate : info.fields)
        if (candidate.name == name) return candidate;
    FAIL("there is no field " << name << " in " << info.name);
    return info.fields[0];
}

std::vector<std::string> names_of(std::span<const StructInfo> list) {
    std::vector<std::string> names;
    for (const StructInfo& info : list) names.push_back(info.name);
    return names;
}

template <class T>
void check_scalar(const char* name, Scalar scalar, std::size_t offset) {
    INFO(name);
    const FieldInfo& info = field(component("every.type.Scalars"), name);
    CHECK(info.scalar == scalar);
    CHECK(info.offset == offset);
    CHECK(info.quantum == 0);
    CHECK(info.min == static_cast<double>(std::numeric_limits<T>::lowest()));
    CHECK(info.max == static_cast<double>(std::numeric_limits<T>::max()));
    CHECK(info.interpolation == Interpolation::Hold);
    CHECK(info.prediction == Prediction::Delta);
    CHECK(info.integral_of == -1);
    CHECK(info.snap == 0);
}

}  // namespace

TEST_CASE("components and inputs stand in declaration order", "[schemac]") {
    CHECK(names_of(Schema::info().components) == std::vector<std::string>{"every.type.Zone", "every.type.Scalars",
                                                                          "every.type.Body", "every.type.Profile",
                                                                          "every.type.Wide"});
    CHECK(names_of(Schema::info().inputs) == std::vector<std::string>{"every.type.Input", "every.type.Another"});
    CHECK(tidewire::component_index<Zone> == 0);
    CHECK(tidewire::component_index<Scalars> == 1);
    CHECK(tidewire::component_index<const Body> == 2);
    CHECK(tidewire::component_index<Profile> == 3);
    CHECK(tidewire::component_index<Wide> == 4);
    CHECK(tidewire::input_index<Input> == 0);
    CHECK(tidewire::input_index<Another> == 1);
    CHECK(names_of(Schema::info().events) ==
          std::vector<std::string>{"every.type.Chat", "every.type.Empty", "every.type.Hit"});
    CHECK(tidewire::event_index<Chat> == 0);
    CHECK(tidewire::event_index<Empty> == 1);
    CHECK(tidewire::event_index<Hit> == 2);
    CHECK_FALSE(Schema::info().events[2].is_table);
    REQUIRE(Schema::info().events[2].fields.size() == 4);
    CHECK(Schema::info().events[2].fields[2].max == 100);
    CHECK(Schema::info().events[2].fields[3].interpolation == Interpolation::Hold);
    CHECK(std::is_same_v<Schema::Inputs, tidewire::InputList<Input, Another>>);
    CHECK(std::is_same_v<Schema::Input, Input>);
    CHECK(std::string(Schema::info().name) == "every.type");
    CHECK(Schema::info().hash != test::Schema::info().hash);
}

TEST_CASE("every scalar type has its C++ type, its place and its own range", "[schemac]") {
    check_scalar<bool>("truth", Scalar::Bool, offsetof(Scalars, truth));
    check_scalar<std::int8_t>("i8", Scalar::Int8, offsetof(Scalars, i8));
    check_scalar<std::uint8_t>("u8", Scalar::UInt8, offsetof(Scalars, u8));
    check_scalar<std::int16_t>("i16", Scalar::Int16, offsetof(Scalars, i16));
    check_scalar<std::uint16_t>("u16", Scalar::UInt16, offsetof(Scalars, u16));
    check_scalar<std::int32_t>("i32", Scalar::Int32, offsetof(Scalars, i32));
    check_scalar<std::uint32_t>("u32", Scalar::UInt32, offsetof(Scalars, u32));
    check_scalar<std::int64_t>("i64", Scalar::Int64, offsetof(Scalars, i64));
    check_scalar<std::uint64_t>("u64", Scalar::UInt64, offsetof(Scalars, u64));
    check_scalar<float>("f32", Scalar::Float, offsetof(Scalars, f32));
    check_scalar<double>("f64", Scalar::Double, offsetof(Scalars, f64));
    CHECK(std::is_same_v<decltype(Scalars::u16), std::uint16_t>);
    CHECK(component("every.type.Scalars").fields.size() == 11);
    CHECK(component("every.type.Scalars").size == sizeof(Scalars));
    CHECK(component("every.type.Scalars").alignment == alignof(Scalars));
}

TEST_CASE("nested structs and arrays are taken apart, in order", "[schemac]") {
    const StructInfo& zone = component("every.type.Zone");
    std::vector<std::string> names;
    for (const FieldInfo& info : zone.fields) names.push_back(info.name);
    CHECK(names == std::vector<std::string>{"corner.x", "corner.y", "corners[0].x", "corners[0].y", "corners[1].x",
                                            "corners[1].y", "tint", "rights", "tints[0]", "tints[1]", "hue"});
    // Each description points at the number that the aggregate has there.
    Zone value;
    value.corners[1].y = 4.5F;
    value.tints[1] = Tint::Bright;
    value.hue = hue::Green;
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    float y = 0;
    std::memcpy(&y, bytes + field(zone, "corners[1].y").offset, sizeof y);
    CHECK(y == 4.5F);
    std::int16_t tint = 0;
    std::memcpy(&tint, bytes + field(zone, "tints[1]").offset, sizeof tint);
    CHECK(tint == 300);
    CHECK(std::to_integer<int>(bytes[field(zone, "hue").offset]) == 1);
    CHECK(field(zone, "corners[1].y").quantum == 0.1);
    CHECK(std::is_same_v<decltype(Zone::corner), shapes::Point>);
}

TEST_CASE("an enum is sent as its type, within its values", "[schemac]") {
    const FieldInfo& tint = field(component("every.type.Zone"), "tint");
    CHECK(tint.scalar == Scalar::Int16);
    CHECK(tint.min == -300);
    CHECK(tint.max == 300);
    const FieldInfo& rights = field(component("every.type.Zone"), "rights");
    CHECK(rights.scalar == Scalar::UInt8);
    CHECK(rights.min == 0);
    CHECK(rights.max == 1 + 2 + 16);
    CHECK(static_cast<int>(Rights::Admin) == 16);
}

TEST_CASE("attributes reach the description", "[schemac]") {
    const StructInfo& zone = component("every.type.Zone");
    CHECK(zone.predicted);
    CHECK(zone.owner_only);
    CHECK(zone.priority == 7);
    const StructInfo& body = component("every.type.Body");
    CHECK_FALSE(body.predicted);
    CHECK_FALSE(body.owner_only);
    CHECK(body.priority == 1);

    const FieldInfo& x = field(body, "x");
    CHECK(x.quantum == 0.25);
    CHECK(x.min == -8);
    CHECK(x.max == 8);
    CHECK(x.interpolation == Interpolation::Linear);
    CHECK(x.prediction == Prediction::Integral);
    CHECK(x.integral_of == 1);
    CHECK(x.snap == 2.5);
    CHECK(field(body, "vx").prediction == Prediction::Linear);
    CHECK(field(body, "turn").interpolation == Interpolation::Angle);
    CHECK(field(body, "turn").min == -3.141592653589793);
    CHECK(field(body, "turn").max == 3.141592653589793);
    CHECK(field(body, "turn").angle);
    CHECK(field(body, "tilt").angle);
    CHECK(field(body, "tilt").max == 6.2832);
    CHECK(field(body, "tilt").interpolation == Interpolation::Hold);
    CHECK_FALSE(field(body, "loose").angle);
    CHECK(field(body, "loose").interpolation == Interpolation::Angle);
    CHECK(field(body, "level").prediction == Prediction::Static);
}

TEST_CASE("a quaternion is four numbers in a row and begins as no turn", "[schemac]") {
    const StructInfo& body = component("every.type.Body");
    for (const char* name : {"rotation[0]", "rotation[1]", "rotation[2]", "rotation[3]"}) {
        CHECK(field(body, name).quaternion_bits == 9);
        CHECK(field(body, name).interpolation == Interpolation::Quaternion);
        CHECK(field(body, name).min == -1);
        CHECK(field(body, name).max == 1);
        CHECK(field(body, name).quantum == 0);
    }
    CHECK(&field(body, "rotation[3]") - &field(body, "rotation[0]") == 3);
    CHECK(field(body, "rough[2]").quaternion_bits == 10);
    CHECK(field(body, "rough[2]").interpolation == Interpolation::Hold);
    CHECK(field(body, "x").quaternion_bits == 0);
    CHECK(Body{}.rotation == std::array<float, 4>{0, 0, 0, 1});
}

TEST_CASE("a table is an aggregate with strings and bytes, described field by field", "[schemac]") {
    const StructInfo& info = component("every.type.Profile");
    CHECK(info.is_table);
    CHECK(info.owner_only);
    CHECK(info.priority == 9);
    CHECK(info.fields.empty());
    CHECK(info.size == sizeof(Profile));
    REQUIRE(info.record.size() == 13);
    for (std::size_t id = 0; id < info.record.size(); ++id) CHECK(info.record[id].id == id);
    CHECK(info.record[0].name == std::string("title"));
    CHECK(info.record[0].type == tidewire::RecordType::Text);
    CHECK(info.record[0].max == 32);
    CHECK(info.record[0].offset == offsetof(Profile, title));
    CHECK(info.record[1].name == std::string("level"));
    CHECK(info.record[1].type == tidewire::RecordType::Number);
    CHECK(info.record[1].scalar == Scalar::Int16);
    CHECK(info.record[1].min == 1);
    CHECK(info.record[2].type == tidewire::RecordType::Bytes);
    CHECK(info.record[2].max == 1024);
    CHECK(info.record[3].min == 0);
    CHECK(info.record[4].min == -300);
    CHECK(std::is_same_v<decltype(Profile::title), std::string>);
    CHECK(std::is_same_v<decltype(Profile::wave), std::vector<std::uint8_t>>);
    CHECK_FALSE(component("every.type.Wide").is_table);
    CHECK(component("every.type.Wide").lifecycle.construct == nullptr);
}

TEST_CASE("the defaults of a table are the initialisers of its aggregate", "[schemac]") {
    const Profile fresh;
    CHECK(fresh.title.empty());
    CHECK(fresh.level == 5);
    CHECK(fresh.tint == Tint::Bright);
    CHECK(static_cast<int>(fresh.rights) == 17);
    CHECK(fresh.flag);
    CHECK(fresh.u8 == 255);
    CHECK(fresh.i64 == std::numeric_limits<std::int64_t>::min());
    CHECK(fresh.u64 == 9223372036854775807U);
    CHECK(fresh.f32 == -0.25F);
    CHECK(fresh.f64 == 1e300);
    CHECK(fresh.near == 7);
    CHECK(fresh == Profile{});
    CHECK_FALSE(fresh == Profile{.title = "other"});
}

TEST_CASE("the lifecycle of a table makes, copies and ends its aggregate", "[schemac]") {
    const tidewire::Lifecycle lifecycle = component("every.type.Profile").lifecycle;
    alignas(Profile) std::byte memory[sizeof(Profile)];
    lifecycle.construct(memory);
    auto& made = *std::launder(reinterpret_cast<Profile*>(memory));
    CHECK(made == Profile{});
    const Profile other{.title = "a title too long to lie within the string itself", .level = 9, .icon = {1, 2}};
    lifecycle.assign(memory, &other);
    CHECK(made == other);
    lifecycle.destroy(memory);
}

TEST_CASE("an integral finds its field within arrays and nested structs", "[schemac]") {
    const StructInfo& body = component("every.type.Body");
    const auto rate_of = [&](const std::string& name) {
        return std::string(body.fields[static_cast<std::size_t>(field(body, name).integral_of)].name);
    };
    CHECK(rate_of("places[0]") == "rates[0]");
    CHECK(rate_of("places[1]") == "rates[1]");
    CHECK(rate_of("sum") == "inner.x");
    CHECK(rate_of("inner.x") == "inner.y");
}

TEST_CASE("a fresh aggregate is zero, or as near to it as its range allows", "[schemac]") {
    CHECK(Body{}.x == 0);
    CHECK(Body{}.level == 5);
    CHECK(Zone{}.tint == Tint::Plain);
    CHECK(Zone{} == Zone{});
    Zone moved;
    moved.corners[0].x = 1;
    CHECK_FALSE(moved == Zone{});
    CHECK(alignof(Wide) == 16);
    constexpr Another input{.keys = 2};
    CHECK(input.keys == 2);
}

TEST_CASE("the schema of the other tests is what they take it for", "[schemac]") {
    const tidewire::SchemaInfo& schema = test::Schema::info();
    CHECK(names_of(schema.components) ==
          std::vector<std::string>{"test.Position", "test.Velocity", "test.Heading", "test.Vitals", "test.Inventory"});
    CHECK(schema.components[0].fields[1].quantum == 0.01);
    CHECK(schema.components[0].fields[1].snap == 50);
    CHECK(schema.components[4].owner_only);
    CHECK(schema.components[4].fields.size() == 7);
    CHECK(schema.inputs[0].fields.size() == 4);
}
