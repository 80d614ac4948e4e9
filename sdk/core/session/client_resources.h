// The code tables and dictionaries that a client has, and those that its server uses: what it was given, or is sent once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/code_tables.h"
#include "sdk/core/wire/dictionary.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::session {

class ClientResources {
public:
    /// As files have them. One that cannot be read is bad().
    ClientResources(std::span<const Bytes> code_tables, std::span<const Bytes> dictionaries);
    ClientResources(ClientResources&&) = default;
    ClientResources& operator=(ClientResources&&) = default;

    const std::optional<Error>& bad() const { return bad_; }
    /// To be named in Hello: as many as it may name.
    std::vector<std::uint64_t> code_table_ids() const;
    std::vector<std::uint64_t> dictionary_ids() const;

    /// The server uses those that this names. What it used before is of no use any more: of what came from servers only that stays which
    /// this one names, so that nobody makes a client keep ever more of them.
    void want(const wire::Welcome& welcome);
    /// One of them came. Errors blame the peer, with a close code: it is broken, nobody named it, or it is here already.
    Result<void> receive(const wire::Resource& resource);

    /// That the server uses; null while it is not here. It lies where it lies as long as this, or what it is moved to, lives.
    const replication::CodeTables* code_tables() const { return code_tables_; }
    const wire::Dictionary* dictionary() const { return dictionary_; }

private:
    std::vector<replication::CodeTables> known_code_tables_;
    std::vector<wire::Dictionary> known_dictionaries_;
    std::size_t own_code_tables_ = 0;  // the first ones are the program's
    std::size_t own_dictionaries_ = 0;
    std::optional<Error> bad_;
    std::uint64_t code_tables_wanted_ = 0;
    std::uint64_t dictionary_wanted_ = 0;
    const replication::CodeTables* code_tables_ = nullptr;  // of those that are known, or built in
    const wire::Dictionary* dictionary_ = nullptr;
};

}  // namespace tidewire::session
