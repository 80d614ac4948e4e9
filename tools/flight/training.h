// Code tables and a zstd dictionary from recordings, and what they save, measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/wire/dictionary.h"
#include "tools/flight/reencoder.h"

namespace tidewire::flight {

struct TrainingOptions {
    std::vector<std::string> recordings;
    std::vector<std::string> verify{};  ///< Not learnt from: what the result is worth in a match that it has not seen.
    /// At most so large; empty: no dictionary.
    std::optional<std::size_t> dictionary_bytes{};
    /// For the kinds of slots that all games have, not for the slots of one schema: recordings may be of different games.
    bool built_in = false;
};

/// What recordings tell, in bytes.
struct Measured {
    std::uint64_t ticks = 0;
    EncodedTotals before;  ///< With the tables and dictionaries of the recordings.
    EncodedTotals after;   ///< With the trained ones.
};

struct Training {
    std::string schema;
    std::vector<std::string> cut;  ///< Recordings that end within a record: what came before was used.
    replication::CodeTables code_tables = replication::CodeTables::built_in();
    std::optional<wire::Dictionary> dictionary{};
    Measured seen;                   ///< Of the recordings that were learnt from, which flatters.
    std::optional<Measured> unseen;  ///< Of TrainingOptions::verify; empty when there are none.
};

/// Reads each recording several times. Errors name the recording: missing, not one, damaged, without ticks, of another schema than
/// the first; or say that there is too little to learn a dictionary from.
Result<Training> train(const TrainingOptions& options);

}  // namespace tidewire::flight
