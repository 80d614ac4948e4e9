// Code tables and dictionaries by file: what a server takes, and what it refuses before it listens.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/replication/contexts.h"
#include "sdk/core/wire/codec.h"
#include "tests/sdk/wire/dictionaries.h"
#include "tests/support/plain_tables.h"
#include "tidewire/server.h"
#include "tools/sim/sample_game.h"

using namespace tidewire;
using namespace tidewire::sim;
using tidewire::sim::SampleRules;
using tidewire::sim::SampleSchema;

namespace {

/// A file that goes with the object.
class TemporaryFile {
public:
    TemporaryFile(const char* name, ByteSpan bytes)
        : path_(std::filesystem::temp_directory_path() / ("tidewire-" + std::to_string(::getpid()) + "-" + name)) {
        std::ofstream(path_, std::ios::binary) << as_text(bytes);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// Tables for the slots of the sample schema that have so many models, without a weight.
Bytes tables_of(std::uint32_t models, std::uint64_t schema_hash = SampleSchema::info().hash) {
    Bytes file;
    append(file, as_bytes("TWCT"));
    file.push_back(std::byte{1});
    append_little_endian(file, schema_hash);
    append_varint(file, models);
    file.resize(file.size() + replication::contexts::structure_count +
                std::size_t{models} * replication::contexts::model_count);
    return file;
}

/// A dictionary of so many bytes, most of them content.
Bytes dictionary_of(std::size_t bytes) {
    Bytes dictionary = test::sample_dictionary_bytes();
    dictionary.resize(bytes, std::byte{3});
    return dictionary;
}

/// Empty when the server listens with these files, else the sentence.
std::string refusal(ByteSpan tables, ByteSpan dictionary = {}) {
    const TemporaryFile tables_file("tables", tables);
    const TemporaryFile dictionary_file("dictionary", dictionary);
    ServerOptions options{.address = "127.0.0.1", .port = 0};
    if (!tables.empty()) options.code_tables_file = tables_file.path();
    if (!dictionary.empty()) options.dictionary_file = dictionary_file.path();
    Server<SampleSchema, SampleRules> server(options);
    const auto listening = server.listen();
    if (listening) return {};
    CHECK(listening.error().blame == Blame::Caller);
    return listening.error().message;
}

}  // namespace

TEST_CASE("a server listens with code tables and a dictionary of its own", "[server][resources]") {
    CHECK(refusal(test::plain_tables_bytes(), test::sample_dictionary_bytes()) == "");
    CHECK(refusal(tables_of(6)) == "");
}

TEST_CASE("a server refuses files that are no such thing, or another game's", "[server][resources]") {
    CHECK_THAT(refusal(Bytes(100)), Catch::StartsWith("code_tables_file (--code-tables)"));
    CHECK_THAT(refusal({}, Bytes(100)), Catch::StartsWith("dictionary_file (--dictionary)"));
    CHECK_THAT(refusal(tables_of(6, 1)), Catch::Contains("trained for another schema"));
}

TEST_CASE("a server refuses files that no client would take, or not both at once", "[server][resources][limits]") {
    const std::size_t most = wire::Limits{}.resource_bytes_max;
    const auto models = static_cast<std::uint32_t>(most / replication::contexts::model_count);
    CHECK(refusal(tables_of(models - 2)) == "");
    CHECK_THAT(refusal(tables_of(models + 1)), Catch::Contains("can be sent to clients"));
    CHECK(refusal({}, dictionary_of(most)) == "");
    CHECK_THAT(refusal({}, dictionary_of(most + 1)), Catch::Contains("can be sent to clients"));
    CHECK_THAT(refusal(tables_of(models - 2), dictionary_of(most)), Catch::Contains("transmit_bytes_max"));
}
