// Known by their hashes.
#include "sdk/core/session/client_resources.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sdk/core/base/hash.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/close_code.h"

namespace tidewire::session {

namespace {

Unexpected refuse(ws::CloseCode code, std::string sentence) {
    return unexpected(Blame::Peer, std::move(sentence), static_cast<std::uint16_t>(code));
}

template <class Resource>
std::vector<std::uint64_t> ids_of(const std::vector<Resource>& known) {
    std::vector<std::uint64_t> ids;
    for (const Resource& each : known)
        if (ids.size() < wire::Limits{}.resources_max) ids.push_back(each.id());
    return ids;
}

/// Those behind the first `own`, but for the one that is wanted.
template <class Resource>
void forget_others(std::vector<Resource>& known, std::size_t own, std::uint64_t wanted) {
    const auto others = std::remove_if(known.begin() + static_cast<std::ptrdiff_t>(own), known.end(),
                                       [wanted](const Resource& each) { return each.id() != wanted; });
    known.erase(others, known.end());
}

}  // namespace

ClientResources::ClientResources(std::span<const Bytes> code_tables, std::span<const Bytes> dictionaries) {
    for (const Bytes& bytes : code_tables) {
        auto tables = replication::CodeTables::parse(bytes);
        if (tables)
            known_code_tables_.push_back(std::move(*tables));
        else
            bad_ = std::move(tables).error();
    }
    for (const Bytes& bytes : dictionaries) {
        auto dictionary = wire::Dictionary::parse(bytes, wire::Dictionary::Use::Unpack);
        if (dictionary)
            known_dictionaries_.push_back(std::move(*dictionary));
        else
            bad_ = std::move(dictionary).error();
    }
    own_code_tables_ = known_code_tables_.size();
    own_dictionaries_ = known_dictionaries_.size();
}

std::vector<std::uint64_t> ClientResources::code_table_ids() const { return ids_of(known_code_tables_); }

std::vector<std::uint64_t> ClientResources::dictionary_ids() const { return ids_of(known_dictionaries_); }

void ClientResources::want(const wire::Welcome& welcome) {
    code_tables_ = nullptr;
    dictionary_ = nullptr;
    code_tables_wanted_ = welcome.code_tables;
    dictionary_wanted_ = welcome.dictionary;
    forget_others(known_code_tables_, own_code_tables_, code_tables_wanted_);
    forget_others(known_dictionaries_, own_dictionaries_, dictionary_wanted_);
    if (welcome.code_tables == 0) code_tables_ = &replication::CodeTables::built_in();
    for (const replication::CodeTables& tables : known_code_tables_)
        if (tables.id() == welcome.code_tables && code_tables_ == nullptr) code_tables_ = &tables;
    for (const wire::Dictionary& dictionary : known_dictionaries_)
        if (dictionary.id() == welcome.dictionary) dictionary_ = &dictionary;
}

Result<void> ClientResources::receive(const wire::Resource& resource) {
    if (fnv1a(resource.data) != resource.id)
        return refuse(ws::CloseCode::InvalidPayload,
                      "a Resource of the server's does not have the hash that it should");
    if (resource.kind == wire::Resource::Kind::CodeTables && resource.id == code_tables_wanted_ &&
        code_tables_ == nullptr) {
        auto tables = replication::CodeTables::parse(resource.data);
        if (!tables) return refuse(ws::CloseCode::InvalidPayload, tables.error().message);
        known_code_tables_.push_back(std::move(*tables));
        code_tables_ = &known_code_tables_.back();
        return {};
    }
    if (resource.kind == wire::Resource::Kind::Dictionary && resource.id == dictionary_wanted_ &&
        dictionary_ == nullptr) {
        auto dictionary = wire::Dictionary::parse(resource.data, wire::Dictionary::Use::Unpack);
        if (!dictionary) return refuse(ws::CloseCode::InvalidPayload, dictionary.error().message);
        known_dictionaries_.push_back(std::move(*dictionary));
        dictionary_ = &known_dictionaries_.back();
        return {};
    }
    return refuse(ws::CloseCode::ProtocolError,
                  "the server sends a Resource that it did not name in Welcome, or twice");
}

}  // namespace tidewire::session
