// Names and ratios.
#include "tools/bench/delta_figures.h"

#include "sdk/core/base/hash.h"
#include "server/room/budget.h"

namespace tidewire::bench {

void append_delta(nlohmann::ordered_json& figures, const ReplayFigures& replayed) {
    figures["bytes_mean"] = replayed.bytes_mean;
    figures["order0_bound_bytes_mean"] = replayed.order0_bound_bytes_mean;
    figures["order0_bound_ratio"] = ratio(replayed.bytes_mean, replayed.order0_bound_bytes_mean);
    figures["prefix_bytes_mean"] = replayed.prefix_bytes_mean;
    figures["prefix_ratio"] = ratio(replayed.prefix_bytes_mean, replayed.bytes_mean);
    figures["symbols_mean"] = replayed.symbols_mean;
}

void append_late(nlohmann::ordered_json& figures, const ReplayFigures& replayed, std::size_t bitpack_full_bytes) {
    const auto full = static_cast<double>(bitpack_full_bytes);
    figures["keyframe_bytes_mean"] = replayed.keyframe_bytes_mean;
    figures["keyframe_packed_bytes_mean"] = replayed.keyframe_packed_bytes_mean;
    figures["after_keyframe_bytes_mean"] = replayed.after_keyframe_bytes_mean;
    figures["bitpack_full_bytes"] = full;
    figures["bitpack_full_ratio"] = ratio(full, replayed.keyframe_packed_bytes_mean);
    nlohmann::ordered_json catch_ups = nlohmann::ordered_json::array();
    for (const CatchUpSizes& sizes : replayed.catch_ups)
        catch_ups.push_back({{"skip_ticks", sizes.skip_ticks},
                             {"catchup_bytes_mean", sizes.catchup_bytes_mean},
                             {"fresh_delta_bytes_mean", sizes.fresh_delta_bytes_mean},
                             {"ratio", ratio(sizes.catchup_bytes_mean, sizes.fresh_delta_bytes_mean)}});
    figures["catch_up"] = std::move(catch_ups);
    figures["never_above_keyframe"] = replayed.never_above_keyframe;
}

void append_costs(nlohmann::ordered_json& figures, const ReplayFigures& replayed, const ReplayTimes& times) {
    figures["encode_us_mean"] = times.encode_us_mean;
    figures["decode_us_mean"] = times.decode_us_mean;
    figures["state_bytes_per_subscriber"] = sizeof(server::Subscription);
    std::uint64_t hash = fnv1a({});
    for (const Bytes& body : replayed.bodies) hash = fnv1a(body, hash);
    figures["bodies_hash"] = hash;
}

}  // namespace tidewire::bench
