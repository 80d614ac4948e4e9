// Events as a game sees them: what came since the last frame, each once and in order.
//
//     for (const auto& chat : net.events<game::Chat>()) print(chat->line);
//     for (const auto& shot : net.events<game::Fired>()) flash(shot->x, shot->y);   // one's own at once, by the rules
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tidewire/schema.h"
#include "tidewire/state.h"

namespace tidewire {

/// One event, without its C++ type.
struct EventRecord {
    std::uint16_t type = 0;  ///< Place in SchemaInfo::events.
    Tick tick = 0;
    PlayerId player = 0;
    bool predicted = false;
    const void* value = nullptr;
};

/// One event of type T. Valid as long as the list that it is of.
template <class T>
class Event {
public:
    explicit Event(const EventRecord& record) : record_(&record) {}

    const T& operator*() const { return *static_cast<const T*>(record_->value); }
    const T* operator->() const { return static_cast<const T*>(record_->value); }
    /// When it happened, or will: a tick of the server's. What is drawn of others is older; see ClientFigures::draw_tick.
    Tick tick() const { return record_->tick; }
    /// Whose input the rules made it of; 0: the server itself said it.
    PlayerId player() const { return record_->player; }
    /// By one's own rules, ahead of the server: it may still be retracted.
    bool predicted() const { return record_->predicted; }

private:
    const EventRecord* record_;
};

/// Those of a list that are a T, in its order.
template <class T>
class Events {
public:
    explicit Events(std::span<const EventRecord> records) : records_(records) {}

    struct End {};

    class Iterator {
    public:
        explicit Iterator(std::span<const EventRecord> rest) : rest_(rest) { skip(); }

        Event<T> operator*() const { return Event<T>(rest_.front()); }
        Iterator& operator++() {
            rest_ = rest_.subspan(1);
            skip();
            return *this;
        }
        bool operator==(End) const { return rest_.empty(); }

    private:
        void skip() {
            while (!rest_.empty() && rest_.front().type != event_index<T>) rest_ = rest_.subspan(1);
        }

        std::span<const EventRecord> rest_;
    };

    Iterator begin() const { return Iterator(records_); }
    End end() const { return {}; }
    bool empty() const { return begin() == end(); }

private:
    std::span<const EventRecord> records_;
};

/// Names a request until its reply was taken.
struct RequestId {
    std::uint32_t number = 0;

    friend bool operator==(const RequestId&, const RequestId&) = default;
};

}  // namespace tidewire
