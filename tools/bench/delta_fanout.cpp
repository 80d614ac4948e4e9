// delta fanout: one tick for two thousand clients. The same room runs twice: once by the clock, and once more to be counted and
// checked.
#include <algorithm>
#include <map>
#include <utility>

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

/// The room, its entities and its clients: for the same options the same at every tick.
struct Stage {
    explicit Stage(const DeltaFanoutOptions& options)
        : crowd({.entities = options.entities, .seed = options.seed}),
          room(crowd.game(), crowd.layout(),
               {.tick_rate = Crowd::tick_rate, .players_max = options.clients, .entities_max = options.entities}) {
        for (std::uint32_t i = 0; i < options.clients; ++i) players.push_back(room.join("client", false));
    }

    Crowd crowd;
    server::Room room;
    std::vector<PlayerId> players;
};

/// A server's ticks and nothing else: what looks at the messages would take the caches from who makes them.
struct Times {
    Times(const DeltaFanoutOptions& options, const server::RoomResources& resources) {
        Stage stage(options);
        Audience audience(stage.room, stage.players, resources, bytes_per_tick(options));
        for (std::size_t i = 0; i < warm_up_ticks + options.ticks; ++i) {
            const double start = processor_us();
            stage.room.tick();
            const double ticked = processor_us();
            audience.tell_all(
                [&](std::size_t, const wire::TickMessage&, const Bytes& head) { head_bytes += head.size(); });
            const double told = processor_us();
            if (i < warm_up_ticks) continue;
            of_ticks.push_back(ticked - start);
            of_clients.push_back(ratio(told - ticked, options.clients));
        }
    }

    std::vector<double> of_ticks;
    std::vector<double> of_clients;
    std::size_t head_bytes = 0;  // of all messages: they tell the sizes of all bodies
};

/// The same ticks again, their messages counted and some clients' state compared with the room's.
class Counting {
public:
    Counting(const DeltaFanoutOptions& options, const server::RoomResources& resources)
        : options_(options),
          stage_(options),
          audience_(stage_.room, stage_.players, resources, bytes_per_tick(options)),
          codec_(stage_.crowd.layout(), resources.code_tables, Crowd::tick_rate) {
        const std::size_t witnesses = std::min(stage_.players.size(), witnesses_max);
        for (std::size_t i = 0; i < witnesses; ++i)
            witnesses_.try_emplace(i * stage_.players.size() / witnesses, codec_, options.entities);
    }

    /// Errors: Machine, of what a client was told and should not have been.
    Result<void> run() {
        for (std::size_t i = 0; i < warm_up_ticks + options_.ticks; ++i)
            if (auto ticked = tick(i >= warm_up_ticks); !ticked) return ticked;
        return {};
    }

    const Totals& totals() const { return totals_; }
    std::size_t head_bytes() const { return head_bytes_; }
    std::size_t witness_count() const { return witnesses_.size(); }

private:
    Result<void> tick(bool measured) {
        stage_.room.tick();
        Result<void> result;
        Totals ignored;
        Totals& totals = measured ? totals_ : ignored;
        GroupCounts groups(stage_.room);
        audience_.tell_all([&](std::size_t client, const wire::TickMessage& message, const Bytes& head) {
            head_bytes_ += head.size();
            totals.add(message, head.size());
            if (measured) groups.add(audience_.view(client), totals);
            const auto witness = witnesses_.find(client);
            if (witness == witnesses_.end() || !result) return;
            result = witness->second.receive(message);
            if (result) result = witness->second.compare(stage_.room, audience_.view(client));
        });
        return result;
    }

    DeltaFanoutOptions options_;
    Stage stage_;
    Audience audience_;
    replication::Codec codec_;
    std::map<std::size_t, Witness> witnesses_;  // by client
    Totals totals_;
    std::size_t head_bytes_ = 0;  // as Times counts them
};

nlohmann::ordered_json figures(const DeltaFanoutOptions& options, const Times& times, const Counting& counting) {
    const Totals& totals = counting.totals();
    const auto per_client = [&](double sum) { return ratio(sum, totals.messages); };
    return {{"bench", "delta fanout"},
            {"seed", options.seed},
            {"tables", tables_name(options.train_seed)},
            {"clients", options.clients},
            {"entities", options.entities},
            {"ticks", options.ticks},
            {"budget_bytes_per_second", options.budget},
            {"groups_per_client", per_client(totals.groups)},
            {"visible_entities_mean", per_client(totals.visible)},
            {"moving_visible_mean", per_client(totals.moving)},
            {"bodies_per_client", per_client(totals.bodies)},
            {"payload_bytes_per_client", per_client(totals.payload_bytes)},
            {"head_bytes_per_client", per_client(totals.head_bytes)},
            {"wire_bytes_per_client", per_client(totals.wire_bytes)},
            {"newcomers_share", ratio(totals.newcomers, totals.bodies)},
            {"newcomers_bytes_share", ratio(totals.newcomer_bytes, totals.payload_bytes)},
            {"catch_ups_share", ratio(totals.catch_ups, totals.bodies)},
            {"keyframes_share", ratio(totals.keyframes, totals.bodies)},
            {"keyframes_bytes_share", ratio(totals.keyframe_bytes, totals.payload_bytes)},
            {"hashes_told", totals.hashed},
            {"clients_verified", counting.witness_count()},
            {"state_bytes_per_subscriber", sizeof(server::Subscription)},
            {"us_per_client", median(times.of_clients)},
            {"us_per_client_min", quantile(times.of_clients, 0)},
            {"us_per_client_max", quantile(times.of_clients, 1)},
            {"room_tick_us", median(times.of_ticks)}};
}

}  // namespace

Result<nlohmann::ordered_json> delta_fanout(const DeltaFanoutOptions& options) {
    const server::RoomResources resources = resources_for(options);
    const Times times(options, resources);
    Counting counting(options, resources);
    if (auto counted = counting.run(); !counted) return Unexpected{std::move(counted).error()};
    if (counting.head_bytes() != times.head_bytes)
        return unexpected(Blame::Machine, "two runs of one room told different things");
    return figures(options, times, counting);
}

}  // namespace tidewire::bench
