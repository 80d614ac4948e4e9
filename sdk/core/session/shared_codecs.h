// Codecs that many sessions of one thread share: what decodes a schema's bodies by the same tables at the same tick rate is the same for
// all of them.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "sdk/core/replication/code_tables.h"
#include "sdk/core/replication/codec.h"
#include "sdk/core/replication/layout.h"

namespace tidewire::session {

class SharedCodecs {
public:
    /// `schema` outlives it, and is that of all the sessions.
    explicit SharedCodecs(const SchemaInfo& schema) : layout_(schema) {}
    SharedCodecs(const SharedCodecs&) = delete;
    SharedCodecs& operator=(const SharedCodecs&) = delete;

    /// Made when it is asked for first, and kept as long as this lives.
    const replication::Codec& find(const replication::CodeTables& tables, std::uint16_t tick_rate) {
        return codecs_.try_emplace({tables.id(), tick_rate}, layout_, tables, tick_rate).first->second;
    }

private:
    const replication::Layout layout_;
    std::map<std::pair<std::uint64_t, std::uint16_t>, const replication::Codec> codecs_;
};

}  // namespace tidewire::session
