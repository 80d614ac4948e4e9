// A snapshot is written over the predicted world, and what was predicted since over that: again as it was, or run anew.
#include "sdk/core/netcode/prediction.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tidewire::netcode {

Prediction::Prediction(const replication::Layout& layout, PredictedRoom room, ApplyInput rules,
                       PredictionOptions options)
    : room_(room),
      rules_(std::move(rules)),
      input_repeats_max_(options.input_repeats_max),
      catch_up_(std::max<Tick>(1, static_cast<Tick>(options.catch_up * room.tick_rate / std::chrono::seconds(1)))),
      schema_layout_(&layout),
      layout_(layout),
      world_(layout.schema(), room.entities_max),
      picture_(layout),
      truth_(layout_),
      steps_(std::max<std::size_t>(options.ticks_held, 2), Step(layout_)) {
    assert(rules_ && room.tick_rate > 0);
}

void Prediction::emit_to(std::function<void(Tick, std::uint16_t, const void*)> taker) {
    emit_ = [this, taker = std::move(taker)](std::uint16_t type, const void* event) { taker(running_, type, event); };
}

bool Prediction::has_work(const SchemaInfo& schema) {
    return !schema.inputs.empty() && std::any_of(schema.components.begin(), schema.components.end(),
                                                 [](const StructInfo& component) { return component.predicted; });
}

void Prediction::input(Tick tick, std::uint16_t type, const std::byte* aggregate) {
    assert(type < schema_layout_->input_count());
    if (tick <= newest_input_) return;
    const auto held = static_cast<Tick>(steps_.size());
    for (Tick missing = std::max(newest_input_ + 1, tick > held ? tick - held : 1); missing < tick; ++missing)
        stand_in(missing);
    newest_input_ = tick;

    Step& now = step(tick);
    now.input_tick = tick;
    now.type = type;
    now.sent = true;
    const replication::StructLayout& fields = schema_layout_->input(type);
    std::vector<std::int32_t> slots(fields.slot_count());
    replication::QuantizeCounters counters;
    fields.quantize(aggregate, slots.data(), 1, counters);
    now.input.assign(fields.info().size, std::byte{0});
    fields.dequantize(slots.data(), 1, now.input.data());

    if (tick > newest_ && tick - newest_ <= catch_up_) run_to_newest_input();
}

void Prediction::reconcile(const replication::SnapshotRing& snapshots) {
    const replication::Snapshot* const snapshot = snapshots.newest();
    if (snapshot == nullptr || snapshot->tick == confirmed_) return;
    const bool was_predicted = confirmed_ != 0 && oldest() <= snapshot->tick && snapshot->tick <= newest_;
    confirmed_ = snapshot->tick;
    picture_.draw(snapshots, confirmed_, world_);
    find_own();
    truth_.read(*snapshot, own_);

    if (was_predicted) {
        const OwnState::Match match = state(confirmed_).compare(truth_);
        if (match == OwnState::Match::Same && newest_input_ <= newest_) return state(newest_).write(world_);
        if (match == OwnState::Match::Different) ++counters_.corrections;
    }
    step(confirmed_).state = truth_;
    newest_ = restarted_ = confirmed_;
    ++rewrites_;
    run_to_newest_input();
}

Tick Prediction::oldest() const {
    const auto held = static_cast<Tick>(steps_.size());
    return newest_ - restarted_ < held ? restarted_ : newest_ - held + 1;
}

void Prediction::stand_in(Tick tick) {
    Step& now = step(tick);
    const auto before = [&](Tick back) -> const Step* {
        if (back >= tick || back >= steps_.size()) return nullptr;
        return step(tick - back).input_tick == tick - back ? &step(tick - back) : nullptr;
    };
    const Step* const last = before(1);
    now.input_tick = tick;
    now.sent = false;
    now.type = last == nullptr ? std::uint16_t{0} : last->type;
    for (Tick back = 1; back <= input_repeats_max_; ++back) {
        const Step* const earlier = before(back);
        if (earlier == nullptr || !earlier->sent) continue;
        now.input = earlier->input;
        return;
    }
    now.input.assign(schema_layout_->input(now.type).info().size, std::byte{0});
}

void Prediction::run_to_newest_input() {
    if (!running() || newest_input_ <= newest_ || newest_input_ - confirmed_ >= steps_.size()) return;
    while (newest_ < newest_input_) run(newest_ + 1);
}

void Prediction::run(Tick tick) {
    const bool first_time = tick > first_run_;
    Step& now = step(tick);
    assert(now.input_tick == tick);
    Sim sim(world_, tick, 1.0F / static_cast<float>(room_.tick_rate), first_time, first_time ? &emit_ : nullptr);
    running_ = tick;
    const OwnState& before = state(tick - 1);
    for (const EntityId entity : before.entities())
        if (world_.alive(entity)) rules_(sim, Entity(world_, entity), now.type, now.input.data());
    now.state.round(world_, before.entities(), before);
    newest_ = tick;
    first_run_ = std::max(first_run_, tick);
    ++(first_time ? counters_.predicted : counters_.replayed);
}

void Prediction::find_own() {
    own_.clear();
    for (std::size_t chunk = 0; chunk < world_.chunk_count(); ++chunk) {
        const World::EntityChunk& entities = std::as_const(world_).entities(chunk);
        for (std::uint64_t rest = entities.present; rest != 0; rest &= rest - 1) {
            const auto row = static_cast<std::uint32_t>(__builtin_ctzll(rest));
            if (entities.owner[row] == room_.player)
                own_.push_back(
                    {static_cast<std::uint32_t>(chunk) * World::chunk_entities + row, entities.generation[row]});
        }
    }
}

}  // namespace tidewire::netcode
