// Declarations are written by hand and read back by the parser of descriptions, which knows what no schema may say.

#include "tests/sdk/replication/random_schema.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "sdk/core/replication/scalar_io.h"
#include "sdk/core/replication/schema_description.h"

namespace tidewire::replication::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Declarations {
public:
    Declarations(SeededRandom& random, const SchemaShape& shape) : random_(random), shape_(shape) {}

    void add(OwnedSchema& schema, bool is_table, bool owner_only) {
        const std::string name = "random.C" + std::to_string(schema.info().components.size());
        StructInfo info{.name = name.c_str(), .size = 0, .alignment = 1};
        info.owner_only = owner_only;
        if (is_table)
            schema.add_table(Role::Component, info, record());
        else
            schema.add_struct(Role::Component, info, fields());
    }

private:
    bool one_in(std::uint32_t count) { return random_.below(count) == 0; }
    double real(double low, double high) { return low + (high - low) * static_cast<double>(random_.unit()); }
    static const char* name(std::size_t i) {
        static const std::vector<std::string> all = [] {
            std::vector<std::string> made;
            for (int number = 0; number < 64; ++number) made.push_back("f" + std::to_string(number));
            return made;
        }();
        return all.at(i).c_str();
    }

    FieldInfo number(Scalar scalar) {
        const NumberRange whole = range_of(scalar);
        FieldInfo field{.name = "", .scalar = scalar, .offset = 0, .quantum = 0, .min = whole.low, .max = whole.high};
        if (scalar == Scalar::Float || scalar == Scalar::Double) return real_number(field);
        if (scalar == Scalar::Bool || one_in(3)) return field;
        // A part of the type's range, of any size.
        const double width = std::floor((whole.high - whole.low) * std::exp2(-real(0, 30)));
        field.min = whole.low + std::floor((whole.high - whole.low - width) * real(0, 1));
        field.max = std::min(field.min + width, whole.high);
        if (one_in(4) && whole.high < 0x1p33) {
            static constexpr double steps[] = {0.5, 0.75, 1, 1.5, 2, 3, 7, 100};
            field.quantum = steps[random_.below(8)];
        }
        return field;
    }

    FieldInfo real_number(FieldInfo field) {
        switch (random_.below(5)) {
            case 0:  // exact
                if (one_in(2)) field.min = -(field.max = std::exp2(real(-3, 30)));
                return field;
            case 1:
                field.angle = true;
                field.min = -infinity;
                field.max = infinity;
                field.quantum = 6.283185307179586 / std::exp2(real(1, field.scalar == Scalar::Float ? 14 : 23));
                return field;
            case 2:  // far from 0
                field.min = std::exp2(real(20, 34));
                field.max = field.min + std::exp2(real(0, 10));
                field.quantum = std::exp2(real(-8, 3));
                return field;
            default:
                field.max = std::exp2(real(-2, 12));
                field.min = one_in(3) ? 0 : -field.max * real(0, 1);
                field.quantum = (field.max - field.min) * std::exp2(-real(0, one_in(3) ? 31 : 18));
                return field;
        }
    }

    std::vector<FieldInfo> fields() {
        std::vector<FieldInfo> made;
        for (std::uint32_t left = 1 + random_.below(shape_.fields_max); left > 0; --left) {
            if (one_in(6)) {
                const auto bits = static_cast<std::uint8_t>(2 + random_.below(15));
                for (int i = 0; i < 4; ++i)
                    made.push_back({.name = name(made.size()),
                                    .scalar = Scalar::Float,
                                    .offset = 0,
                                    .quantum = 0,
                                    .min = -1,
                                    .max = 1,
                                    .quaternion_bits = bits});
                continue;
            }
            FieldInfo field = number(static_cast<Scalar>(random_.below(11)));
            field.name = name(made.size());
            static constexpr Prediction predictions[] = {Prediction::Delta, Prediction::Linear, Prediction::Static};
            field.prediction = predictions[random_.below(3)];
            if (field.scalar == Scalar::Bool && field.prediction == Prediction::Linear)
                field.prediction = Prediction::Delta;
            made.push_back(field);
        }
        predict_integrals(made);
        return made;
    }

    /// Some become integrals of others, which may be integrals too, wherever they stand.
    void predict_integrals(std::vector<FieldInfo>& fields) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            FieldInfo& field = fields[i];
            const auto rate = random_.below(static_cast<std::uint32_t>(fields.size()));
            if (!one_in(3) || field.scalar == Scalar::Bool || field.quaternion_bits != 0) continue;
            if (fields[rate].scalar == Scalar::Bool) continue;
            auto at = static_cast<std::int32_t>(rate);
            while (at >= 0 && at != static_cast<std::int32_t>(i)) at = fields[static_cast<std::size_t>(at)].integral_of;
            if (at >= 0) continue;  // a circle
            field.prediction = Prediction::Integral;
            field.integral_of = static_cast<std::int16_t>(rate);
        }
    }

    std::vector<RecordFieldInfo> record() {
        std::vector<RecordFieldInfo> made;
        for (std::uint32_t left = 1 + random_.below(shape_.fields_max); left > 0; --left) {
            RecordFieldInfo field{.name = name(made.size()),
                                  .type = static_cast<RecordType>(random_.below(3)),
                                  .scalar = Scalar::UInt8,
                                  .id = static_cast<std::uint16_t>(made.size()),
                                  .offset = 0,
                                  .min = 0,
                                  .max = static_cast<double>(random_.below(40))};
            if (field.type == RecordType::Number) {
                const FieldInfo scalar = number(static_cast<Scalar>(random_.below(11)));
                field.scalar = scalar.scalar;
                field.min = scalar.min;
                field.max = scalar.max;
            }
            made.push_back(field);
        }
        return made;
    }

    SeededRandom& random_;
    SchemaShape shape_;
};

/// Empty where the compiler would object.
Result<OwnedSchema> read_back(OwnedSchema& schema) { return parse_description(describe(schema.info())); }

template <class Build>
OwnedSchema first_that_passes(const Build& build) {
    std::string why;
    for (int attempt = 0; attempt < 200; ++attempt) {
        OwnedSchema made = build();
        auto read = read_back(made);
        if (read) return std::move(read).value();
        why = read.error().message;
    }
    throw std::logic_error("random schemas do not pass: " + why);
}

}  // namespace

OwnedSchema random_schema(SeededRandom& random, const SchemaShape& shape) {
    return first_that_passes([&] {
        OwnedSchema schema("random");
        Declarations declarations(random, shape);
        const std::uint32_t first = random.below(3);
        for (std::uint32_t i = 0; i < 3; ++i) declarations.add(schema, (first + i) % 3 == 0, (first + i) % 3 == 1);
        for (std::uint32_t left = random.below(shape.components_max - 2); left > 0; --left)
            declarations.add(schema, random.below(4) == 0, random.below(3) == 0);
        return schema;
    });
}

OwnedSchema appended(const SchemaInfo& older, SeededRandom& random) {
    return first_that_passes([&] {
        OwnedSchema schema(older.name);
        for (const StructInfo& component : older.components) {
            if (component.is_table)
                schema.add_table(Role::Component, component, {component.record.begin(), component.record.end()});
            else
                schema.add_struct(Role::Component, component, {component.fields.begin(), component.fields.end()});
        }
        Declarations declarations(random, {});
        declarations.add(schema, false, false);
        declarations.add(schema, true, false);
        declarations.add(schema, false, true);
        return schema;
    });
}

}  // namespace tidewire::replication::testing
