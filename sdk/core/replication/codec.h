// A schema and code tables, made ready for coding: a distribution for every context, and for every slot how it is predicted.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/replication/distribution.h"
#include "sdk/core/replication/layout.h"

namespace tidewire::replication {

/// How one slot is guessed and coded.
struct SlotModel {
    std::uint16_t slot;
    SlotClass slot_class;
    SlotKind kind;
    std::int32_t repeats;    ///< -1: the next change is expected to be like the last one; 0: it says nothing of it.
    std::int32_t remembers;  ///< -1: its change is remembered; 0: nothing is.
    std::int32_t first;
    std::int32_t last;
    std::uint32_t allowed_span;  ///< As far from `first` a value may be; where every 32-bit value may be one, 2^32 - 1.
    std::int32_t reach;          ///< No change is expected to be larger.
    std::int32_t rate_slot;      ///< Of SlotClass::Integral.
    std::int64_t rate_factor;    ///< Its own steps for one step of the rate and one tick, times 2^16.
    std::uint32_t context;       ///< The first of its block.
};

/// The slots of one table in coding order: rates come before their integrals.
struct RowModel {
    std::vector<SlotModel> slots;
    std::vector<std::int32_t> still;  ///< What is remembered of a row that did not move: a 0 for each slot.
    bool checked_by_slot =
        true;  ///< first and last say all about what a slot may hold; otherwise check_row() must look.
};

class Codec {
public:
    /// `layout` must outlive the codec. Tables of another schema are used as far as their slots go: precondition: of this
    /// schema, of one that it appends to, or built in.
    Codec(const Layout& layout, const CodeTables& tables, double tick_rate);

    const Layout& layout() const { return *layout_; }
    const RowModel& rows(std::size_t table) const { return rows_[table]; }
    const Distribution& distribution(std::uint32_t context) const { return distributions_[index_[context]]; }
    /// All of them by their contexts, for who looks up many in a row: nothing that is written meanwhile may be one of its pointers.
    class Distributions {
    public:
        Distributions(const std::uint32_t* index, const Distribution* made) : index_(index), made_(made) {}
        const Distribution& operator[](std::uint32_t context) const { return made_[index_[context]]; }
        /// Those of `context` and of the contexts behind it that differ from it in their level alone, one behind the other.
        const Distribution* levels(std::uint32_t context) const { return made_ + index_[context]; }

    private:
        const std::uint32_t* index_;
        const Distribution* made_;
    };
    Distributions distributions() const { return {index_.data(), distributions_.data()}; }
    std::uint64_t tables_id() const { return tables_id_; }
    std::size_t context_count() const { return index_.size(); }

    /// The context as SymbolCounts numbers it: by class, or by slot.
    std::uint32_t class_context(std::uint32_t context) const;
    std::uint32_t slot_context(std::uint32_t context) const { return context; }

private:
    void add_table(std::size_t table, const CodeTables& tables, double tick_rate);
    void add_block(const CodeTables& source, std::size_t source_model, std::uint32_t symbols);
    static void order_rates_first(RowModel& rows);

    const Layout* layout_;
    std::uint64_t tables_id_;
    std::vector<RowModel> rows_;
    std::vector<SlotClass> classes_;    // of each slot of the schema, in the order of their context blocks
    std::vector<std::uint32_t> index_;  // [context] → into distributions_: equal ones are shared
    std::vector<Distribution> distributions_;
    std::map<std::tuple<const CodeTables*, std::size_t, std::uint32_t>, std::uint32_t>
        blocks_;  // the first context of each made
};

}  // namespace tidewire::replication
