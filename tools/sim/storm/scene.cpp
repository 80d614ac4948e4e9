// Time goes from one instant at which anything is due to the next.
#include "tools/sim/storm/scene.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/net/link_presets.h"
#include "storm_game.h"

namespace tidewire::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration shut_down_max = seconds(2);  // as ShardOptions has it
constexpr int turns_at_once_max = 20'000;

milliseconds draw(SeededRandom& random, int least, int most) {
    return milliseconds(least + static_cast<int>(random.below(static_cast<std::uint32_t>(most - least + 1))));
}

/// Of few bytes as often as of many.
std::uint64_t draw_bytes(SeededRandom& random) { return random.below(1U << (4 + random.below(15))); }

Authenticator token_asker() {
    return {.authenticate = [](const JoinRequest& request) -> Verdict {
                if (request.token == "good") return Identity{};
                if (request.token.empty()) return Refusal{Refusal::Kind::NoToken, "this server asks for a token"};
                return Refusal{Refusal::Kind::BadSignature, "nobody signed this"};
            },
            .reload = {}};
}

}  // namespace

void operator+=(GuestCounters& sum, const GuestCounters& other) {
    sum.snapshots += other.snapshots;
    sum.compared += other.compared;
    sum.events_down += other.events_down;
    sum.events_up += other.events_up;
    sum.replies += other.replies;
    sum.bulks += other.bulks;
    sum.losses += other.losses;
    sum.resumes += other.resumes;
}

Scene::Scene(std::uint64_t seed, Journal& journal) : journal_(&journal), random_(seed), codecs_(storm::Schema::info()) {
    journal_->set_time(now_);
    draw_options();
    start_server();
}

Scene::~Scene() { end_server(); }

void Scene::draw_options() {
    const auto one_in = [this](std::uint32_t count) { return random_.below(count) == 0; };
    options_.tick_rate = std::array{10, 20, 30}[random_.below(3)];
    options_.shards = 1 + random_.below(3);
    options_.rooms = 1 + random_.below(3);
    options_.players_max = 2 + random_.below(6);
    options_.bots = one_in(3) ? 1 : 0;
    options_.entities_max = 1024;
    options_.snapshots_held = 8 + random_.below(57);
    options_.ticks_held_for_joins_max = random_.below(33);
    guests_max_ = 2 + random_.below(std::min(12U, options_.rooms * options_.players_max));
    if (one_in(3)) options_.connections_max = options_.rooms * options_.players_max + random_.below(6);
    if (one_in(8)) options_.connections_per_address_max = 3;
    if (one_in(4)) options_.admission.joins = {.per_second = 1, .burst = 10};
    options_.resume_within = one_in(8) ? milliseconds(0) : draw(random_, 1000, 8000);
    options_.unread_timeout = draw(random_, 4000, 10'000);
    options_.retry_after = draw(random_, 200, 2000);
    options_.events_unsent_max = 64 + random_.below(449);
    options_.event_bytes_unsent_max = 4096 + random_.below(12 * 1024);
    if (one_in(3)) options_.transmit_bytes_max = 64 * 1024;
    if (one_in(3)) options_.first_flight_bytes = 2048;
    if (one_in(4)) options_.client_bytes_per_tick = 600;
    options_.bulk_bytes_max = 200'000;
    asks_for_tokens_ = one_in(2);
}

void Scene::start_server() {
    ++generation_;
    ++counters_.servers;
    stage_ = Stage::Running;
    stage_until_ = never;
    first_room_ = rooms_.size();
    server_ = std::make_unique<VirtualShards>(storm::Schema::info(), options_,
                                              server::AdmissionSetup{.authenticator = asks_for_tokens_ ? token_asker() : anonymous(),
                                                                     .wall_clock = [] { return SystemTime{}; }},
                                              random_.next(), now_);
    server_->on_event = [this](const server::GateEvent& event) { note(event); };
    server_->on_room_gone = [this](server::RoomNumber number) { find_room(number)->note_gone(); };
    journal_->note("a server starts: " + std::to_string(options_.shards) + " shards at " + std::to_string(options_.tick_rate) + " Hz");
    for (std::uint32_t i = 0; i < options_.rooms; ++i) open_room();
}

void Scene::end_server() {
    if (!server_) return;
    for (StormRoom* const room : rooms()) room->note_gone();
    counters_.moves += server_->moves();
    server_.reset();
    stage_ = Stage::Down;
    stage_until_ = now_ + draw(random_, 100, 2000);
    stopped_at_ = now_;
}

StormRoom* Scene::open_room() {
    if (stage_ != Stage::Running) return nullptr;
    const auto number = static_cast<server::RoomNumber>(rooms_.size() + 1);
    rooms_.push_back(std::make_unique<StormRoom>(StormRoomPlan{.number = number,
                                                               .shard = random_.below(server_->size()),
                                                               .seed = random_.next(),
                                                               .rocks = random_.below(80),
                                                               .grid = random_.below(3) == 0,
                                                               .asks_for_time = random_.below(2) == 0},
                                                 *journal_));
    StormRoom& room = *rooms_.back();
    ++counters_.rooms;
    journal_->note(room.name() + " opens on shard " + std::to_string(room.plan().shard) + (room.plan().grid ? ", with a grid" : ""));
    room.note_opened(server_->open_room(room.setup(), room.plan().shard, now_));
    return &room;
}

void Scene::drain() {
    if (stage_ != Stage::Running) return;
    const milliseconds left = draw(random_, 0, 1500);
    journal_->note("the server drains, for " + std::to_string(left.count()) + " ms at most");
    stage_ = Stage::Draining;
    stage_until_ = now_ + left;
    stopped_at_ = now_;
    server_->drain("the server is stopping", left, now_);
}

void Scene::kill() {
    if (!server_) return;
    journal_->note("the server is killed");
    end_server();
}

void Scene::advance_server() {
    const auto over = [this] {
        std::size_t running = 0;
        for (std::uint32_t shard = 0; shard < server_->size(); ++shard) running += server_->gate(shard).rooms_running();
        return running == 0;
    };
    if (stage_ == Stage::Draining && (now_ >= stage_until_ || over())) {
        stage_ = Stage::Stopping;
        stage_until_ = now_ + shut_down_max;
        stopped_at_ = now_;
        server_->shut_down("the server is stopping", now_);
    }
    if (stage_ == Stage::Stopping && (now_ >= stage_until_ || (server_->connection_count() == 0 && server_->moving() == 0))) {
        journal_->note("the server has stopped");
        end_server();
    }
    if (stage_ == Stage::Down && now_ >= stage_until_) start_server();
}

void Scene::run_until(TimePoint end) {
    int turns = 0;
    turn();
    for (TimePoint next = next_instant(); next <= end && !journal_->broken(); next = next_instant()) {
        turns = next <= now_ ? turns + 1 : 0;
        if (turns > turns_at_once_max) return journal_->fail("they never come to rest at one instant");
        now_ = std::max(now_, next);
        journal_->set_time(now_);
        turn();
    }
    now_ = std::max(now_, end);
    journal_->set_time(now_);
}

void Scene::turn() {
    for (const auto& guest : guests_)
        if (guest->next_instant() <= now_) guest->turn(now_);
    for (const auto& intruder : intruders_)
        if (intruder->next_instant() <= now_) intruder->turn(now_);
    advance_server();
    if (server_) server_->turn(now_);
}

TimePoint Scene::next_instant() const {
    TimePoint next = server_ ? server_->next_instant() : never;
    next = std::min(next, stage_until_);
    for (const auto& guest : guests_) next = std::min(next, guest->next_instant());
    for (const auto& intruder : intruders_) next = std::min(next, intruder->next_instant());
    return next;
}

std::vector<StormRoom*> Scene::rooms() const {
    std::vector<StormRoom*> found;
    for (std::size_t i = first_room_; i < rooms_.size(); ++i) found.push_back(rooms_[i].get());
    return found;
}

StormRoom* Scene::find_room(server::RoomNumber number) const {
    const std::size_t index = static_cast<std::size_t>(number) - 1;
    return index < rooms_.size() ? rooms_[index].get() : nullptr;
}

StormRoom* Scene::any_room() {
    std::vector<StormRoom*> running;
    for (StormRoom* const room : rooms())
        if (server_ && room->hosted() != nullptr && !room->hosted()->ended()) running.push_back(room);
    return running.empty() ? nullptr : running[random_.below(static_cast<std::uint32_t>(running.size()))];
}

Guest* Scene::any_guest() {
    std::vector<Guest*> here;
    for (const auto& guest : guests_)
        if (!guest->gone()) here.push_back(guest.get());
    return here.empty() ? nullptr : here[random_.below(static_cast<std::uint32_t>(here.size()))];
}

Guest& Scene::join(Manner manner) {
    const net::LinkPreset& preset = net::link_presets()[random_.below(static_cast<std::uint32_t>(net::link_presets().size()))];
    GuestPlan plan{.name = (manner == Manner::Garbled ? "xavier " : "guest ") + std::to_string(++names_),
                   .address = "192.0.2." + std::to_string(1 + random_.below(4)),
                   .seed = random_.next(),
                   .frame = draw(random_, 16, 60),
                   .up = preset.up,
                   .down = preset.down,
                   .flips = manner == Manner::Garbled ? 4 + random_.below(60) : 0};
    const auto held = std::size_t{4096} << random_.below(7);
    plan.up.held_bytes_max = plan.down.held_bytes_max = held;
    plan.up.short_reads = plan.down.short_reads = random_.below(4) == 0;
    plan.up.short_writes = random_.below(8) == 0;
    plan.options.player_name = plan.name;
    plan.options.token = manner == Manner::NoToken ? "" : "good";
    plan.options.snapshots_held = 8 + random_.below(57);
    plan.options.connect_timeout = draw(random_, 6000, 10'000);
    plan.options.request_timeout = draw(random_, 3000, 10'000);
    plan.options.reconnect.enabled = random_.below(8) != 0;
    plan.options.reconnect.delay_max = draw(random_, 500, 5000);
    plan.options.reconnect.give_up_after = draw(random_, 6000, 20'000);
    journal_->note(plan.name + " comes over " + std::string(preset.name));
    guests_.push_back(std::make_unique<Guest>(
        std::move(plan), *journal_, codecs_, [this](Guest& guest, TimePoint now) { return dial(guest, now); }, now_));
    return *guests_.back();
}

LinePointer Scene::dial(Guest& guest, TimePoint) {
    LinePointer made = line(guest.plan().up, guest.plan().down);
    made->silent = !guest.connected();
    if (made->silent) return made;
    if (!server_ || stage_ == Stage::Stopping) return nullptr;
    const std::uint32_t shard = random_.below(server_->size());
    return server_->connect(made, shard, guest.plan().address, now_) ? made : nullptr;
}

LinePointer Scene::line(net::LinkOptions up, net::LinkOptions down) {
    // One of a few breaks by itself, at any byte.
    const std::uint32_t fate = calm_ ? 8 : random_.below(8);
    if (fate == 0) up.reset_after = draw_bytes(random_);
    if (fate == 1) down.reset_after = draw_bytes(random_);
    return std::make_shared<Line>(up, down, random_.next(), now_);
}

void Scene::intrude() {
    if (!server_ || stage_ == Stage::Stopping) return;
    const auto kind = static_cast<Intruder::Kind>(random_.below(Intruder::kinds));
    LinePointer made = line({.latency = milliseconds(5), .held_bytes_max = 8192}, {.latency = milliseconds(5), .held_bytes_max = 8192});
    if (!server_->connect(made, random_.below(server_->size()), "198.51.100.7", now_)) return;
    ++counters_.intruders;
    journal_->note("an intruder: " + std::string(Intruder::name_of(kind)));
    intruders_.push_back(std::make_unique<Intruder>(kind, std::move(made), random_.next(), now_ + draw(random_, 100, 20'000), now_));
}

void Scene::note(const server::GateEvent& event) {
    using Kind = server::GateEvent::Kind;
    constexpr std::array<std::string_view, 14> names{"joined",      "left",        "lost",       "resumed",       "moderated",   "desync", "refused",
                                                     "room opened", "room closed", "room saved", "room restored", "save failed", "load",   "room failed"};
    StormRoom* const room = find_room(event.room);
    const std::string who = event.player != 0 ? " player " + std::to_string(event.player) + " (" + event.player_name + ")" : "";
    journal_->note("server: " + std::string(names[static_cast<std::size_t>(event.kind)]) + (room != nullptr ? " " + room->name() : "") + who +
                   (event.reason.empty() ? "" : ": " + event.reason.substr(0, 100)));
    switch (event.kind) {
        case Kind::Joined:
            ++counters_.joins;
            for (const auto& guest : guests_)
                if (guest->line() && !guest->line()->closed && guest->line()->id == event.connection)
                    guest->note_seat(*room, event.player, generation_);
            break;
        case Kind::Left:
            ++counters_.left;
            break;
        case Kind::Lost:
            ++counters_.lost;
            break;
        case Kind::Resumed:
            ++counters_.resumed;
            break;
        case Kind::Refused:
            ++counters_.refusals;
            break;
        case Kind::Desync:
            if (event.player_name.rfind('x', 0) != 0) journal_->fail("the server was told of a desync: " + event.reason);
            break;
        case Kind::RoomFailed:
            if (!room->asked_to_fail()) journal_->fail(room->name() + " has failed unasked: " + event.reason);
            break;
        case Kind::RoomOpened:
        case Kind::RoomClosed:
        case Kind::RoomSaved:
        case Kind::RoomRestored:
        case Kind::SaveFailed:
        case Kind::Load:
        case Kind::Moderated:
            break;
    }
}

void Scene::sweep() {
    for (const auto& guest : guests_)
        if (guest->gone()) counters_.guests += guest->counters();
    guests_.erase(std::remove_if(guests_.begin(), guests_.end(), [](const auto& guest) { return guest->gone(); }), guests_.end());
    intruders_.erase(std::remove_if(intruders_.begin(), intruders_.end(), [](const auto& each) { return each->gone(); }), intruders_.end());
}

}  // namespace tidewire::sim
