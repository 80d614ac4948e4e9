// The uniform grid: which cell a position is in and how far a cell is from a point. It knows nothing of entities or players.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sdk/core/replication/grid.h"
#include "tidewire/interest.h"
#include "tidewire/result.h"
#include "tidewire/schema.h"

namespace tidewire::server {

/// In the units of the position component.
struct GridPoint {
    double x = 0;
    double y = 0;
};

/// Cells are numbered by row from the corner of the smallest coordinates. Positions are quantised, as in snapshots.
class InterestGrid {
public:
    /// Checks all options. Errors name the remedy. Precondition: options.grid.
    static Result<InterestGrid> create(const InterestOptions& options, const SchemaInfo& schema);

    const GridOptions& options() const { return options_; }
    std::uint32_t cell_count() const { return columns() * rows(); }

    // Where the position is in a snapshot.
    std::size_t table() const { return table_; }
    std::size_t x_slot() const { return x_.slot; }
    std::size_t y_slot() const { return y_.slot; }
    GridPoint point(std::int32_t x, std::int32_t y) const { return {x_.grid.value(x), y_.grid.value(y)}; }

    std::uint32_t cell(std::int32_t x, std::int32_t y) const;
    /// In the cell or beyond its border by no more than the margin: the entity stays.
    bool holds(std::uint32_t cell, std::int32_t x, std::int32_t y) const {
        const Span& column = x_.cells[cell % columns()];
        const Span& row = y_.cells[cell / columns()];
        return x >= column.first && x <= column.last && y >= row.first && y <= row.last;
    }

    /// The margin in units.
    double margin() const { return margin_; }
    /// From the point to the nearest place that holds() may accept. A point outside counts as at the edge.
    double distance(std::uint32_t cell, GridPoint point) const;
    /// Calls visit(cell, distance) for the cells that are as near as `radius`, ascending.
    template <class Visit>
    void visit_near(GridPoint point, double radius, Visit visit) const {
        const Range columns_near = x_.near(point.x, radius + margin_);
        const Range rows_near = y_.near(point.y, radius + margin_);
        const double x = x_.inside(point.x);
        const double y = y_.inside(point.y);
        for (std::uint32_t row = rows_near.first; row <= rows_near.last; ++row) {
            const double dy = y_.distance(row, y, margin_);
            for (std::uint32_t column = columns_near.first; column <= columns_near.last; ++column) {
                const double dx = x_.distance(column, x, margin_);
                const double distance = std::sqrt(dx * dx + dy * dy);
                if (distance <= radius) visit(row * columns() + column, distance);
            }
        }
    }

private:
    struct Span {
        std::int32_t first;  // inclusive, with the margin
        std::int32_t last;
    };
    struct Range {
        std::uint32_t first;
        std::uint32_t last;  // inclusive
    };
    /// One of the two directions.
    struct Axis {
        replication::Grid grid;
        std::size_t slot;
        double min;
        double max;
        double cell_size;
        std::vector<std::int32_t> starts;  // the first step of each cell but the first
        std::vector<Span> cells;

        void cut(std::uint32_t count, double margin);
        std::uint32_t at(std::int32_t step) const;
        Range near(double value, double radius) const;
        double inside(double value) const { return std::clamp(value, min, max); }
        /// Of a value that is inside.
        double distance(std::uint32_t index, double value, double margin) const {
            const double from = min + index * cell_size - margin;
            const double to = from + cell_size + 2 * margin;
            return std::max({0.0, from - value, value - to});
        }
    };

    InterestGrid(const GridOptions& options, std::size_t table, Axis x, Axis y);
    std::uint32_t columns() const { return static_cast<std::uint32_t>(x_.cells.size()); }
    std::uint32_t rows() const { return static_cast<std::uint32_t>(y_.cells.size()); }

    GridOptions options_;
    std::size_t table_;
    double margin_;
    Axis x_;
    Axis y_;
};

}  // namespace tidewire::server
