// Errors that halve.
#include "sdk/core/netcode/smoothing.h"

#include <algorithm>
#include <cmath>

namespace tidewire::netcode {

namespace {

/// What is smaller is no error: far below what the wire can say.
double nothing(const FieldInfo& field) { return field.quantum > 0 ? field.quantum / 100 : 1e-9; }

double halvings(Duration elapsed, Duration half_life) {
    return static_cast<double>(elapsed.count()) / static_cast<double>(half_life.count());
}

}  // namespace

Smoothing::Smoothing(const SchemaInfo& schema, SmoothingOptions options) : options_(options) {
    for (const StructInfo& component : schema.components) fields_.push_back(moving_fields(component));
}

void Smoothing::begin(Duration elapsed) {
    ++picture_;
    elapsed_ = std::max(elapsed, Duration(0));
}

void Smoothing::draw(EntityId entity, std::uint16_t component, Source source, const std::byte* reference,
                     std::byte* value) {
    const std::vector<MovingField>& fields = fields_[component];
    const bool known = drew(entity, component);
    Entry& entry = entries_[{entity.index, component}];
    entry.generation = entity.generation;
    Drawn& drawn = entry.drawn;
    if (!known) {
        drawn.fields.assign(fields.size(), {});
    } else {
        if (source != drawn.source)
            take_errors(fields, value, drawn);
        else if (reference != nullptr)
            take_errors(fields, reference, drawn);
        shrink_errors(fields, drawn);
    }
    drawn.picture = picture_;
    drawn.source = source;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        Moving& moving = drawn.fields[i];
        moving.shown = load_value(fields[i], value);
        if (length(moving.error) == 0) continue;
        moving.shown = moved_along(fields[i], moving.shown, moving.error);
        store_value(fields[i], moving.shown, value);
    }
}

bool Smoothing::drew(EntityId entity, std::uint16_t component) const {
    const auto found = entries_.find({entity.index, component});
    return found != entries_.end() && found->second.generation == entity.generation &&
           found->second.drawn.picture + 1 == picture_;
}

void Smoothing::end(World& world) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const EntityId entity{entry->first.first, entry->second.generation};
        const std::uint16_t component = entry->first.second;
        Drawn& drawn = entry->second.drawn;
        if (drawn.picture != picture_) {
            const bool matters = drawn.source == Source::Predicted || has_errors(drawn);
            std::byte* const value = matters ? world.find(entity, component) : nullptr;
            if (value == nullptr) {
                entry = entries_.erase(entry);
                continue;
            }
            draw(entity, component, Source::Interpolated, nullptr, value);
        }
        ++entry;
    }
}

double Smoothing::remaining(double size, double snap, Duration elapsed) const {
    const double large = snap * options_.large_part_of_snap;
    if (snap > 0 && size > large) {
        const double until_small = std::log2(size / large);
        const double passed = halvings(elapsed, options_.half_life_large);
        if (passed <= until_small) return size * std::exp2(-passed);
        const double rest = (passed - until_small) * halvings(options_.half_life_large, options_.half_life_small);
        return large * std::exp2(-rest);
    }
    return size * std::exp2(-halvings(elapsed, options_.half_life_small));
}

void Smoothing::take_errors(const std::vector<MovingField>& fields, const std::byte* reference, Drawn& drawn) const {
    bool teleport = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        Moving& moving = drawn.fields[i];
        moving.error = way_between(fields[i], load_value(fields[i], reference), moving.shown);
        teleport = teleport || is_teleport(fields[i], moving.error);
    }
    if (!teleport) return;
    for (Moving& moving : drawn.fields) moving.error = {};
}

void Smoothing::shrink_errors(const std::vector<MovingField>& fields, Drawn& drawn) const {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        Way& error = drawn.fields[i].error;
        const double size = length(error);
        if (size == 0) continue;
        const double left = remaining(size, fields[i].info->snap, elapsed_);
        error = left < nothing(*fields[i].info) ? Way{} : error * (left / size);
    }
}

bool Smoothing::has_errors(const Drawn& drawn) {
    return std::any_of(drawn.fields.begin(), drawn.fields.end(),
                       [](const Moving& moving) { return length(moving.error) != 0; });
}

}  // namespace tidewire::netcode
