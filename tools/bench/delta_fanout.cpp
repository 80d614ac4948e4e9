// delta fanout: one tick for two thousand clients. They are told twice: once by the clock, and once more, by a fan-out of their own, to
// be counted and checked.
#include <algorithm>
#include <map>

#include "sdk/core/ws/frame.h"
#include "tools/bench/delta_audience.h"
#include "tools/bench/delta_bench.h"
#include "tools/bench/delta_crowd.h"
#include "tools/bench/delta_figures.h"
#include "tools/bench/delta_training.h"
#include "tools/bench/processor_time.h"
#include "tools/bench/stats.h"

namespace tidewire::bench {

namespace {

/// Until every group's stream has begun, and nobody gets his first keyframes any more.
constexpr std::size_t warm_up_ticks = 30;
constexpr std::size_t witnesses_max = 5;

/// Of the messages of the measured ticks.
struct Totals {
    double messages = 0;
    double bodies = 0, newcomers = 0, catch_ups = 0, keyframes = 0;
    double payload_bytes = 0, newcomer_bytes = 0, keyframe_bytes = 0;
    double head_bytes = 0;
    double wire_bytes = 0;
    double visible = 0;
    double moving = 0;
    double groups = 0;
    double hashed = 0;  // messages that told a hash

    void add(const wire::TickMessage& message, std::size_t head) {
        std::size_t payload = 0;
        for (const wire::GroupBody& body : message.bodies) {
            const auto bytes = static_cast<double>(body.bytes.size());
            payload += body.bytes.size();
            bodies += 1;
            if (body.coding == wire::BodyCoding::Newcomers) {
                newcomers += 1;
                newcomer_bytes += bytes;
            }
            if (body.coding == wire::BodyCoding::CatchUp) catch_ups += 1;
            if (body.coding == wire::BodyCoding::Keyframe) {
                keyframes += 1;
                keyframe_bytes += bytes;
            }
        }
        messages += 1;
        payload_bytes += static_cast<double>(payload);
        head_bytes += static_cast<double>(head);
        wire_bytes += static_cast<double>(ws::to_bytes({.payload_bytes = head + payload}).size + head + payload);
        hashed += message.state_hash != 0 ? 1 : 0;
    }
};

/// Entities of each group, and how many of them have just moved.
class GroupCounts {
public:
    explicit GroupCounts(const server::Room& room) : room_(room) {}

    void add(const server::ClientView& view, Totals& totals) {
        for (const server::Subscription& subscription : view.following.subscriptions) {
            const auto [found, missing] = counts_.try_emplace(subscription.group);
            if (missing) found->second = count(room_.interest().members(subscription.group));
            totals.visible += found->second.members;
            totals.moving += found->second.moving;
            totals.groups += 1;
        }
    }

private:
    struct Counts {
        double members = 0;
        double moving = 0;
    };

    Counts count(const replication::Members& members) const {
        const replication::Snapshot& after = *room_.snapshots().newest();
        const replication::Snapshot& before = *room_.snapshots().find(after.tick - 1);
        Counts counts{static_cast<double>(members.count()), 0};
        for (const replication::Members::Part& part : members.parts()) {
            const replication::Chunk* const is = after.chunk(1, part.chunk);
            const replication::Chunk* const was = before.chunk(1, part.chunk);
            if (is == nullptr || was == nullptr) continue;
            const std::uint64_t changed = replication::changed_rows(*was, *is, room_.layout().slot_count(1));
            counts.moving += __builtin_popcountll(changed & part.rows);
        }
        return counts;
    }

    const server::Room& room_;
    std::map<server::GroupId, Counts> counts_;
};

server::RoomResources resources_for(const DeltaFanoutOptions& options) {
    server::RoomResources resources;
    if (options.train_seed == 0) return resources;
    const Crowd crowd({.entities = options.entities, .seed = options.train_seed});
    resources.code_tables = train_on_room(crowd.game(), crowd.layout(),
                                          {.tick_rate = Crowd::tick_rate,
                                           .entities_max = options.entities,
                                           .groups = std::size_t{Crowd::cells} * Crowd::cells});
    return resources;
}

std::size_t bytes_per_tick(const DeltaFanoutOptions& options) {
    if (options.budget == 0) return 0;
    return std::max<std::size_t>(options.budget / Crowd::tick_rate, 1);
}

class Bench {
public:
    explicit Bench(const DeltaFanoutOptions& options)
        : options_(options),
          crowd_({.entities = options.entities, .seed = options.seed}),
          room_(crowd_.game(), crowd_.layout(),
                {.tick_rate = Crowd::tick_rate, .players_max = options.clients, .entities_max = options.entities}),
          players_(join_all()),
          resources_(resources_for(options)),
          timed_(room_, players_, resources_, bytes_per_tick(options)),
          counted_(room_, players_, resources_, bytes_per_tick(options)),
          codec_(crowd_.layout(), resources_.code_tables, Crowd::tick_rate) {
        const std::size_t witnesses = std::min(players_.size(), witnesses_max);
        for (std::size_t i = 0; i < witnesses; ++i)
            witnesses_.try_emplace(i * players_.size() / witnesses, codec_, options.entities);
    }

    Result<nlohmann::ordered_json> run() {
        for (std::size_t i = 0; i < warm_up_ticks + options_.ticks; ++i)
            if (auto ticked = tick(i >= warm_up_ticks); !ticked) return Unexpected{ticked.error()};
        return figures();
    }

private:
    std::vector<PlayerId> join_all() {
        std::vector<PlayerId> players;
        for (std::uint32_t i = 0; i < options_.clients; ++i) players.push_back(room_.join("client", false));
        return players;
    }

    Result<void> tick(bool measured) {
        const double start = processor_us();
        room_.tick();
        const double ticked = processor_us();
        std::size_t written = 0;
        timed_.tell_all([&](std::size_t, const wire::TickMessage&, const Bytes& head) { written += head.size(); });
        const double told = processor_us();
        if (measured) {
            tick_times_.push_back(ticked - start);
            client_times_.push_back(ratio(told - ticked, options_.clients));
        }

        Result<void> result;
        Totals ignored;
        Totals& totals = measured ? totals_ : ignored;
        std::size_t counted = 0;
        GroupCounts groups(room_);
        counted_.tell_all([&](std::size_t client, const wire::TickMessage& message, const Bytes& head) {
            counted += head.size();
            totals.add(message, head.size());
            if (measured) groups.add(counted_.view(client), totals);
            const auto witness = witnesses_.find(client);
            if (witness == witnesses_.end() || !result) return;
            result = witness->second.receive(message);
            if (result) result = witness->second.compare(room_, counted_.view(client));
        });
        if (result && counted != written)
            return unexpected(Blame::Machine, "two fan-outs of one room told different things");
        return result;
    }

    nlohmann::ordered_json figures() const {
        const auto per_client = [&](double sum) { return ratio(sum, totals_.messages); };
        return {{"bench", "delta fanout"},
                {"seed", options_.seed},
                {"tables", tables_name(options_.train_seed)},
                {"clients", options_.clients},
                {"entities", options_.entities},
                {"ticks", options_.ticks},
                {"budget_bytes_per_second", options_.budget},
                {"groups_per_client", per_client(totals_.groups)},
                {"visible_entities_mean", per_client(totals_.visible)},
                {"moving_visible_mean", per_client(totals_.moving)},
                {"bodies_per_client", per_client(totals_.bodies)},
                {"payload_bytes_per_client", per_client(totals_.payload_bytes)},
                {"head_bytes_per_client", per_client(totals_.head_bytes)},
                {"wire_bytes_per_client", per_client(totals_.wire_bytes)},
                {"newcomers_share", ratio(totals_.newcomers, totals_.bodies)},
                {"newcomers_bytes_share", ratio(totals_.newcomer_bytes, totals_.payload_bytes)},
                {"catch_ups_share", ratio(totals_.catch_ups, totals_.bodies)},
                {"keyframes_share", ratio(totals_.keyframes, totals_.bodies)},
                {"keyframes_bytes_share", ratio(totals_.keyframe_bytes, totals_.payload_bytes)},
                {"hashes_told", totals_.hashed},
                {"clients_verified", witnesses_.size()},
                {"state_bytes_per_subscriber", sizeof(server::Subscription)},
                {"us_per_client", median(client_times_)},
                {"us_per_client_min", quantile(client_times_, 0)},
                {"us_per_client_max", quantile(client_times_, 1)},
                {"room_tick_us", median(tick_times_)}};
    }

    DeltaFanoutOptions options_;
    Crowd crowd_;
    server::Room room_;
    std::vector<PlayerId> players_;
    server::RoomResources resources_;
    Audience timed_;
    Audience counted_;
    replication::Codec codec_;
    std::map<std::size_t, Witness> witnesses_;  // by client
    std::vector<double> tick_times_;
    std::vector<double> client_times_;
    Totals totals_;
};

}  // namespace

Result<nlohmann::ordered_json> delta_fanout(const DeltaFanoutOptions& options) { return Bench(options).run(); }

}  // namespace tidewire::bench
