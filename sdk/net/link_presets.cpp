// One-way latencies are half of the round trips that such links show under light load; rates are what is left for one flow in a
// busy hour, not what is advertised; stalls are what their losses and handovers cost a TCP stream.
#include "sdk/net/link_presets.h"

#include <algorithm>
#include <array>

namespace tidewire::net {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kilobits(std::size_t per_second) { return per_second * 1000 / 8; }

const std::array presets{
    LinkPreset{.name = "lan",
               .title = "LAN",
               .up = {.latency = Duration(200), .jitter = Duration(100), .bytes_per_second = kilobits(1'000'000)},
               .down = {.latency = Duration(200), .jitter = Duration(100), .bytes_per_second = kilobits(1'000'000)}},
    LinkPreset{.name = "cable",
               .title = "cable",
               .up = {.latency = milliseconds(10), .jitter = milliseconds(2), .bytes_per_second = kilobits(10'000)},
               .down = {.latency = milliseconds(10), .jitter = milliseconds(2), .bytes_per_second = kilobits(100'000)}},
    LinkPreset{.name = "dsl",
               .title = "DSL",
               .up = {.latency = milliseconds(20), .jitter = milliseconds(4), .bytes_per_second = kilobits(1'000)},
               .down = {.latency = milliseconds(20), .jitter = milliseconds(4), .bytes_per_second = kilobits(8'000)}},
    LinkPreset{.name = "4g",
               .title = "4G",
               .up = {.latency = milliseconds(35),
                      .jitter = milliseconds(20),
                      .bytes_per_second = kilobits(5'000),
                      .stall_every = seconds(8),
                      .stall_for = milliseconds(120)},
               .down = {.latency = milliseconds(30),
                        .jitter = milliseconds(15),
                        .bytes_per_second = kilobits(12'000),
                        .stall_every = seconds(8),
                        .stall_for = milliseconds(120)}},
    LinkPreset{.name = "3g",
               .title = "3G",
               .up = {.latency = milliseconds(90),
                      .jitter = milliseconds(50),
                      .bytes_per_second = kilobits(330),
                      .stall_every = seconds(5),
                      .stall_for = milliseconds(250)},
               .down = {.latency = milliseconds(80),
                        .jitter = milliseconds(40),
                        .bytes_per_second = kilobits(780),
                        .stall_every = seconds(5),
                        .stall_for = milliseconds(250)}},
    LinkPreset{.name = "train",
               .title = "train",
               .up = {.latency = milliseconds(60),
                      .jitter = milliseconds(60),
                      .bytes_per_second = kilobits(1'000),
                      .stall_every = seconds(12),
                      .stall_for = milliseconds(1'500)},
               .down = {.latency = milliseconds(60),
                        .jitter = milliseconds(60),
                        .bytes_per_second = kilobits(2'000),
                        .stall_every = seconds(12),
                        .stall_for = milliseconds(1'500)}},
    LinkPreset{.name = "hotel-wifi",
               .title = "hotel Wi-Fi",
               .up = {.latency = milliseconds(25),
                      .jitter = milliseconds(80),
                      .bytes_per_second = kilobits(500),
                      .stall_every = seconds(3),
                      .stall_for = milliseconds(300)},
               .down = {.latency = milliseconds(25),
                        .jitter = milliseconds(80),
                        .bytes_per_second = kilobits(1'000),
                        .stall_every = seconds(3),
                        .stall_for = milliseconds(300)}},
};

}  // namespace

std::span<const LinkPreset> link_presets() { return presets; }

const LinkPreset* find_link_preset(std::string_view name) {
    const auto found =
        std::find_if(presets.begin(), presets.end(), [&](const LinkPreset& each) { return each.name == name; });
    return found == presets.end() ? nullptr : &*found;
}

std::string link_preset_names() {
    std::string names;
    for (const LinkPreset& preset : presets) names += (names.empty() ? "" : ", ") + std::string(preset.name);
    return names;
}

}  // namespace tidewire::net
