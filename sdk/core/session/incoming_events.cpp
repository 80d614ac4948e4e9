// Events are compared as bytes: what quantises to the same is the same.
#include "sdk/core/session/incoming_events.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sdk/core/replication/event_codec.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

Result<void> IncomingEvents::receive(const wire::Event& event) {
    if (event.type >= layout_->event_count()) {
        ++counters_.unknown;
        return {};
    }
    if (auto checked = replication::check_event(*layout_, event.type, event.data); !checked) return checked;
    if (player_ != 0 && event.player == player_ && event.tick > tick_) {
        if (take_same(predicted_, event.tick, event.type, event.data)) {
            ++counters_.confirmed;
            return {};
        }
        // A server that names ticks far ahead chooses none of our memory.
        if (unpredicted_.size() < limits_.predicted_max)
            unpredicted_.push_back({event.tick, event.type, Bytes(event.data.begin(), event.data.end())});
    }
    if (held_bytes_ + cost(event.type, event.data) > limits_.bytes_held_max)
        return unexpected(Blame::Caller,
                          "events of " + std::to_string(held_bytes_) +
                              " bytes wait for the program to look at them; call update() or poll() in each frame, or "
                              "raise event_bytes_held_max in ClientOptions",
                          static_cast<std::uint16_t>(ws::CloseCode::TryAgainLater));
    ++counters_.arrived;
    tell(ReceivedEvent::Kind::Arrived, event.tick, event.player, event.type, event.data);
    return {};
}

void IncomingEvents::predict(Tick tick, std::uint16_t type, const void* aggregate) {
    // The server's word on this tick is complete.
    if (tick <= tick_) return;
    Bytes data = replication::encode_event(*layout_, type, aggregate);
    if (take_same(unpredicted_, tick, type, data)) return;
    if (predicted_.size() >= limits_.predicted_max || held_bytes_ + cost(type, data) > limits_.bytes_held_max) return;
    ++counters_.predicted;
    tell(ReceivedEvent::Kind::Predicted, tick, player_, type, data);
    predicted_.push_back({tick, type, std::move(data)});
}

void IncomingEvents::note_tick(Tick tick) {
    tick_ = tick;
    const auto is_over = [tick](const Own& own) { return own.tick <= tick; };
    for (const Own& own : predicted_) {
        if (!is_over(own)) continue;
        ++counters_.retracted;
        tell(ReceivedEvent::Kind::Retracted, own.tick, player_, own.type, own.data);
    }
    std::erase_if(predicted_, is_over);
    std::erase_if(unpredicted_, is_over);
}

void IncomingEvents::begin_anew() {
    for (const Own& own : predicted_) {
        ++counters_.retracted;
        tell(ReceivedEvent::Kind::Retracted, own.tick, player_, own.type, own.data);
    }
    predicted_.clear();
    unpredicted_.clear();
    tick_ = 0;
}

void IncomingEvents::take(std::vector<ReceivedEvent>& out) {
    std::move(held_.begin(), held_.end(), std::back_inserter(out));
    held_.clear();
    held_bytes_ = 0;
}

bool IncomingEvents::take_same(std::vector<Own>& list, Tick tick, std::uint16_t type, ByteSpan data) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Own& own) {
        return own.tick == tick && own.type == type && as_text(own.data) == as_text(data);
    });
    if (found == list.end()) return false;
    list.erase(found);
    return true;
}

void IncomingEvents::tell(ReceivedEvent::Kind kind, Tick tick, PlayerId player, std::uint16_t type, ByteSpan data) {
    ReceivedEvent event{kind, type, tick, player, replication::Aggregate(layout_->event(type).info())};
    // It was checked, or encoded here.
    if (!replication::decode_event(*layout_, type, data, event.value.get())) return;
    held_bytes_ += cost(type, data);
    held_.push_back(std::move(event));
}

std::size_t IncomingEvents::cost(std::uint16_t type, ByteSpan data) const {
    return sizeof(ReceivedEvent) + layout_->event(type).info().size + data.size();
}

}  // namespace tidewire::session
