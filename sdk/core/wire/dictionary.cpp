// Digests a dictionary once, for the directions that it is used in.
#include "sdk/core/wire/dictionary.h"

#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/dictionary_tables.h"

namespace tidewire::wire {

namespace {

constexpr int level = 3;  // keyframes are made seldom, and of few bytes

}  // namespace

Result<Dictionary> Dictionary::parse(ByteSpan bytes, Use use) {
    if (bytes.size() > Limits{}.resource_bytes_max)
        return unexpected(Blame::Caller, "a dictionary has " + std::to_string(bytes.size()) + " bytes; at most " +
                                             std::to_string(Limits{}.resource_bytes_max) + " can be sent to clients");
    // Raw content is a dictionary to zstd, too, but has no id that frames could name.
    if (ZSTD_getDictID_fromDict(bytes.data(), bytes.size()) == 0)
        return unexpected(Blame::Caller, "not a zstd dictionary; train one with tidewire-flight");
    auto tables = std::make_shared<Tables>();
    tables->bytes.assign(bytes.begin(), bytes.end());
    tables->id = fnv1a(bytes);
    const bool packs = use == Use::PackAndUnpack;
    if (packs) tables->compress.reset(ZSTD_createCDict(bytes.data(), bytes.size(), level));
    tables->decompress.reset(ZSTD_createDDict(bytes.data(), bytes.size()));
    if ((packs && !tables->compress) || !tables->decompress)
        return unexpected(Blame::Caller, "a zstd dictionary is damaged; train it again with tidewire-flight");
    return Dictionary(std::move(tables));
}

bool Dictionary::can_pack() const { return tables_->compress != nullptr; }

const Bytes& Dictionary::bytes() const { return tables_->bytes; }

std::uint64_t Dictionary::id() const { return tables_->id; }

}  // namespace tidewire::wire
