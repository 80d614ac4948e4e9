// Storm, calm, and nobody.
#include "tools/sim/storm/storm.h"

#include <algorithm>

#include "sdk/core/base/hash.h"
#include "tools/sim/storm/actions.h"
#include "tools/sim/storm/invariants.h"

namespace tidewire::sim {

namespace {

using session::ClientState;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// From the last disturbance on: who is lost finds back or gives up, a server that was down is up, requests are answered.
constexpr Duration rest_within = seconds(90);
/// From a leave to the last acknowledgement of it.
constexpr Duration leave_within = seconds(20);

class Run {
public:
    explicit Run(const StormOptions& options) : options_(options) {
        journal_.on_line = options.on_line;
        report_.seed = options.seed;
    }

    StormReport run() {
        // Actions that are added later must not change who is who.
        Scene scene(hash_combine(options_.seed, 1), journal_);
        Invariants invariants(scene);
        const TimePoint began = scene.now();
        if (rage(scene, invariants) && rest(scene, invariants)) part(scene, invariants);
        scene.sweep();
        report_.broken = journal_.broken();
        if (report_.broken) report_.last_lines.assign(journal_.lines().begin(), journal_.lines().end());
        report_.digest = journal_.digest();
        report_.length = scene.now() - began;
        report_.counters = scene.counters();
        if (scene.server() != nullptr) report_.counters.moves += scene.server()->moves();
        report_.connection_bytes_max = invariants.connection_bytes_max();
        report_.room_bytes_max = invariants.room_bytes_max();
        return std::move(report_);
    }

private:
    bool holds() const { return !journal_.broken(); }

    bool step(Scene& scene, Invariants& invariants, Duration length) {
        scene.run_for(length);
        if (holds()) invariants.check();
        if (holds()) scene.sweep();
        return holds();
    }

    bool rage(Scene& scene, Invariants& invariants) {
        SeededRandom random(hash_combine(options_.seed, 2));
        const TimePoint end = scene.now() + options_.length;
        // Some seeds are all trouble, and some mostly play.
        const std::uint32_t gap_max = 100'000U << random.below(6);
        while (scene.now() < end) {
            const Action& action = draw_action(random);
            if (action.run(scene)) ++report_.actions[std::string(action.name)];
            // Some things happen at once.
            const Duration gap = random.below(4) == 0 ? Duration(0) : Duration(random.below(gap_max));
            if (!step(scene, invariants, gap)) return false;
        }
        return true;
    }

    /// All is well again: who is there plays, and has heard all.
    bool rest(Scene& scene, Invariants& invariants) {
        journal_.note("calm");
        scene.calm();
        const TimePoint now = scene.now();
        for (const auto& intruder : scene.intruders()) intruder->go();
        for (StormRoom* const room : scene.rooms()) room->be_still();
        for (const auto& guest : scene.guests()) {
            guest->be_still();
            net::LinkOptions up = guest->plan().up;
            net::LinkOptions down = guest->plan().down;
            up.reset_after = down.reset_after = std::nullopt;
            guest->change_link(up, down, now);
            guest->read(Guest::Reading::All, now);
            guest->resume(now);
            guest->restore(now);
            if (!guest->honest()) guest->leave(now);
        }
        for (std::string why = "x"; !why.empty();) {
            if (!step(scene, invariants, milliseconds(500))) return false;
            why.clear();
            for (const auto& guest : scene.guests())
                if (why.empty()) why = unrest(*guest);
            if (!why.empty() && scene.now() - now > rest_within) journal_.fail("there is no rest: " + why);
        }
        return holds();
    }

    static std::string unrest(const Guest& guest) {
        if (guest.gone() || !guest.honest()) return {};
        if (guest.session().state() != ClientState::Playing) return guest.name() + " does not play";
        if (guest.room() == nullptr) return guest.name() + " plays nowhere";
        const std::string missing = guest.unfinished();
        return missing.empty() ? std::string() : guest.name() + ": " + missing;
    }

    /// All leave, and nothing of them stays.
    void part(Scene& scene, Invariants& invariants) {
        journal_.note("all leave");
        const TimePoint now = scene.now();
        for (const auto& guest : scene.guests())
            if (!guest->leaving()) guest->leave(now);
        const auto anybody = [&] {
            return std::any_of(scene.guests().begin(), scene.guests().end(), [](const auto& guest) { return !guest->gone(); });
        };
        while (anybody()) {
            if (!step(scene, invariants, milliseconds(500))) return;
            if (scene.now() - now > leave_within) return journal_.fail("somebody cannot leave");
        }
        // Who was lost is not waited for any more, and what vanished is found out by its silence.
        if (!step(scene, invariants, scene.options().resume_within + seconds(18))) return;
        invariants.check_empty();
    }

    StormOptions options_;
    Journal journal_;
    StormReport report_;
};

}  // namespace

StormReport run_storm(const StormOptions& options) { return Run(options).run(); }

}  // namespace tidewire::sim
