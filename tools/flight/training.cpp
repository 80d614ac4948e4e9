// Three passes: count symbols, collect what the dictionary is made from, measure. And a measurement of what was not learnt from.
#include "tools/flight/training.h"

#include <zdict.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/core/wire/codec.h"

namespace tidewire::flight {

namespace {

using replication::Codec;
using replication::CodeTables;
using replication::SymbolCounts;

// Of contexts with 264 bytes each: beyond, tables would not fit a message to a client anyway.
constexpr std::size_t models_max = 1024;
// More than enough for the largest dictionary, and for zstd's own limit of what it looks at.
constexpr std::size_t sample_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t samples_min = 8;

class Counter final : public replication::SymbolListener {
public:
    Counter(const Codec& codec, SymbolCounts& counts, bool by_class)
        : codec_(&codec), counts_(&counts), by_class_(by_class) {}

    void symbol(std::uint32_t context, std::uint32_t symbol) override {
        counts_->add(by_class_ ? codec_->class_context(context) : codec_->slot_context(context), symbol);
    }
    void bits(unsigned) override {}

private:
    const Codec* codec_;
    SymbolCounts* counts_;
    bool by_class_;
};

/// What zstd's trainer wants: all samples in a row, and their sizes.
struct Samples {
    Bytes bytes;
    std::vector<std::size_t> sizes;

    void add(ByteSpan sample) {
        if (sample.empty() || bytes.size() + sample.size() > sample_bytes_max) return;
        append(bytes, sample);
        sizes.push_back(sample.size());
    }
};

std::size_t model_count(const Codec& codec) {
    return (codec.context_count() - replication::contexts::structure_count) / replication::contexts::model_count;
}

/// Plays a recording to its end. `make` is told the replay and gives the encoder for it.
Result<EncodedTotals> play(Replay& replay, const Codec& codec, Encoding encoding, std::uint64_t* ticks = nullptr) {
    Reencoder reencoder(codec, std::move(encoding));
    for (;;) {
        const Result<bool> more = replay.next();
        if (!more) return Unexpected{more.error()};
        if (!*more) return reencoder.totals();
        reencoder.tick(replay);
        if (ticks != nullptr) ++*ticks;
    }
}

/// The same with other tables.
Result<EncodedTotals> play_with(const std::string& path, const CodeTables& tables, Encoding encoding) {
    auto replay = Replay::open(path);
    if (!replay) return Unexpected{replay.error()};
    const Codec codec(replay->layout(), tables, replay->header().tick_rate);
    return play(*replay, codec, std::move(encoding));
}

/// Counts every recording into `training`.
class Count {
public:
    Count(Training& training, bool built_in) : training_(&training), built_in_(built_in) {}

    Result<void> add(const std::string& path) {
        auto replay = Replay::open(path);
        if (!replay) return Unexpected{replay.error()};
        if (auto same = check_schema(*replay); !same) return same;
        if (!counts_) counts_.emplace(built_in_ ? replication::slot_class_count : model_count(replay->codec()));
        Counter counter(replay->codec(), *counts_, built_in_);
        std::uint64_t ticks = 0;
        const auto totals =
            play(*replay, replay->codec(), {.listener = &counter, .dictionary = replay->dictionary()}, &ticks);
        if (!totals) return Unexpected{totals.error()};
        if (ticks < 2)
            return unexpected(Blame::Caller, "\"" + printable(path) +
                                                 "\" holds no change to learn from: record a running game for longer");
        if (replay->cut()) training_->cut.push_back(path);
        training_->seen.before += *totals;
        training_->seen.ticks += ticks;
        return {};
    }
    /// A recording that is not counted, before and after.
    Result<void> verify(const std::string& path, const Encoding& trained, Measured& measured) const {
        auto replay = Replay::open(path);
        if (!replay) return Unexpected{replay.error()};
        if (auto same = check_same(*replay); !same) return same;
        const auto before = play(*replay, replay->codec(), {.dictionary = replay->dictionary()}, &measured.ticks);
        if (!before) return Unexpected{before.error()};
        if (replay->cut()) training_->cut.push_back(path);
        const auto after = play_with(path, training_->code_tables, trained);
        if (!after) return Unexpected{after.error()};
        measured.before += *before;
        measured.after += *after;
        return {};
    }
    const SymbolCounts& counts() const { return *counts_; }
    std::uint64_t schema_hash() const { return built_in_ ? 0 : schema_hash_; }

private:
    Result<void> check_schema(const Replay& replay) {
        if (first_.empty()) {
            first_ = replay.path();
            text_ = replay.header().schema;
            schema_hash_ = replay.schema().hash;
            training_->schema = replay.schema().name;
        }
        if (auto same = check_same(replay); !same) return same;
        const std::size_t models = model_count(replay.codec());
        if (models == 0)
            return unexpected(Blame::Caller, "\"" + printable(replay.path()) +
                                                 "\": its schema has no component with numbers: there is nothing that "
                                                 "tables could say");
        if (models > models_max)
            return unexpected(Blame::Caller, "\"" + printable(replay.path()) + "\": its components have " +
                                                 std::to_string(models) + " numbers; tables hold at most " +
                                                 std::to_string(models_max));
        return {};
    }

    Result<void> check_same(const Replay& replay) const {
        if (built_in_ || replay.header().schema == text_) return {};
        return unexpected(Blame::Caller, "\"" + printable(first_) + "\" and \"" + printable(replay.path()) +
                                             "\" are of different schemas; train with recordings of one version of one "
                                             "game");
    }

    Training* training_;
    bool built_in_;
    std::optional<SymbolCounts> counts_;
    std::string first_;
    std::string text_;
    std::uint64_t schema_hash_ = 0;
};

Result<wire::Dictionary> train_dictionary(const Samples& samples, std::size_t bytes_max) {
    Bytes bytes(bytes_max);
    std::size_t size = 0;
    bool failed = samples.sizes.size() < samples_min;
    if (!failed) {
        size = ZDICT_trainFromBuffer(bytes.data(), bytes.size(), samples.bytes.data(), samples.sizes.data(),
                                     static_cast<unsigned>(samples.sizes.size()));
        failed = ZDICT_isError(size) != 0;
    }
    if (failed)
        return unexpected(Blame::Caller,
                          "too little to train a dictionary of " + std::to_string(bytes_max) +
                              " bytes from: " + std::to_string(samples.sizes.size()) + " keyframes with " +
                              std::to_string(samples.bytes.size()) +
                              " bytes. Record longer and with more players, ask for a smaller one "
                              "(--dictionary-bytes), or do without: small keyframes gain nothing from it");
    bytes.resize(size);
    return wire::Dictionary::parse(bytes);
}

}  // namespace

Result<Training> train(const TrainingOptions& options) {
    Training training;
    Count count(training, options.built_in);
    for (const std::string& path : options.recordings)
        if (auto added = count.add(path); !added) return Unexpected{added.error()};

    training.code_tables = CodeTables::train(count.counts(), count.schema_hash());
    if (const std::size_t size = training.code_tables.bytes().size(); size > wire::Limits{}.resource_bytes_max)
        return unexpected(Blame::Caller, "the tables take " + std::to_string(size) + " bytes, more than the " +
                                             std::to_string(wire::Limits{}.resource_bytes_max) +
                                             " that clients accept: the schema has too many numbers");
    if (options.dictionary_bytes) {
        Samples samples;
        for (const std::string& path : options.recordings) {
            const auto played = play_with(path, training.code_tables,
                                          {.on_packable = [&samples](ByteSpan body) { samples.add(body); }});
            if (!played) return Unexpected{played.error()};
        }
        auto dictionary = train_dictionary(samples, *options.dictionary_bytes);
        if (!dictionary) return Unexpected{dictionary.error()};
        training.dictionary = std::move(*dictionary);
    }
    const Encoding trained{.dictionary = training.dictionary ? &*training.dictionary : nullptr};
    for (const std::string& path : options.recordings) {
        const auto played = play_with(path, training.code_tables, trained);
        if (!played) return Unexpected{played.error()};
        training.seen.after += *played;
    }
    for (const std::string& path : options.verify) {
        if (!training.unseen) training.unseen.emplace();
        if (auto verified = count.verify(path, trained, *training.unseen); !verified)
            return Unexpected{verified.error()};
    }
    return training;
}

}  // namespace tidewire::flight
