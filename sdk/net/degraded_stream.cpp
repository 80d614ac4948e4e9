// Reads go through one model, writes through another.
#include "sdk/net/degraded_stream.h"

#include <algorithm>

namespace tidewire::net {

namespace {

// The same weather every time: who looks for a fault wants to see it again.
constexpr std::uint64_t seed_up = 1;
constexpr std::uint64_t seed_down = 2;

Transfer would_block() { return {.outcome = Transfer::Outcome::WouldBlock, .bytes = 0, .message = {}}; }

Transfer done(std::size_t bytes) { return {.outcome = Transfer::Outcome::Done, .bytes = bytes, .message = {}}; }

}  // namespace

void DegradedStream::degrade(const LinkOptions& up, const LinkOptions& down, TimePoint now) {
    if (!model_) {
        model_.emplace(Model{.up = LinkModel(up, seed_up, now), .down = LinkModel(down, seed_down, now)});
        return;
    }
    model_->up.set_options(up, now);
    model_->down.set_options(down, now);
}

Transfer DegradedStream::read(MutableByteSpan room, TimePoint now) {
    if (!model_) return stream_.read(room);
    Model& model = *model_;
    while (!model.end && !model.down.full()) {
        // No more than the link takes: a slow one holds its sender up, as TCP does.
        const std::size_t takes = model.down.options().held_bytes_max - model.down.held_bytes();
        Transfer transfer = stream_.read(MutableByteSpan(model.buffer).first(std::min(takes, model.buffer.size())));
        if (transfer.outcome == Transfer::Outcome::WouldBlock) break;
        if (transfer.outcome == Transfer::Outcome::Done) {
            const ByteSpan bytes = ByteSpan(model.buffer).first(transfer.bytes);
            model.down.write({&bytes, 1}, now);
            continue;
        }
        model.down.shut(now);
        model.end = std::move(transfer);
    }
    if (const std::size_t count = model.down.read(room, now)) return done(count);
    return model.end && model.down.at_end(now) ? *model.end : would_block();
}

Transfer DegradedStream::write(std::span<const ByteSpan> parts, TimePoint now) {
    if (!model_) return stream_.write(parts);
    const std::size_t count = model_->up.write(parts, now);
    return count == 0 ? would_block() : done(count);
}

Transfer DegradedStream::carry(TimePoint now) {
    if (!model_) return done(0);
    Model& model = *model_;
    for (std::size_t carried = 0;;) {
        if (model.taken == model.arrived.size()) {
            model.arrived.resize(model.buffer.size());
            model.arrived.resize(model.up.read(model.arrived, now));
            model.taken = 0;
            if (model.arrived.empty()) return done(carried);
        }
        const ByteSpan rest = ByteSpan(model.arrived).subspan(model.taken);
        Transfer transfer = stream_.write({&rest, 1});
        if (transfer.outcome == Transfer::Outcome::WouldBlock) return done(carried);
        if (transfer.outcome != Transfer::Outcome::Done) return transfer;
        model.taken += transfer.bytes;
        carried += transfer.bytes;
    }
}

Interest DegradedStream::interest(bool reading, bool writing) const {
    if (!model_) return {.readable = reading, .writable = writing || stream_.wants_write()};
    return {.readable = reading && !model_->end && !model_->down.full(),
            .writable = model_->taken < model_->arrived.size() || stream_.wants_write()};
}

TimePoint DegradedStream::poll_timeout(bool reading) const {
    const TimePoint at_once{};
    if (!model_) return reading && stream_.pending() ? at_once : never;
    TimePoint next = model_->taken < model_->arrived.size() ? never : model_->up.next_arrival();
    if (!reading) return next;
    if (stream_.pending() && !model_->end && !model_->down.full()) return at_once;
    return std::min(next, model_->down.next_arrival());
}

}  // namespace tidewire::net
