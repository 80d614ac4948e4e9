// Part by part: where it is between two states, then what remains of its error.
#include "sdk/core/netcode/own_picture.h"

#include <algorithm>
#include <cmath>

namespace tidewire::netcode {

namespace {

/// A clock that is off by more than this part of what has passed, and half a tick, has jumped: TickLead bends it by a tenth at most.
constexpr double bend_max = 0.15;

}  // namespace

OwnPicture::OwnPicture(const replication::Layout& layout, SmoothingOptions options)
    : smoothing_(layout.schema(), options) {
    std::size_t size_max = 0;
    for (const StructInfo& component : layout.schema().components) {
        fields_.push_back(moving_fields(component));
        size_max = std::max<std::size_t>(size_max, component.size);
    }
    earlier_.resize(size_max);
    reference_.resize(size_max);
}

void OwnPicture::draw(const Prediction& prediction, double position, TimePoint now, World& world) {
    if (prediction.newest() == 0) return;
    const Duration elapsed = drawn_ ? now - drawn_at_ : Duration(0);
    smoothing_.begin(elapsed);
    const Place place = place_at(prediction, position);
    const bool jumped =
        drawn_ && !ran_on(position, std::chrono::duration<double>(elapsed).count() * prediction.room().tick_rate);
    const Place before = jumped ? place : place_at(prediction, position_);
    const bool tells_again = drawn_ && (jumped || prediction.rewrites() != rewrites_);

    const OwnState& newest = prediction.state(prediction.newest());
    const auto& components = prediction.layout().components();
    for (std::size_t row = 0; row < newest.entities().size(); ++row) {
        const EntityId entity = newest.entities()[row];
        if (!world.alive(entity)) continue;
        for (std::size_t i = 0; i < components.size(); ++i) {
            if (newest.has(row, i))
                draw_part(prediction, place, tells_again ? &before : nullptr, {entity, i}, world);
            else if (prediction.running())
                world.remove(entity, components[i].index);
        }
    }
    smoothing_.end(world);
    drawn_ = true;
    drawn_at_ = now;
    position_ = position;
    rewrites_ = prediction.rewrites();
}

OwnPicture::Place OwnPicture::place_at(const Prediction& prediction, double position) {
    const double whole = std::floor(position);
    if (whole > prediction.newest()) {
        // Its input is not known yet.
        const OwnState& newest = prediction.state(prediction.newest());
        return {&newest, &newest, 1};
    }
    const Tick tick = std::max(prediction.oldest(), static_cast<Tick>(std::max(whole, 0.0)));
    const OwnState& to = prediction.state(tick);
    return {tick > prediction.oldest() ? &prediction.state(tick - 1) : &to, &to, position - whole};
}

void OwnPicture::look(const Prediction& prediction, const Place& place, Part part, std::byte* aggregate) {
    const auto row_in = [&](const OwnState& state) {
        const auto row = state.row_of(part.entity);
        return row && state.has(*row, part.component) ? row : std::nullopt;
    };
    const OwnState* to = place.to;
    if (!row_in(*to)) to = &prediction.state(prediction.newest());
    to->dequantize(*row_in(*to), part.component, aggregate);
    const auto from_row = to == place.to && place.fraction < 1 ? row_in(*place.from) : std::nullopt;
    if (!from_row || place.from == to) return;

    place.from->dequantize(*from_row, part.component, earlier_.data());
    const auto& fields = fields_[prediction.layout().components()[part.component].index];
    const auto way_back = [&](const MovingField& field) {
        return way_between(field, load_value(field, aggregate), load_value(field, earlier_.data()));
    };
    if (std::any_of(fields.begin(), fields.end(),
                    [&](const MovingField& field) { return is_teleport(field, way_back(field)); }))
        return;
    for (const MovingField& field : fields) {
        const Way way = way_back(field);
        if (length(way) == 0) continue;
        store_value(field, moved_along(field, load_value(field, aggregate), way * (1 - place.fraction)), aggregate);
    }
}

void OwnPicture::draw_part(const Prediction& prediction, const Place& now, const Place* before, Part part,
                           World& world) {
    const std::uint16_t component = prediction.layout().components()[part.component].index;
    // An entity that was another's is drawn as such once more, so that its way to the prediction begins where it was seen.
    const bool was_seen_as_own =
        smoothing_.drew(part.entity, component) || world.owner(part.entity) == prediction.room().player;
    if (!prediction.running() || !was_seen_as_own) {
        if (std::byte* const value = world.find(part.entity, component))
            smoothing_.draw(part.entity, component, Smoothing::Source::Interpolated, nullptr, value);
        return;
    }
    std::byte* const value = world.add(part.entity, component);
    look(prediction, now, part, value);
    if (before != nullptr) look(prediction, *before, part, reference_.data());
    smoothing_.draw(part.entity, component, Smoothing::Source::Predicted,
                    before != nullptr ? reference_.data() : nullptr, value);
}

bool OwnPicture::ran_on(double position, double ticks_elapsed) const {
    return std::abs(position - position_ - ticks_elapsed) <= ticks_elapsed * bend_max + 0.5;
}

}  // namespace tidewire::netcode
