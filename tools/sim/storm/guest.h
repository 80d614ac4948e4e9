// Somebody who plays in a storm: a real client's session over a line that anything may happen to, and a program that now and then hangs,
// looks away or reads nothing. What it is told it checks; who it is that speaks to it, and where, others say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/session/client_peer.h"
#include "sdk/core/session/shared_codecs.h"
#include "tools/sim/storm/journal.h"
#include "tools/sim/storm/storm_room.h"
#include "tools/sim/virtual_shards.h"

namespace tidewire::sim {

struct GuestPlan {
    std::string name;
    std::string address = "192.0.2.1";
    std::uint64_t seed = 1;
    Duration frame = std::chrono::milliseconds(33);
    ClientOptions options{};
    net::LinkOptions up{};
    net::LinkOptions down{};
    /// Of what it sends and is sent, one of so many pieces has a bit flipped; 0: none. It is no honest client then.
    std::uint32_t flips = 0;
};

struct GuestCounters {
    std::uint64_t snapshots = 0;
    std::uint64_t compared = 0;
    std::uint64_t events_down = 0;
    std::uint64_t events_up = 0;
    std::uint64_t replies = 0;
    std::uint64_t bulks = 0;
    std::uint64_t losses = 0;
    std::uint64_t resumes = 0;
};

class Guest {
public:
    enum class Reading : std::uint8_t { All, Trickle, Nothing };
    /// A line to the server; null when nobody answers. Not connected yet when the network of the guest is gone.
    using Dial = std::function<LinePointer(Guest&, TimePoint)>;

    /// `journal` and `codecs` outlive it.
    Guest(GuestPlan plan, Journal& journal, session::SharedCodecs& codecs, Dial dial, TimePoint now);

    TimePoint next_instant() const;
    void turn(TimePoint now);

    // What happens to it. Each is trouble: what the server then does with it is no fault.
    void reset(TimePoint now);
    /// Only one end hears of it.
    void reset_here(TimePoint now);
    void reset_there(TimePoint now);
    void cut(TimePoint now);
    void restore(TimePoint now);
    void stall(TimePoint until, TimePoint now);
    void change_link(net::LinkOptions up, net::LinkOptions down, TimePoint now);
    void read(Reading reading, TimePoint now);
    void hang(TimePoint until, TimePoint now);

    // What its program does.
    void suspend(TimePoint now);
    void resume(TimePoint now);
    void leave(TimePoint now);
    void be_still() { talks_ = false; }

    /// It plays there: of its first Joined, as the server tells it.
    void note_seat(StormRoom& room, PlayerId player, std::uint32_t generation);
    /// It plays no more and has heard why.
    bool gone() const { return gone_; }
    const session::ClientEvent* closed() const { return closed_ ? &*closed_ : nullptr; }
    /// When it heard that.
    TimePoint closed_at() const { return closed_at_; }

    const GuestPlan& plan() const { return plan_; }
    const std::string& name() const { return plan_.name; }
    bool honest() const { return plan_.flips == 0; }
    const LinePointer& line() const { return line_; }
    bool connected() const { return network_; }
    StormRoom* room() const { return room_; }
    PlayerId player() const { return player_; }
    std::uint32_t generation() const { return generation_; }
    bool leaving() const { return leaving_; }
    bool suspended() const { return suspended_; }
    Reading reading() const { return reading_; }
    bool hangs(TimePoint now) const { return now < hangs_until_; }
    /// So long after anything that happened to it, or still going on: `never`.
    TimePoint trouble_until() const { return troubled() ? never : trouble_until_; }
    TimePoint joined_at() const { return joined_at_; }
    TimePoint lost_at() const { return lost_at_; }
    session::ClientSession& session() { return peer_.session(); }
    const session::ClientSession& session() const { return peer_.session(); }
    const GuestCounters& counters() const { return counters_; }
    /// All that both have said has come, each to the other. A sentence when not.
    std::string unfinished() const;

private:
    void troubled_now(TimePoint now) { trouble_until_ = now + std::chrono::seconds(16); }
    bool troubled() const { return !network_ || reading_ != Reading::All || suspended_; }
    void redial(TimePoint now);
    void let_go();
    void receive(TimePoint now);
    void write(TimePoint now);
    void frame(TimePoint now);
    void talk(TimePoint now);
    void take(session::ClientEvent event, TimePoint now);
    void take_events();
    void take_bulks();
    void take_replies();
    void check_snapshot();
    void flip(MutableByteSpan bytes);
    void fail(const std::string& what) const;

    GuestPlan plan_;
    Journal* journal_;
    Dial dial_;
    SeededRandom random_;
    session::ClientPeer peer_;
    LinePointer line_;
    bool end_told_ = false;  // of line_
    TimePoint next_frame_;
    TimePoint hangs_until_{};
    TimePoint next_read_{};  // when it trickles
    Reading reading_ = Reading::All;
    bool network_ = true;
    bool suspended_ = false;
    bool leaving_ = false;
    bool talks_ = true;
    bool gone_ = false;
    std::optional<session::ClientEvent> closed_;
    TimePoint closed_at_ = never;
    TimePoint trouble_until_{};
    TimePoint joined_at_ = never;
    TimePoint lost_at_ = never;
    StormRoom* room_ = nullptr;
    PlayerId player_ = 0;
    std::uint32_t generation_ = 0;
    std::uint32_t said_ = 0;  // events and requests
    std::uint32_t told_ = 0;
    std::uint32_t broadcasts_ = 0;
    std::uint32_t bulks_ = 0;
    std::map<std::uint32_t, std::uint32_t> asked_;  // request → its number
    std::vector<session::ReceivedEvent> events_;
    GuestCounters counters_;
    Bytes buffer_ = Bytes(16 * 1024);
};

}  // namespace tidewire::sim
