// The player's own entities as they are drawn: between the last two predicted ticks, and smooth where a prediction was wrong.
#pragma once

#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/core/netcode/moving_field.h"
#include "sdk/core/netcode/prediction.h"
#include "sdk/core/netcode/smoothing.h"

namespace tidewire::netcode {

class OwnPicture {
public:
    /// `layout` must outlive it.
    explicit OwnPicture(const replication::Layout& layout, SmoothingOptions options = {});

    /// Writes the predicted components of own entities into a world that shows everything as Picture does. `position` is a tick with its
    /// fraction, from TickLead: from one tick to the next the picture goes from the state before the first to the state after it, so
    /// that one tick is what smooth motion costs. Fields that are not interpolated are the later one's. Corrections, jumps of the
    /// position, and entities that become the player's or cease to be are smoothed.
    /// Entities that `world` does not show yet, because its time has not come there, are not drawn here, either. Instants never fall.
    void draw(const Prediction& prediction, double position, TimePoint now, World& world);

private:
    /// On the way from one state to the next.
    struct Place {
        const OwnState* from;
        const OwnState* to;
        double fraction;
    };
    /// One component of one own entity.
    struct Part {
        EntityId entity;
        std::size_t component;  // of the predicted ones
    };

    static Place place_at(const Prediction& prediction, double position);
    /// Writes where a part is at this place; where it is nowhere there, where it is in the newest state.
    void look(const Prediction& prediction, const Place& place, Part part, std::byte* aggregate);
    void draw_part(const Prediction& prediction, const Place& now, const Place* before, Part part, World& world);
    /// The position has run on since the last picture, and has not jumped.
    bool ran_on(double position, double ticks_elapsed) const;

    std::vector<std::vector<MovingField>> fields_;  // [component of the schema]
    Smoothing smoothing_;
    bool drawn_ = false;
    TimePoint drawn_at_{};
    double position_ = 0;         // of the last picture, as all below
    std::uint64_t rewrites_ = 0;  // of the prediction
    std::vector<std::byte> earlier_;
    std::vector<std::byte> reference_;
};

}  // namespace tidewire::netcode
