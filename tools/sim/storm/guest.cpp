// A client's loop: read, look at the clock, make a frame, write.
#include "tools/sim/storm/guest.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sdk/core/base/hash.h"
#include "tools/sim/storm/storm_rules.h"

namespace tidewire::sim {

namespace {

using session::ClientEvent;
using session::ClientState;

constexpr Duration trickle_period = std::chrono::milliseconds(500);
constexpr std::size_t trickle_bytes = 40;

RandomSource seeded_source(std::uint64_t seed) {
    return [random = SeededRandom(seed)](MutableByteSpan bytes) mutable {
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next() >> 56);
    };
}

}  // namespace

Guest::Guest(GuestPlan plan, Journal& journal, session::SharedCodecs& codecs, Dial dial, TimePoint now)
    : plan_(std::move(plan)),
      journal_(&journal),
      dial_(std::move(dial)),
      random_(hash_combine(plan_.seed, 1)),
      peer_(storm::Schema::info(), plan_.options, "storm", "/", seeded_source(hash_combine(plan_.seed, 2)), now),
      next_frame_(now) {
    peer_.session().share_codecs(codecs);
    peer_.session().predict_by(storm_rules());
    line_ = dial_(*this, now);
    if (!line_) peer_.abort("connection refused", now);
}

TimePoint Guest::next_instant() const {
    if (gone_) return never;
    TimePoint next = std::min(peer_.poll_timeout(), std::max(next_frame_, hangs_until_));
    if (!line_ || line_->silent || end_told_) return next;
    if (line_->ended()) return TimePoint{};
    if (reading_ == Reading::All) next = std::min(next, line_->down.next_arrival());
    if (reading_ == Reading::Trickle) next = std::min(next, std::max(next_read_, line_->down.next_arrival()));
    return next;
}

void Guest::turn(TimePoint now) {
    if (gone_) return;
    if (peer_.wants_stream(now)) redial(now);
    receive(now);
    if (peer_.poll_timeout() <= now) peer_.handle_timeout(now);
    if (now >= next_frame_ && now >= hangs_until_) frame(now);
    write(now);
    if (line_ && peer_.disconnected()) let_go();
    if (peer_.finished() && closed_) gone_ = true;
}

void Guest::redial(TimePoint now) {
    peer_.attempt(now);
    end_told_ = false;
    line_ = dial_(*this, now);
    if (!line_) peer_.abort("connection refused", now);
}

/// What closes a socket with unread bytes resets it.
void Guest::let_go() {
    line_->client_shut = true;
    line_->client_reset = line_->down.next_arrival() != never && random_.below(2) == 0;
    line_.reset();
}

void Guest::receive(TimePoint now) {
    if (!line_ || line_->silent) return;
    const bool reads = reading_ == Reading::All || (reading_ == Reading::Trickle && now >= next_read_);
    if (reads && !line_->broken) {
        const MutableByteSpan room = MutableByteSpan(buffer_).first(reading_ == Reading::All ? buffer_.size() : trickle_bytes);
        next_read_ = now + trickle_period;
        while (const std::size_t count = line_->down.read(room, now)) {
            flip(room.first(count));
            peer_.receive(room.first(count), now);
            if (reading_ == Reading::Trickle) break;
        }
        line_->broken = line_->broken || line_->down.reset() || line_->up.reset();
    }
    if (end_told_ || !line_->ended()) return;
    end_told_ = true;
    if (!line_->broken) return peer_.receive_eof(now);
    troubled_now(now);
    peer_.abort("Connection reset by peer", now);
}

void Guest::write(TimePoint now) {
    if (!line_) return;
    for (auto parts = peer_.poll_transmit(); !parts.empty(); parts = peer_.poll_transmit()) {
        std::size_t count = 0;
        if (plan_.flips == 0) {
            count = line_->up.write(parts, now);
        } else {
            Bytes all;
            for (const ByteSpan part : parts) append(all, part);
            flip(all);
            const ByteSpan part(all);
            count = line_->up.write({&part, 1}, now);
        }
        if (count == 0) break;
        peer_.transmitted(count, now);
    }
}

void Guest::flip(MutableByteSpan bytes) {
    if (plan_.flips == 0 || bytes.empty() || random_.below(plan_.flips) != 0) return;
    bytes[random_.below(static_cast<std::uint32_t>(bytes.size()))] ^= static_cast<std::byte>(1U << random_.below(8));
}

void Guest::frame(TimePoint now) {
    next_frame_ = now + plan_.frame;
    peer_.advance(now);
    if (session().inputs_due() > 0) {
        const storm::Move move{.dx = static_cast<std::int8_t>(static_cast<int>(random_.below(3)) - 1),
                               .dy = static_cast<std::int8_t>(static_cast<int>(random_.below(3)) - 1)};
        peer_.send_due_inputs(0, static_cast<const std::byte*>(static_cast<const void*>(&move)), now);
    }
    while (auto event = peer_.poll_event()) take(std::move(*event), now);
    take_events();
    take_bulks();
    take_replies();
    if (talks_ && !leaving_) talk(now);
}

void Guest::talk(TimePoint now) {
    if (session().state() == ClientState::Closed || room_ == nullptr) return;
    const std::uint32_t what = random_.below(40);
    if (what > 2) return;
    const std::uint32_t number = said_ + 1;
    if (what < 2) {
        const storm::Said said{.number = number, .text = std::string(random_.below(random_.below(6) == 0 ? 1500 : 30), 'w')};
        if (!peer_.send_event(event_index<storm::Said>, &said, now)) return;
        said_ = number;
        ++counters_.events_up;
        return;
    }
    const storm::Ask ask{.number = number};
    const std::uint32_t request = peer_.send_request(event_index<storm::Ask>, &ask, now);
    storm::Answer answer;
    // What is refused at once was not sent.
    if (request == 0 || session().take_reply(request, event_index<storm::Answer>, &answer)) return;
    said_ = number;
    ++counters_.events_up;
    asked_.emplace(request, number);
}

void Guest::take(ClientEvent event, TimePoint now) {
    switch (event.kind) {
        case ClientEvent::Kind::Joined:
            joined_at_ = now;
            journal_->note(name() + " plays as " + std::to_string(session().player()));
            break;
        case ClientEvent::Kind::Snapshot:
            ++counters_.snapshots;
            break;
        case ClientEvent::Kind::Desync:
            fail("its state was not the server's: " + event.reason);
            break;
        case ClientEvent::Kind::Lost:
            lost_at_ = now;
            ++counters_.losses;
            journal_->note(name() + " is lost: " + event.reason);
            break;
        case ClientEvent::Kind::Resumed:
            lost_at_ = never;
            ++counters_.resumes;
            journal_->note(name() + " is back");
            break;
        case ClientEvent::Kind::Closed:
            journal_->note(name() + " is closed with " + std::to_string(event.close_code) + ": " + event.reason);
            if (event.reason.empty()) fail("it was not told why its session is over");
            closed_ = std::move(event);
            closed_at_ = now;
            return;
    }
    if (event.kind == ClientEvent::Kind::Snapshot) check_snapshot();
}

void Guest::check_snapshot() {
    if (room_ == nullptr || !honest()) return;
    const replication::Snapshot* const newest = session().snapshots().newest();
    const std::uint64_t truth = newest == nullptr ? 0 : room_->hash_of(newest->tick);
    if (truth == 0) return;
    ++counters_.compared;
    if (replication::state_hash(*newest) == truth) return;
    const server::HostedRoom* const hosted = room_->hosted();
    const replication::Snapshot* const held = hosted == nullptr ? nullptr : hosted->room().snapshots().find(newest->tick);
    fail("its tick " + std::to_string(newest->tick) + " is another than " + room_->name() + "'s" +
         (held == nullptr ? "" : ": " + replication::first_difference(hosted->room().layout(), *newest, *held)));
}

void Guest::take_events() {
    events_.clear();
    session().take_events(events_);
    for (const session::ReceivedEvent& event : events_) {
        if (event.type != event_index<storm::Told>) {
            fail("it was told an event that the game does not tell");
            continue;
        }
        ++counters_.events_down;
        const auto& told = *static_cast<const storm::Told*>(event.value.get());
        if (told.everybody && broadcasts_ == 0 && room_ != nullptr) broadcasts_ = room_->account(player_).broadcasts_before;
        std::uint32_t& last = told.everybody ? broadcasts_ : told_;
        if (room_ != nullptr && told.number != last + 1)
            fail(std::string(told.everybody ? "of what everybody is told" : "of what it is told") + " it heard " +
                 std::to_string(told.number) + " after " + std::to_string(last));
        last = told.number;
    }
}

void Guest::take_bulks() {
    while (const auto bulk = session().poll_bulk()) {
        ++counters_.bulks;
        if (bulk->id != bulks_ + 1)
            fail("transfer " + std::to_string(bulk->id) + " came after " + std::to_string(bulks_));
        else if (bulk->bytes != StormRoom::bulk_bytes(player_, bulk->id, bulk->bytes.size()))
            fail("transfer " + std::to_string(bulk->id) + " is not what was sent");
        bulks_ = bulk->id;
    }
}

void Guest::take_replies() {
    for (auto each = asked_.begin(); each != asked_.end();) {
        storm::Answer answer;
        const auto reply = session().take_reply(each->first, event_index<storm::Answer>, &answer);
        if (!reply) {
            ++each;
            continue;
        }
        ++counters_.replies;
        if (*reply && answer.number != each->second)
            fail("it asked " + std::to_string(each->second) + " and was answered " + std::to_string(answer.number));
        if (!*reply && reply->error().message.empty()) fail("it was not told why it has no answer");
        each = asked_.erase(each);
    }
}

void Guest::fail(const std::string& what) const {
    if (honest()) journal_->fail(name() + ": " + what);
}

void Guest::reset(TimePoint now) {
    troubled_now(now);
    if (line_) line_->broken = true;
}

void Guest::reset_here(TimePoint now) {
    troubled_now(now);
    if (!line_) return;
    line_->silent = true;
    peer_.abort("another network", now);
}

void Guest::reset_there(TimePoint now) {
    troubled_now(now);
    if (!line_) return;
    // What comes from the server is kept from it by a line of its own that nobody writes to any more.
    line_->client_reset = true;
    auto deaf = std::make_shared<Line>(plan_.up, plan_.down, random_.next(), now);
    deaf->silent = true;
    line_ = std::move(deaf);
}

void Guest::cut(TimePoint now) {
    troubled_now(now);
    network_ = false;
    if (line_) line_->silent = true;
}

void Guest::restore(TimePoint now) {
    if (network_) return;
    troubled_now(now);
    network_ = true;
}

void Guest::stall(TimePoint until, TimePoint now) {
    troubled_now(std::max(now, until));
    if (!line_) return;
    if (random_.below(3) != 0) line_->up.stall(until);
    if (random_.below(3) != 0) line_->down.stall(until);
}

void Guest::change_link(net::LinkOptions up, net::LinkOptions down, TimePoint now) {
    troubled_now(now);
    plan_.up = up;
    plan_.down = down;
    if (!line_) return;
    line_->up.set_options(up, now);
    line_->down.set_options(down, now);
}

void Guest::read(Reading reading, TimePoint now) {
    if (reading == reading_) return;
    troubled_now(now);
    reading_ = reading;
}

void Guest::hang(TimePoint until, TimePoint now) {
    troubled_now(std::max(now, until));
    hangs_until_ = until;
}

void Guest::suspend(TimePoint now) {
    troubled_now(now);
    suspended_ = true;
    peer_.suspend(now);
}

void Guest::resume(TimePoint now) {
    if (!suspended_) return;
    troubled_now(now);
    suspended_ = false;
    peer_.resume(now);
}

void Guest::leave(TimePoint now) {
    leaving_ = true;
    peer_.close("it leaves", now);
}

void Guest::note_seat(StormRoom& room, PlayerId player, std::uint32_t generation) {
    room_ = &room;
    player_ = player;
    generation_ = generation;
}

std::string Guest::unfinished() const {
    const StormRoom::Account& account = room_->account(player_);
    const auto differ = [](const char* what, std::uint32_t sent, std::uint32_t came) {
        return sent == came ? std::string() : std::to_string(came) + " of " + std::to_string(sent) + " " + what;
    };
    const std::string missing[] = {differ("events of its own were heard", said_, account.heard),
                                   differ("events that it was told came", account.told, told_),
                                   differ("broadcasts came", room_->broadcasts(), std::max(broadcasts_, account.broadcasts_before)),
                                   differ("transfers came", account.bulks, bulks_),
                                   differ("requests were answered", static_cast<std::uint32_t>(asked_.size()), 0)};
    for (const std::string& each : missing)
        if (!each.empty()) return each;
    return {};
}

}  // namespace tidewire::sim
