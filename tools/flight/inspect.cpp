// tidewire-flight inspect: what a recording holds, and which bodies and components its bytes go to.
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/printable.h"
#include "tools/flight/replay.h"
#include "tools/flight/verbs.h"

namespace tidewire::flight {

namespace {

constexpr std::array<const char*, 6> coding_names = {"deltas", "catch_ups", "keyframes", "newcomers", "left", "verify"};

/// The bytes of each table's section in a body, as sdk/PROTOCOL.md has it: a mask, lengths of all but the last, sections. The body
/// has been decoded before, so what it says fits.
void add_sections(ByteSpan body, std::vector<std::uint64_t>& tables) {
    ByteReader reader(body);
    std::vector<std::size_t> present;
    constexpr std::size_t bits = 7;
    for (std::size_t group = 0; !reader.at_end(); ++group) {
        const unsigned byte = reader.read_u8().value_or(0);
        for (std::size_t bit = 0; bit < bits; ++bit)
            if ((byte >> bit & 1U) != 0) present.push_back(group * bits + bit);
        if (byte < 0x80) break;
    }
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < present.size() && present[i] < tables.size(); ++i) {
        const bool last = i + 1 == present.size();
        const std::uint64_t size = last ? reader.remaining() - sum : reader.read_varint32().value_or(0);
        if (!last) sum += size;
        tables[present[i]] += size;
    }
}

int run(const std::string& path) {
    auto replay = Replay::open(path);
    if (!replay) return fail(replay.error());
    std::array<BodyTotals, coding_names.size()> codings;
    std::vector<std::uint64_t> delta_sections(replay->layout().table_count());
    Tick first = 0;
    std::uint64_t ticks = 0;
    for (;;) {
        const Result<bool> more = replay->next();
        if (!more) return fail(more.error());
        if (!*more) break;
        ++ticks;
        if (first == 0) first = replay->now().tick;
        for (const RecordedBody& body : replay->bodies()) {
            codings[static_cast<std::size_t>(body.coding)].add(body.bytes);
            if (body.coding == wire::BodyCoding::Delta) add_sections(body.body, delta_sections);
        }
    }
    if (replay->cut()) warn("\"" + printable(path) + "\" is cut off within a record; this is what came before");

    const wire::FlightHeader& header = replay->header();
    nlohmann::ordered_json figures;
    figures["schema"] = std::string(replay->schema().name);
    figures["schema_hash"] = hex_id(replay->schema().hash);
    figures["sdk_version"] = header.sdk_version;
    figures["tick_rate"] = header.tick_rate;
    figures["entities_max"] = header.entities_max;
    figures["code_tables"] = hex_id(header.code_tables.id);
    figures["dictionary"] = header.dictionary.id == 0 ? "none" : hex_id(header.dictionary.id);
    figures["ticks"] = ticks;
    figures["first_tick"] = first;
    figures["last_tick"] = replay->now().tick;
    figures["groups_at_the_end"] = replay->groups().size();
    for (std::size_t i = 0; i < codings.size(); ++i)
        if (codings[i].bodies > 0)
            figures["bodies"][coding_names[i]] = {{"bodies", codings[i].bodies}, {"bytes", codings[i].bytes}};
    for (std::size_t table = 0; table < delta_sections.size(); ++table)
        figures["delta_bytes"][table == 0 ? "entities" : replay->layout().table_name(table)] = delta_sections[table];
    print(figures);
    return 0;
}

}  // namespace

void add_inspect(CLI::App& app, int& exit_code) {
    const auto path = std::make_shared<std::string>();
    CLI::App* const verb =
        app.add_subcommand("inspect", "Show what a recording holds, and what its bytes are spent on");
    verb->add_option("recording", *path, "The recording")->required()->type_name("RECORDING");
    verb->callback([path, &exit_code] { exit_code = run(*path); });
}

}  // namespace tidewire::flight
