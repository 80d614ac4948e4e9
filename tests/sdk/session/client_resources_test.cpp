// What a client has, what its server uses, and what it is sent of that.
#include "sdk/core/session/client_resources.h"

#include <catch2/catch.hpp>
#include <utility>

#include "tests/sdk/wire/dictionaries.h"

using namespace tidewire;
using namespace tidewire::test;
using session::ClientResources;
using Kind = wire::Resource::Kind;

namespace {

wire::Resource sent(const wire::Dictionary& dictionary) {
    return {.kind = Kind::Dictionary, .id = dictionary.id(), .data = dictionary.bytes()};
}

wire::Welcome naming(const wire::Dictionary& dictionary) {
    wire::Welcome welcome;
    welcome.dictionary = dictionary.id();
    return welcome;
}

}  // namespace

TEST_CASE("a server that names nothing uses what is built in", "[session][resources]") {
    ClientResources resources({}, {});
    CHECK(resources.code_tables() == nullptr);
    resources.want({});
    CHECK(resources.code_tables() == &replication::CodeTables::built_in());
    CHECK(resources.dictionary() == nullptr);
}

TEST_CASE("what the client has is named, found, and stays in its place when it is moved", "[session][resources]") {
    const wire::Dictionary dictionary = sample_dictionary();
    const Bytes bytes(dictionary.bytes().begin(), dictionary.bytes().end());
    ClientResources first({}, std::span(&bytes, 1));
    CHECK_FALSE(first.bad());
    CHECK(first.dictionary_ids() == std::vector<std::uint64_t>{dictionary.id()});
    first.want(naming(dictionary));
    const wire::Dictionary* const found = first.dictionary();
    REQUIRE(found != nullptr);
    const ClientResources second = std::move(first);
    CHECK(second.dictionary() == found);
    CHECK(found->id() == dictionary.id());
}

TEST_CASE("what the client lacks is taken once, and only as it was named", "[session][resources]") {
    const wire::Dictionary dictionary = sample_dictionary();
    ClientResources resources({}, {});
    CHECK(resources.receive(sent(dictionary)).error().close_code == 1002);
    resources.want(naming(dictionary));
    CHECK(resources.dictionary() == nullptr);
    wire::Resource broken = sent(dictionary);
    broken.id ^= 1;
    CHECK(resources.receive(broken).error().close_code == 1007);
    REQUIRE(resources.receive(sent(dictionary)));
    CHECK(resources.dictionary()->id() == dictionary.id());
    CHECK(resources.receive(sent(dictionary)).error().close_code == 1002);
}

TEST_CASE("a file that is none is told, whatever else there is", "[session][resources]") {
    const Bytes nothing(7);
    CHECK(ClientResources(std::span(&nothing, 1), {}).bad());
    CHECK(ClientResources({}, std::span(&nothing, 1)).bad());
}

TEST_CASE("what came from a server goes when another one is named, and what the program brought stays", "[session][resources][H26]") {
    const wire::Dictionary own = sample_dictionary();
    const Bytes bytes(own.bytes().begin(), own.bytes().end());
    const wire::Dictionary theirs = sample_dictionary(2);
    REQUIRE(theirs.id() != own.id());
    ClientResources resources({}, std::span(&bytes, 1));
    // A server that welcomes again and again with something new makes a client keep no more for it.
    for (int i = 0; i < 5; ++i) {
        resources.want(naming(theirs));
        CHECK(resources.dictionary() == nullptr);
        REQUIRE(resources.receive(sent(theirs)));
        CHECK(resources.dictionary_ids() == std::vector<std::uint64_t>{own.id(), theirs.id()});
        resources.want(naming(theirs));
        CHECK(resources.dictionary()->id() == theirs.id());
        resources.want(naming(own));
        CHECK(resources.dictionary()->id() == own.id());
        CHECK(resources.dictionary_ids() == std::vector<std::uint64_t>{own.id()});
    }
}
