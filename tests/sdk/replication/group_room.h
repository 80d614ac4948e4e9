// A room's fan-out in small: entities in groups, each group a stream per rate, and what every tick was like.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/rate.h"
#include "tests/sdk/replication/random_world.h"

namespace tidewire::replication::testing {

/// Of the last group nobody is told.
inline constexpr std::uint16_t told_groups = 3;
inline constexpr std::uint16_t group_count = told_groups + 1;
inline constexpr PlayerId player_count = 4;

/// One tick of the server's.
struct Moment {
    Snapshot snapshot;
    std::vector<std::uint16_t> groups;  ///< [entity]
    std::array<Members, group_count> members;

    std::uint32_t generation(std::uint32_t entity) const;
    PlayerId owner(std::uint32_t entity) const;
};

/// What all subscribers of a group at a rate get.
struct Stream {
    StreamState state;
    Tick previous = 0;  ///< Of the body before the last one.
    Bytes delta;        ///< From there to state.tick.
};

class GroupRoom {
public:
    /// `codec` must outlive the room.
    GroupRoom(const Codec& codec, std::uint32_t entities_max, std::uint64_t seed);

    /// Things happen, entities change groups and owners, and every stream that is due goes on.
    void step();

    const Codec& codec() const { return *codec_; }
    std::uint32_t entities_max() const { return entities_max_; }
    SeededRandom& random() { return game_.random(); }
    Tick tick() const { return tick_; }
    const Moment& now() const { return moments_.at(tick_); }
    /// Null when it is too long ago. At tick 0 there was nothing.
    const Moment* at(Tick tick) const;
    const Stream& stream(std::uint16_t group, Rate rate) const {
        return streams_[group][static_cast<std::size_t>(rate)];
    }

    /// What an encoder looks at to go from one tick to another. Where a group's own bodies are more than one tick apart, `stayed`
    /// are its stayed_in().
    BodySource source(Tick before, Tick after, Coverage coverage = Coverage::Public,
                      const Members* stayed = nullptr) const;
    /// The same entities, in the group at every tick from the one to the other.
    Members stayed_in(std::uint16_t group, Tick before, Tick after) const;

private:
    static constexpr Tick kept_ticks = 60;

    void drift();
    void change_owners();
    void assign_groups(Moment& moment);

    const Codec* codec_;
    std::uint32_t entities_max_;
    RandomWorld game_;
    Tick tick_ = 0;
    std::map<Tick, Moment> moments_;
    std::array<std::array<Stream, rate_count>, group_count> streams_;
};

}  // namespace tidewire::replication::testing
