// Lag compensation: the world as a player saw it when it made the input of this tick.
//
//     server.on_tick([](tidewire::ServerSim& sim) {
//         for (auto [shooter, gun] : sim.view<const game::Gun>())
//             if (gun.fired_tick == sim.tick())
//                 sim.rewind(shooter.owner(), [&](const tidewire::Past& past) {
//                     for (auto [entity, pos] : past.view<game::Pos>())
//                         if (entity != shooter && hits(gun, pos)) wound(entity);
//                 });
//     });
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "tidewire/state.h"

namespace tidewire {

namespace server {
class PastWorld;
}

struct RewindOptions {
    /// How far back a player may have seen the world, and one tick more, which is what drawing between two snapshots takes. Players of
    /// up to 150 ms round trip are fully compensated. Whoever has more must aim ahead by the rest, for else those whom they shoot would
    /// be hit long after they went behind a wall.
    std::chrono::milliseconds depth{250};
    /// The most, with that tick, whatever `depth` says: half a second is what everybody's history takes memory for.
    static constexpr std::chrono::milliseconds depth_max{500};
    /// How far a client's word on what it saw may be from what the server itself makes of the link: what jitter and frames are worth,
    std::chrono::milliseconds doubt{50};
    /// and ticks on top, for both ends round to them.
    int doubt_ticks = 2;
};

/// What came of a rewind. Ticks have fractions: between two of them the picture is between two snapshots.
struct RewindReport {
    double tick =
        0;  ///< What the player is taken to have seen; the tick that runs where there is nothing to compensate.
    double requested = 0;  ///< What its client says; 0: nothing.
    bool clamped = false;  ///< It was longer ago than the options allow, or newer than what was written to the client.
    bool forged = false;  ///< It was not what the link makes believable, and the server's own estimate counted instead.
};

struct RewindCounters {
    std::uint64_t rewinds = 0;
    std::uint64_t clamped = 0;
    std::uint64_t forged = 0;
};

template <class... Components>
class PastView;

/// All entities and components of the room at one instant, drawn exactly as a client draws them between two snapshots that it got: what
/// the schema interpolates lies between, all else is the earlier snapshot's, and who teleports or is about to die stands where the picture
/// had it. Valid during the callback that it is given to. To be read only; what is asked for is made then, component by component.
///
/// Where it differs from the player's screen:
///   - The player's own entities are as they are now: on its screen they are predicted, and the inputs of this tick were made there.
///   - Everything is here that the room had, also what the player is not told of.
///   - Groups that the player is told of at half or quarter rate are here as if at full rate. On its screen they are behind that by up to
///     one tick of their motion, or three.
///
/// What is not asked for costs nothing. A view over thousands of entities takes 50 ns and more for each; a shot that knows where it goes
/// looks in the present for who is near its way, and asks find() for where they were.
class Past {
public:
    /// What this is of, and how it compares with what the client said.
    const RewindReport& report() const { return report_; }
    /// Whether the entity was there.
    bool alive(EntityId entity) const;
    /// Null where the entity was not there, or had no T. Valid as long as this is.
    template <class T>
    const T* find(EntityId entity) const {
        return static_cast<const T*>(static_cast<const void*>(find(entity, component_index<T>)));
    }
    /// Every entity that had all of `Components`: for (auto [entity, pos] : view). `entity` is of the present world: what was hit may be
    /// changed through it, and is not alive() where it has died since.
    template <class... Components>
    PastView<Components...> view() const {
        return PastView<Components...>(*this);
    }

private:
    friend class ServerSim;
    template <class... Components>
    friend class PastView;

    Past(server::PastWorld& world, const RewindReport& report) : world_(&world), report_(report) {}

    std::size_t chunk_count() const;
    /// Bit i: the entity at chunk·64+i had it.
    std::uint64_t rows(std::uint16_t component, std::size_t chunk) const;
    /// Precondition: it is of rows(), as in the next.
    const std::byte* value(std::uint16_t component, std::uint32_t index) const;
    Entity entity(std::uint32_t index) const;
    const std::byte* find(EntityId entity, std::uint16_t component) const;

    server::PastWorld* world_;
    RewindReport report_;
};

template <class... Components>
class PastView {
    static_assert(sizeof...(Components) > 0);

public:
    explicit PastView(const Past& past) : past_(&past) {}

    struct End {};

    class Iterator {
    public:
        explicit Iterator(const Past& past) : past_(&past) { skip_empty_chunks(); }

        std::tuple<Entity, const Components&...> operator*() const {
            const auto index = static_cast<std::uint32_t>(chunk_ * World::chunk_entities) +
                               static_cast<std::uint32_t>(__builtin_ctzll(rest_));
            return {past_->entity(index), component<Components>(index)...};
        }
        Iterator& operator++() {
            rest_ &= rest_ - 1;
            rest_ &= mask();  // Of the player's own entities some may have gone meanwhile.
            if (rest_ == 0) {
                ++chunk_;
                skip_empty_chunks();
            }
            return *this;
        }
        bool operator==(End) const { return rest_ == 0; }

    private:
        std::uint64_t mask() const { return (past_->rows(component_index<Components>, chunk_) & ...); }
        void skip_empty_chunks() {
            for (; chunk_ < past_->chunk_count(); ++chunk_) {
                rest_ = mask();
                if (rest_ != 0) return;
            }
        }
        template <class T>
        const T& component(std::uint32_t index) const {
            return *static_cast<const T*>(static_cast<const void*>(past_->value(component_index<T>, index)));
        }

        const Past* past_;
        std::size_t chunk_ = 0;
        std::uint64_t rest_ = 0;
    };

    Iterator begin() const { return Iterator(*past_); }
    End end() const { return {}; }

private:
    const Past* past_;
};

}  // namespace tidewire
