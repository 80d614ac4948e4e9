// The replicated world as a game sees it: entities, their components, and views over them.
// The typed templates are a thin shell; World holds untyped storage and has no template in it.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tidewire/schema.h"

namespace tidewire {

/// Counts simulation steps from 0 at the room's start. At 60 Hz it wraps after two years.
using Tick = std::uint32_t;

/// Numbers the players of a room from 1; 0 is the server itself.
using PlayerId = std::uint32_t;

/// Names an entity. An index is used again after a despawn, with another generation.
struct EntityId {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  ///< From 1; 0 names no entity.

    explicit operator bool() const { return generation != 0; }
    friend bool operator==(const EntityId&, const EntityId&) = default;
};

class Entity;
template <class... Components>
class View;

/// All entities and components of one room, as aggregates in chunks of 64 entities whose addresses never move.
class World {
public:
    static constexpr std::uint32_t chunk_entities = 64;

    /// `schema` must outlive the world. At most `entities_max` entities exist at once.
    World(const SchemaInfo& schema, std::uint32_t entities_max);
    ~World();
    /// Components keep their addresses. Precondition: nobody asks `other` for anything but its end, or a new value.
    World(World&& other) noexcept;
    World& operator=(World&& other) noexcept;

    const SchemaInfo& schema() const { return *schema_; }
    std::uint32_t entity_count() const { return entity_count_; }
    std::uint32_t entities_max() const { return entities_max_; }

    /// Takes the lowest free index. An empty id when the world is full.
    EntityId spawn(PlayerId owner);
    /// Takes the entity and all its components away. Nothing happens when `id` is not alive.
    void despawn(EntityId id);
    bool alive(EntityId id) const;
    /// 0 when `id` is not alive.
    PlayerId owner(EntityId id) const;
    /// The living entity at an index; empty when there is none.
    EntityId at(std::uint32_t index) const;

    /// The component's storage, zeroed or default-constructed when it is new. Precondition: alive(id), component < schema().components.size().
    /// Marks its chunk as touched: the next snapshot looks for changes there.
    std::byte* add(EntityId id, std::uint16_t component);
    void remove(EntityId id, std::uint16_t component);
    /// Null when the entity is dead or lacks the component. The mutable form marks the chunk as touched.
    std::byte* find(EntityId id, std::uint16_t component);
    const std::byte* find(EntityId id, std::uint16_t component) const;

    // For views, snapshots and the client's drawing; games use Entity and View.

    /// Memory for aggregates in a row, at any alignment. It begins and ends no lives.
    class Values {
    public:
        Values() = default;
        Values(std::size_t size, std::size_t alignment);

        explicit operator bool() const { return memory_ != nullptr; }
        std::byte* get() const { return first_; }

    private:
        std::unique_ptr<std::byte[]> memory_;
        std::byte* first_ = nullptr;  // The first place in it that is aligned.
    };

    /// One component (or, as `entities`, the table of what is alive) for 64 consecutive indexes.
    struct Chunk {
        std::uint64_t present = 0;  ///< Bit i: the entity at chunk·64+i has it.
        bool touched = true;        ///< May differ from the last snapshot; cleared by whoever takes one.
        Values values;              ///< Alive where they are present.
    };
    struct EntityChunk {
        std::uint64_t present = 0;
        bool touched = true;
        std::uint32_t generation[chunk_entities] = {};
        PlayerId owner[chunk_entities] = {};
    };

    std::size_t chunk_count() const { return entities_.size(); }
    EntityChunk& entities(std::size_t chunk) { return *entities_[chunk]; }
    const EntityChunk& entities(std::size_t chunk) const { return *entities_[chunk]; }
    Chunk& component(std::uint16_t component, std::size_t chunk) { return components_[component][chunk]; }
    const Chunk& component(std::uint16_t component, std::size_t chunk) const { return components_[component][chunk]; }
    /// Makes `id` alive with this owner, as a snapshot says; whatever else held its index goes. Precondition: id.index < entities_max().
    void restore(EntityId id, PlayerId owner);

private:
    void grow_to(std::uint32_t index);
    void end(Chunk& chunk, std::size_t component, std::uint32_t row);

    const SchemaInfo* schema_;
    std::uint32_t entities_max_;
    std::uint32_t entity_count_ = 0;
    std::size_t first_free_chunk_ = 0;  // All chunks before it are full.
    std::vector<std::unique_ptr<EntityChunk>> entities_;
    std::vector<std::vector<Chunk>> components_;  // [component][chunk]
};

/// A handle to one entity of a World, as cheap to copy as two pointers. Valid as long as the world is.
/// One whose entity is dead is safe to ask and to despawn; so is a default-made one, which never lived.
/// As in views, `const T` is for components that are only read: find<T>() counts as touching, find<const T>() does not.
/// References and pointers to components are good until the component is removed or its entity despawned; spawns and sets of
/// others move nothing. To write, ask again in each tick: a snapshot compares what was touched since the last one, and a write through a
/// reference from an earlier tick goes unseen until something touches one of the 64 entities beside it.
class Entity {
public:
    Entity() = default;
    Entity(World& world, EntityId id) : world_(&world), id_(id) {}

    EntityId id() const { return id_; }
    std::uint32_t index() const { return id_.index; }
    /// False for a default-made handle and after the despawn.
    bool alive() const { return world_ != nullptr && world_->alive(id_); }
    PlayerId owner() const { return world_ != nullptr ? world_->owner(id_) : 0; }

    /// Precondition: the entity is alive and has a T.
    template <class T>
    T& get() const {
        T* component = find<T>();
        assert(component != nullptr && "the entity has no such component; add it with set(), or ask find()");
        return *component;
    }
    /// Null when the entity is dead or has no T.
    template <class T>
    T* find() const {
        if (world_ == nullptr) return nullptr;
        if constexpr (std::is_const_v<T>)
            return static_cast<T*>(static_cast<const void*>(std::as_const(*world_).find(id_, component_index<T>)));
        else
            return static_cast<T*>(static_cast<void*>(world_->find(id_, component_index<T>)));
    }
    template <class T>
    bool has() const {
        return find<const T>() != nullptr;
    }
    /// Adds or overwrites. Precondition: alive().
    template <class T>
    T& set(const T& value) const {
        T* component = static_cast<T*>(static_cast<void*>(world_->add(id_, component_index<T>)));
        *component = value;
        return *component;
    }
    template <class T>
    void remove() const {
        if (world_ != nullptr) world_->remove(id_, component_index<T>);
    }
    void despawn() const {
        if (world_ != nullptr) world_->despawn(id_);
    }

    friend bool operator==(const Entity&, const Entity&) = default;

private:
    World* world_ = nullptr;
    EntityId id_;
};

/// Every entity that has all of `Components`, in the order of their indexes: for (auto [entity, pos] : view).
/// Write `const T` for components that are only read: others count as touched and are compared for the next snapshot.
/// Entities may be despawned while iterating; ones spawned meanwhile may or may not be met. References are good as long as Entity's.
template <class... Components>
class View {
    static_assert(sizeof...(Components) > 0);

public:
    explicit View(World& world) : world_(&world) {}

    struct End {};

    class Iterator {
    public:
        explicit Iterator(World& world) : world_(&world) { skip_empty_chunks(); }

        std::tuple<Entity, Components&...> operator*() const {
            const auto index = static_cast<std::uint32_t>(chunk_ * World::chunk_entities) + bit();
            return {Entity(*world_, EntityId{index, world_->entities(chunk_).generation[bit()]}),
                    component<Components>()...};
        }
        Iterator& operator++() {
            rest_ &= rest_ - 1;
            rest_ &= mask();
            if (rest_ == 0) {
                ++chunk_;
                skip_empty_chunks();
            }
            return *this;
        }
        bool operator==(End) const { return rest_ == 0; }

    private:
        std::uint32_t bit() const { return static_cast<std::uint32_t>(__builtin_ctzll(rest_)); }
        std::uint64_t mask() const { return (world_->component(component_index<Components>, chunk_).present & ...); }
        void skip_empty_chunks() {
            for (; chunk_ < world_->chunk_count(); ++chunk_) {
                rest_ = mask();
                if (rest_ != 0) return;
            }
        }
        template <class T>
        T& component() const {
            World::Chunk& chunk = world_->component(component_index<T>, chunk_);
            if constexpr (!std::is_const_v<T>) chunk.touched = true;
            return static_cast<T*>(static_cast<void*>(chunk.values.get()))[bit()];
        }

        World* world_;
        std::size_t chunk_ = 0;
        std::uint64_t rest_ = 0;
    };

    Iterator begin() const { return Iterator(*world_); }
    End end() const { return {}; }

private:
    World* world_;
};

/// Takes an event of schema.events[type].
using EmitEvent = std::function<void(std::uint16_t type, const void* event)>;

/// What the rules of a game may use besides the entity and the input. They run on the server and in the client's prediction, and
/// come to the same there when they read nothing but the entity, the input, tick(), dt() and what does not change, and write nothing but
/// predicted components of the entity. In a prediction everybody else is where the newest snapshot says. What the server alone
/// knows, on_tick does: shots that hit, spawns and despawns, entities that push each other; the client is then corrected.
class Sim {
public:
    /// `emit` must outlive it; null: what is emitted goes nowhere.
    Sim(World& world, Tick tick, float dt, bool first_time = true, const EmitEvent* emit = nullptr)
        : world_(&world), tick_(tick), dt_(dt), first_time_(first_time), emit_(emit) {}

    World& world() const { return *world_; }
    Tick tick() const { return tick_; }
    /// Length of a tick in seconds.
    float dt() const { return dt_; }
    /// False where a client runs a tick again, because the server came to something else than it had predicted. Rules ask before they
    /// make a sound or a flash; what they do to the world must not depend on it. Always true on the server.
    bool first_time() const { return first_time_; }
    /// Something happened that players should see or hear: a shot, a hit. In the rules the player whose input they run on has it at
    /// once, in Client::events(), and those who are told of the entity have it from the server. Where the server's rules do not emit
    /// the same for the tick, the player has it in Client::retracted(). Of the server's own callbacks everybody has it.
    template <class T>
    void emit(const T& event) const {
        static_assert(IsEvent<T>, "the schema has no such event: mark the struct or table as (event)");
        if (emit_ != nullptr && *emit_) (*emit_)(event_index<T>, &event);
    }

    template <class... Components>
    View<Components...> view() const {
        return View<Components...>(*world_);
    }
    /// An entity of the server's with these components. A dead handle when the world is full.
    template <class... Components>
    Entity spawn(const Components&... components) const {
        return spawn_for(0, components...);
    }
    template <class... Components>
    Entity spawn_for(PlayerId owner, const Components&... components) const {
        const EntityId id = world_->spawn(owner);
        if (!id) return {};
        const Entity entity(*world_, id);
        (entity.set(components), ...);
        return entity;
    }

private:
    World* world_;
    Tick tick_;
    float dt_;
    bool first_time_;
    const EmitEvent* emit_;
};

}  // namespace tidewire
