// Borders are computed once, in the steps of the schema's quanta: asking whether an entity stays is four comparisons of integers.
#include "server/room/interest_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "sdk/core/replication/layout.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::server {

namespace {

constexpr std::uint32_t cells_limit = 16384;  // half of the public ids stay for teams, owners and games
/// Of the bodies that a client takes in a Tick, some stay for what is not on the grid.
constexpr double cells_shown_max = 1000;
static_assert(cells_shown_max < wire::Limits{}.bodies_max);

Unexpected refuse(std::string reason) { return unexpected(Blame::Caller, std::move(reason)); }

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

bool positive(float value) { return std::isfinite(value) && value > 0; }
bool zero_or_more(float value) { return std::isfinite(value) && value >= 0; }

Result<void> check_numbers(const GridOptions& options) {
    if (!positive(options.cell_size))
        return refuse("GridOptions::cell_size is " + number(options.cell_size) +
                      "; a cell needs a side of more than 0 units");
    if (!positive(options.enter_radius))
        return refuse("GridOptions::enter_radius is " + number(options.enter_radius) +
                      "; nobody would see anything, make it a distance above 0");
    if (!std::isfinite(options.leave_radius) || options.leave_radius < options.enter_radius)
        return refuse("GridOptions::leave_radius is " + number(options.leave_radius) + ", less than enter_radius " +
                      number(options.enter_radius) +
                      ", so cells would come and go at every tick; make it a quarter larger than enter_radius");
    if (options.leave_dwell < std::chrono::milliseconds(0) || options.leave_dwell > std::chrono::hours(1))
        return refuse("GridOptions::leave_dwell must be from 0 to 3600000 milliseconds; a second is usual");
    if (!zero_or_more(options.half_rate_from) || !zero_or_more(options.quarter_rate_from))
        return refuse(
            "GridOptions::half_rate_from and quarter_rate_from are distances; use 0 for cells that are always told at "
            "full rate");
    if (options.quarter_rate_from != 0 && options.quarter_rate_from < options.half_rate_from)
        return refuse("GridOptions::quarter_rate_from is " + number(options.quarter_rate_from) +
                      ", nearer than half_rate_from " + number(options.half_rate_from) +
                      "; make it larger, or 0 to have no quarter rate");
    if (!(options.border_margin >= 0 && options.border_margin <= 0.5F))
        return refuse("GridOptions::border_margin is " + number(options.border_margin) +
                      "; it is a part of cell_size from 0 to 0.5, 0.0625 by default");
    if (options.cells_max < 1 || options.cells_max > cells_limit)
        return refuse("GridOptions::cells_max must be from 1 to " + std::to_string(cells_limit) +
                      ", for the ids of groups have 15 bits");
    return {};
}

const FieldInfo* field_at(const StructInfo& component, std::uint16_t offset) {
    for (const FieldInfo& field : component.fields)
        if (field.offset == offset) return &field;
    return nullptr;
}

Result<void> check_field(const StructInfo& component, const FieldInfo* field) {
    if (field == nullptr)
        return refuse(std::string("the grid needs two numbers of ") + component.name +
                      ", and one of those it was given is none; pass members of it that are numbers, as "
                      "server.grid(&game::Pos::x, &game::Pos::y)");
    const std::string name = std::string(component.name) + "." + field->name;
    if (field->angle || field->quaternion_bits != 0)
        return refuse("the grid cannot lie along " + name + ", which is a rotation; pass a coordinate");
    if (field->quantum <= 0)
        return refuse(
            "the grid cannot lie along " + name +
            ", which has no quantum; write (quantize: \"0.01\", range: \"-512..512\") behind it in the schema");
    return {};
}

std::size_t slot_of(const StructInfo& component, const FieldInfo* field) {
    const replication::StructLayout layout(component);
    std::size_t slot = 0;
    while (layout.slot(slot).field != field) ++slot;
    return slot;
}

double cells_along(double min, double max, double cell_size) {
    return std::max(1.0, std::ceil((max - min) / cell_size));
}

/// The area in cells of this side.
struct Cut {
    Cut(const GridBounds& bounds, double cell_size)
        : side(cell_size),
          columns(cells_along(bounds.min_x, bounds.max_x, cell_size)),
          rows(cells_along(bounds.min_y, bounds.max_y, cell_size)) {}

    double side;
    double columns;
    double rows;
    double cells() const { return columns * rows; }
};

/// How many of so many cells in a line are as near as `reach` to a focus in the middle one, at `place` (0 to 1) of it. In cells.
double cells_within(double reach, double place, double count) {
    const double before = std::floor(count / 2);
    return 1 + std::min(std::floor(reach + 1 - place), before) +
           std::min(std::floor(reach + place), count - 1 - before);
}

/// The same of the whole area.
double cells_around(const Cut& cut, double radius, double place) {
    const double before = std::min(std::floor(radius + 1 - place), std::floor(cut.rows / 2));
    const double rows = cells_within(radius, place, cut.rows);
    double sum = 0;
    for (double row = -before; row < rows - before; ++row) {
        const double distance = row == 0 ? 0 : row < 0 ? place - row - 1 : row - place;
        sum += cells_within(std::sqrt(std::max(0.0, radius * radius - distance * distance)), place, cut.columns);
    }
    return sum;
}

/// How many cells a focus sees at once. One between the middle and the corner of its cell sees hardly more.
double cells_shown(const Cut& cut, const GridOptions& options) {
    const double margin = double{options.border_margin} * (1 + std::sqrt(2.0));
    const double radius = double{options.leave_radius} / cut.side + margin;
    return std::max(cells_around(cut, radius, 0), cells_around(cut, radius, 0.5));
}

bool fits(const Cut& cut, const GridOptions& options) {
    return cut.cells() <= options.cells_max &&
           (cut.cells() <= cells_shown_max || cells_shown(cut, options) <= cells_shown_max);
}

/// The side that makes all cells fit, in two digits.
std::string side_that_fits(const GridBounds& bounds, const GridOptions& options) {
    double side = options.cell_size;
    const auto rounded = [&] {
        const double digit = std::pow(10.0, std::floor(std::log10(side)) - 1);
        return std::ceil(side / digit) * digit;
    };
    while (!fits(Cut(bounds, rounded()), options)) side *= 1.05;
    return number(rounded());
}

Result<void> check_bounds(const GridBounds& bounds, const GridOptions& options) {
    const double width = double{bounds.max_x} - double{bounds.min_x};
    const double height = double{bounds.max_y} - double{bounds.min_y};
    if (!std::isfinite(width) || !std::isfinite(height) || width <= 0 || height <= 0)
        return refuse(
            "the grid covers no area; give the position a range in the schema, or GridOptions::bounds with max_x above "
            "min_x and max_y above min_y");
    const Cut cut(bounds, options.cell_size);
    if (cut.cells() > options.cells_max)
        return refuse("a grid of cell_size " + number(options.cell_size) + " over " + number(width) + " by " +
                      number(height) + " units has " + number(cut.cells()) + " cells, more than cells_max " +
                      std::to_string(options.cells_max) + "; raise cell_size to " + side_that_fits(bounds, options) +
                      ", give smaller bounds or raise cells_max");
    if (!fits(cut, options))
        return refuse("a grid of cell_size " + number(options.cell_size) + " shows " +
                      number(cells_shown(cut, options)) + " cells within leave_radius " + number(options.leave_radius) +
                      ", more than the " + number(cells_shown_max) +
                      " that a client can be told of in a tick; raise cell_size to " + side_that_fits(bounds, options) +
                      " or lower leave_radius and enter_radius");
    return {};
}

}  // namespace

Result<InterestGrid> InterestGrid::create(const InterestOptions& options, const SchemaInfo& schema) {
    const GridOptions& grid = options.grid.value();
    if (auto checked = check_numbers(grid); !checked) return Unexpected{checked.error()};
    if (options.component >= schema.components.size())
        return refuse("the grid needs a component of the schema, and " + std::string(schema.name) +
                      " has none of index " + std::to_string(options.component) + "; use Server::grid()");
    const StructInfo& component = schema.components[options.component];
    if (component.owner_only)
        return refuse(std::string("the grid cannot lie along ") + component.name +
                      ", which only owners are told; pass a component that everybody may know");
    const FieldInfo* const x = field_at(component, options.x_offset);
    const FieldInfo* const y = field_at(component, options.y_offset);
    if (auto checked = check_field(component, x); !checked) return Unexpected{checked.error()};
    if (auto checked = check_field(component, y); !checked) return Unexpected{checked.error()};
    if (x == y)
        return refuse(std::string("the grid lies along two fields, and both are ") + component.name + "." + x->name +
                      "; pass two different ones");

    const GridBounds bounds = grid.bounds.value_or(GridBounds{.min_x = static_cast<float>(x->min),
                                                              .min_y = static_cast<float>(y->min),
                                                              .max_x = static_cast<float>(x->max),
                                                              .max_y = static_cast<float>(y->max)});
    if (auto checked = check_bounds(bounds, grid); !checked) return Unexpected{checked.error()};
    const double cell_size = grid.cell_size;
    return InterestGrid(grid, options.component + std::size_t{1},
                        {replication::Grid(*x), slot_of(component, x), bounds.min_x, bounds.max_x, cell_size, {}, {}},
                        {replication::Grid(*y), slot_of(component, y), bounds.min_y, bounds.max_y, cell_size, {}, {}});
}

InterestGrid::InterestGrid(const GridOptions& options, std::size_t table, Axis x, Axis y)
    : options_(options),
      table_(table),
      margin_(double{options.cell_size} * double{options.border_margin}),
      x_(std::move(x)),
      y_(std::move(y)) {
    x_.cut(static_cast<std::uint32_t>(cells_along(x_.min, x_.max, x_.cell_size)), margin_);
    y_.cut(static_cast<std::uint32_t>(cells_along(y_.min, y_.max, y_.cell_size)), margin_);
}

std::uint32_t InterestGrid::cell(std::int32_t x, std::int32_t y) const { return y_.at(y) * columns() + x_.at(x); }

double InterestGrid::distance(std::uint32_t cell, GridPoint point) const {
    const double dx = x_.distance(cell % columns(), x_.inside(point.x), margin_);
    const double dy = y_.distance(cell / columns(), y_.inside(point.y), margin_);
    return std::sqrt(dx * dx + dy * dy);
}

void InterestGrid::Axis::cut(std::uint32_t count, double margin) {
    constexpr std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
    constexpr std::int32_t highest = std::numeric_limits<std::int32_t>::max();
    // Those at the edge hold all that is beyond it.
    for (std::uint32_t i = 0; i < count; ++i) {
        const double from = min + i * cell_size;
        const double to = from + cell_size;
        if (i > 0) starts.push_back(grid.step(from));
        cells.push_back(
            {i == 0 ? lowest : grid.step(from - margin), i + 1 == count ? highest : grid.step(to + margin)});
    }
}

std::uint32_t InterestGrid::Axis::at(std::int32_t step) const {
    return static_cast<std::uint32_t>(std::upper_bound(starts.begin(), starts.end(), step) - starts.begin());
}

InterestGrid::Range InterestGrid::Axis::near(double value, double radius) const {
    const double inside = this->inside(value);
    const auto index = [&](double at) {
        const double cell = std::floor((at - min) / cell_size);
        return static_cast<std::uint32_t>(std::clamp(cell, 0.0, static_cast<double>(cells.size() - 1)));
    };
    return {index(inside - radius), index(inside + radius)};
}

}  // namespace tidewire::server
