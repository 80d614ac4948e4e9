// The file: "TWCT", version, schema hash, number of models, then the contexts. A context begins with the number of its symbols that
// are stored; 0 borrows the weights of its block's first context. A weight is a byte with 3 bits of mantissa.

#include "sdk/core/replication/code_tables.h"

#include <algorithm>
#include <numeric>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/replication/code_tables_built_in.h"

namespace tidewire::replication {

namespace {

constexpr std::uint32_t magic = 0x54435754;  // "TWCT"
constexpr std::uint8_t file_version = 1;
constexpr std::size_t models_max = 65'535;
// Below so many symbols a context's own counts say little: its block's sum counts as much.
constexpr std::uint64_t prior_symbols = 24;

using Weights = CodeTables::Weights;

std::uint8_t to_byte(std::uint32_t weight) {
    if (weight < 16) return static_cast<std::uint8_t>(weight);
    const unsigned octave = token::octave(weight);
    return static_cast<std::uint8_t>((octave - 2) * 8 + (weight >> (octave - 3) & 7));
}

std::uint32_t from_byte(std::uint8_t byte) {
    if (byte < 16) return byte;
    const unsigned octave = byte / 8U + 2;
    return (8U + byte % 8U) << (octave - 3);
}

constexpr std::uint8_t weight_byte_max = 127;  // about 2^18: the sum of 64 stays far below 2^32

/// Where the block of similar contexts begins that `context` belongs to: one lends to another.
std::uint32_t block_of(std::uint32_t context) {
    using namespace contexts;
    if (context < again) return context;
    if (context < structure_count) return again;
    const std::uint32_t in_model = (context - structure_count) % model_count;
    const std::uint32_t model = context - in_model;
    if (in_model >= remembered) return model + remembered;
    return in_model >= added ? model + added : model + changes;
}

std::uint64_t sum_of(const Weights& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

/// The sum of its block, and of the contexts of the same magnitude.
Weights blend(const SymbolCounts& counts, std::uint32_t context, const Weights& block_sum) {
    const SymbolCounts::Row& own = counts.rows()[context];
    const std::uint64_t block_total = sum_of(block_sum);
    // In units of 1/256 symbol, and scaled so that the largest fits a byte's range.
    std::array<std::uint64_t, 64> mixed{};
    std::uint64_t largest = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        mixed[i] = std::uint64_t{own[i]} * 256;
        if (block_total > 0) mixed[i] += prior_symbols * 256 * block_sum[i] / block_total;
        largest = std::max(largest, mixed[i]);
    }
    Weights weights{};
    for (std::size_t i = 0; i < own.size() && largest > 0; ++i)
        weights[i] = static_cast<std::uint32_t>((mixed[i] * 65'535 + largest / 2) / largest);
    return weights;
}

/// The file. Contexts that fewer than `symbols_min` symbols were met in borrow.
Bytes write(const SymbolCounts& counts, std::uint64_t schema_hash, std::uint64_t symbols_min) {
    const std::size_t models = (counts.rows().size() - contexts::structure_count) / contexts::model_count;
    Bytes out;
    append_little_endian(out, magic);
    out.push_back(std::byte{file_version});
    append_little_endian(out, schema_hash);
    append_varint(out, models);
    std::uint32_t block = 0;
    Weights block_sum{};
    for (std::uint32_t context = 0; context < counts.rows().size(); ++context) {
        if (context == 0 || block_of(context) != block) {
            block = block_of(context);
            block_sum = {};
            for (std::uint32_t other = block; other < counts.rows().size() && block_of(other) == block; ++other)
                for (std::size_t i = 0; i < block_sum.size(); ++i) block_sum[i] += counts.rows()[other][i];
        }
        // The first has what the others borrow.
        const std::uint64_t met = sum_of(context == block ? block_sum : counts.rows()[context]);
        const Weights weights = blend(counts, context, block_sum);
        std::size_t stored = met >= symbols_min ? weights.size() : 0;
        while (stored > 0 && to_byte(weights[stored - 1]) == 0) --stored;
        append_varint(out, stored);
        for (std::size_t i = 0; i < stored; ++i)
            out.push_back(static_cast<std::byte>(std::min(to_byte(weights[i]), weight_byte_max)));
    }
    return out;
}

}  // namespace

SlotClass class_of(const Slot& slot) {
    switch (slot.kind) {
        case SlotKind::ExactFloat:
        case SlotKind::WideLow:
        case SlotKind::WideHigh:
            return SlotClass::Exact;
        case SlotKind::QuaternionLargest:
            return SlotClass::QuaternionLargest;
        case SlotKind::QuaternionPart:
            return SlotClass::QuaternionPart;
        case SlotKind::Number:
        case SlotKind::Angle:
            break;
    }
    switch (slot.prediction) {
        case Prediction::Linear:
            return SlotClass::Linear;
        case Prediction::Integral:
            return SlotClass::Integral;
        case Prediction::Static:
            return SlotClass::Static;
        case Prediction::Delta:
            break;
    }
    if (slot.kind == SlotKind::Angle) return SlotClass::Angle;
    constexpr std::int64_t small = 16;  // flags, modes, hit points of a knight
    return std::int64_t{slot.last} - slot.first < small ? SlotClass::Small : SlotClass::Delta;
}

CodeTables CodeTables::train(const SymbolCounts& counts, std::uint64_t schema_hash) {
    // The more fields a schema has, the more often a context must have been met to be worth its bytes.
    Bytes bytes = write(counts, schema_hash, 1);
    for (std::uint64_t symbols_min = 2; bytes.size() > code_tables_bytes_max && symbols_min != 0; symbols_min *= 2)
        bytes = write(counts, schema_hash, symbols_min);
    // What a reader will make of the bytes is what counts here, too.
    return parse(bytes).value();
}

Result<CodeTables> CodeTables::parse(ByteSpan bytes) {
    const auto refuse = [](const char* what) {
        return unexpected(
            Blame::Peer, std::string("code tables ") + what + "; train them with this version's tidewire-flight", 1007);
    };
    if (bytes.size() > code_tables_bytes_max) return refuse("are larger than 512 KiB");
    ByteReader reader(bytes);
    if (reader.read_little_endian<std::uint32_t>() != magic) return refuse("do not begin with TWCT");
    if (reader.read_u8() != file_version) return refuse("are of another version");
    CodeTables tables;
    tables.schema_hash_ = reader.read_little_endian<std::uint64_t>().value_or(0);
    const std::uint32_t models = reader.read_varint32().value_or(0);
    // Each context takes a byte at least: nothing is allocated for what is not there.
    if (models > models_max || models * std::size_t{contexts::model_count} > reader.remaining())
        return refuse("are cut off");
    if (tables.schema_hash_ == 0 && models != slot_class_count) return refuse("lack classes");
    tables.places_.resize(contexts::structure_count + models * contexts::model_count);
    for (std::uint32_t context = 0; context < tables.places_.size(); ++context) {
        tables.places_[context] = static_cast<std::uint32_t>(bytes.size() - reader.remaining());
        const std::uint32_t stored = reader.read_varint32().value_or(0);
        if (stored == 0 && block_of(context) != context) tables.places_[context] = tables.places_[block_of(context)];
        const auto values = stored <= Weights{}.size() ? reader.read_bytes(stored) : std::nullopt;
        if (!values || reader.failed()) return refuse("are cut off");
    }
    if (!reader.at_end()) return refuse("have bytes after their end");
    tables.bytes_.assign(bytes.begin(), bytes.end());
    tables.id_ = fnv1a(bytes);
    return tables;
}

CodeTables::Weights CodeTables::weights(std::uint32_t context) const {
    // parse() has seen that the number is one byte, and that as many follow.
    const ByteSpan at = ByteSpan(bytes_).subspan(places_[context]);
    const auto stored = std::to_integer<std::size_t>(at.front());
    Weights weights{};
    for (std::size_t i = 0; i < stored; ++i)
        weights[i] = from_byte(std::min(std::to_integer<std::uint8_t>(at[1 + i]), weight_byte_max));
    return weights;
}

const CodeTables& CodeTables::built_in() {
    static const CodeTables tables = [] {
        CodeTables made = parse(built_in_code_tables()).value();
        made.id_ = 0;
        return made;
    }();
    return tables;
}

}  // namespace tidewire::replication
