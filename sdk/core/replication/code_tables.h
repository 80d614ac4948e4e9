// Weights for every context of the coder, as data: built in for every game, or trained from recordings of one (by tidewire-flight).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/contexts.h"
#include "sdk/core/replication/layout.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// The models that are built in; a field takes one by its kind.
enum class SlotClass : std::uint8_t {
    Delta,
    Linear,
    Integral,
    Static,
    Angle,
    QuaternionLargest,
    QuaternionPart,
    Small,
    Exact
};
inline constexpr std::size_t slot_class_count = 9;

SlotClass class_of(const Slot& slot);

/// How often each symbol was met in each context: what tables are made of.
class SymbolCounts {
public:
    /// `models` is slot_class_count, or the number of all slots of a schema's components.
    explicit SymbolCounts(std::size_t models) : counts_(contexts::structure_count + models * contexts::model_count) {}

    using Row = std::array<std::uint32_t, 64>;
    void add(std::uint32_t context, std::uint32_t symbol) { ++counts_[context][symbol]; }
    const std::vector<Row>& rows() const { return counts_; }

private:
    std::vector<Row> counts_;
};

class CodeTables {
public:
    using Weights = std::array<std::uint32_t, 64>;

    /// Id 0: what two ends use that agreed on nothing else.
    static const CodeTables& built_in();
    /// Contexts that were met seldom borrow from their neighbours, the more of them the more models there are: a reader takes
    /// code_tables_bytes_max. `schema_hash` 0: for the classes, not for a schema's slots. Precondition: at most 3'900 models.
    static CodeTables train(const SymbolCounts& counts, std::uint64_t schema_hash);
    /// Errors blame the peer: not such a file, cut off, or more than it may hold. At most code_tables_bytes_max.
    static Result<CodeTables> parse(ByteSpan bytes);

    const Bytes& bytes() const { return bytes_; }
    /// Hash of bytes(); 0 for the built-in ones.
    std::uint64_t id() const { return id_; }
    /// Of the schema whose slots have a model each; 0 where classes have one.
    std::uint64_t schema_hash() const { return schema_hash_; }
    std::size_t model_count() const { return (places_.size() - contexts::structure_count) / contexts::model_count; }
    /// Those stored, or those borrowed from the first context of its block.
    Weights weights(std::uint32_t context) const;

private:
    std::uint64_t id_ = 0;
    std::uint64_t schema_hash_ = 0;
    Bytes bytes_;
    // [context]: where its weights begin in bytes_. Unpacked they would take 256 bytes for a byte that a stranger sends.
    std::vector<std::uint32_t> places_;
};

/// 255 components of a dozen numbers, at some 40 bytes for each context that occurs: a stranger may send no more.
inline constexpr std::size_t code_tables_bytes_max = 512 * 1024;

}  // namespace tidewire::replication
