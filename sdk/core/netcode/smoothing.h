// Corrections that the eye does not see: the simulation snaps, and what is drawn keeps the difference for a moment.
// It knows neither ticks nor snapshots; how far apart two pictures are is all the time that it needs.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/core/netcode/moving_field.h"
#include "tidewire/state.h"

namespace tidewire::netcode {

struct SmoothingOptions {
    Duration half_life_small = std::chrono::milliseconds(120);  ///< A drift that slow is not seen.
    Duration half_life_large = std::chrono::milliseconds(60);   ///< What is far off misleads its player: it hurries.
    /// From here on an error is large, as a part of the field's `snap`, beyond which it is a teleport and not drawn out at all. Without a
    /// snap the schema does not say what is large, and nothing is.
    double large_part_of_snap = 0.25;
};

/// Keeps an error for each interpolated field of what it has drawn: drawn = what the simulation says + error. Errors shrink by their
/// half-life, the same at every frame rate. When any field of a component is wrong by more than its snap, all of the component is
/// drawn as it is.
class Smoothing {
public:
    /// `schema` must outlive it.
    explicit Smoothing(const SchemaInfo& schema, SmoothingOptions options = {});

    /// Where a value comes from.
    enum class Source : std::uint8_t { Interpolated, Predicted };

    /// A picture begins, `elapsed` after the one before.
    void begin(Duration elapsed);
    /// Draws one component: `value` is what the simulation says, and becomes what is drawn. `reference`, of a component that was drawn in
    /// the last picture: what the simulation says now that should have been drawn there, where it says so for the first time;
    /// otherwise null. A value from another source than before is smoothed as well.
    void draw(EntityId entity, std::uint16_t component, Source source, const std::byte* reference, std::byte* value);
    /// True when the last picture had it.
    bool drew(EntityId entity, std::uint16_t component) const;
    /// What the last pictures had from prediction and this one did not draw: their errors go on over what `world` says, and once they are
    /// nothing they are forgotten.
    void end(World& world);

    /// What remains after `elapsed` of an error of this size.
    double remaining(double size, double snap, Duration elapsed) const;

private:
    struct Moving {
        MovingValue shown{};
        Way error{};
    };
    struct Drawn {
        std::uint64_t picture = 0;
        Source source = Source::Interpolated;
        std::vector<Moving> fields;
    };
    using Key = std::pair<std::uint32_t, std::uint16_t>;  // the entity's index, and the component
    struct Entry {
        std::uint32_t generation = 0;
        Drawn drawn;
    };

    /// Errors become what lies between `reference` and what was shown.
    void take_errors(const std::vector<MovingField>& fields, const std::byte* reference, Drawn& drawn) const;
    void shrink_errors(const std::vector<MovingField>& fields, Drawn& drawn) const;
    static bool has_errors(const Drawn& drawn);

    SmoothingOptions options_;
    std::vector<std::vector<MovingField>> fields_;  // [component]
    std::map<Key, Entry> entries_;
    std::uint64_t picture_ = 0;
    Duration elapsed_{0};
};

}  // namespace tidewire::netcode
