// Code tables and dictionaries: who has them, who is sent them, and what is refused.
#include <catch2/catch.hpp>

#include "sdk/core/base/hash.h"
#include "tests/sdk/session/playing.h"
#include "tests/sdk/wire/dictionaries.h"

using namespace tidewire;
using namespace tidewire::test;
using namespace tidewire::session;
using Kind = wire::Resource::Kind;

namespace {

/// Tables that are not built in, though they are made of as little: every context saw one symbol.
const replication::CodeTables& trained() {
    static const replication::CodeTables tables = [] {
        replication::SymbolCounts counts(replication::slot_class_count);
        for (std::uint32_t context = 0; context < counts.rows().size(); ++context) counts.add(context, 1);
        return replication::CodeTables::train(counts, 0);
    }();
    return tables;
}

const wire::Dictionary& dictionary() {
    static const wire::Dictionary dictionary = sample_dictionary();
    return dictionary;
}

wire::Resource resource_of(const replication::CodeTables& tables) {
    return {.kind = Kind::CodeTables, .id = tables.id(), .data = tables.bytes()};
}

wire::Resource resource_of(const wire::Dictionary& dictionary) {
    return {.kind = Kind::Dictionary, .id = dictionary.id(), .data = dictionary.bytes()};
}

/// A client that was welcomed by a server that uses trained tables and a dictionary.
struct Client {
    ClientSession session;

    explicit Client(ClientOptions options = {}) : session(schema(), std::move(options), at(0s)) {
        session.transport_opened(at(0s));
        hello = only<wire::Hello>(sent(session)).at(0);
        wire::Welcome welcome = good_welcome();
        welcome.code_tables = trained().id();
        welcome.dictionary = dictionary().id();
        session.receive(wire::encode(welcome), at(10ms));
        sent(session);
        events(session);
    }
    void receive(const wire::Resource& resource) { session.receive(wire::encode(resource), at(20ms)); }

    wire::Hello hello;
};

/// A world that is told by the trained tables and the dictionary.
struct TrainedSource : Source {
    WholeWorld trained_stream{layout, 30, trained()};
    TrainedSource() {
        for (int i = 0; i < 40; ++i)
            Entity(world, world.spawn(7)).set(model::Position{.x = static_cast<float>(i * i % 37), .y = 2});
        capture(10);
    }
    Bytes keyframe() { return keyframe_message(10, trained_stream.keyframe(*snapshots.find(10), &dictionary())); }
};

/// What a server sends to whoever said this in Hello.
std::vector<wire::Message> welcomed(const wire::Hello& hello) {
    const replication::Layout layout(schema());
    ServerSession session(layout, {}, at(0s));
    session.receive(wire::encode(hello), at(0s));
    session.welcome({.player = 1,
                     .tick_rate = 30,
                     .tick = 1,
                     .entities_max = 256,
                     .code_tables = &trained(),
                     .dictionary = &dictionary()},
                    at(0s));
    return sent(session);
}

}  // namespace

TEST_CASE("a client says which tables and dictionaries it has, and is sent what it lacks", "[session][resources]") {
    Client client({.code_tables = {trained().bytes()}, .dictionaries = {dictionary().bytes()}});
    CHECK(client.hello.code_tables == std::vector<std::uint64_t>{trained().id()});
    CHECK(client.hello.dictionaries == std::vector<std::uint64_t>{dictionary().id()});
    CHECK(welcomed(client.hello).size() == 1);

    const auto messages = welcomed(good_hello());
    REQUIRE(messages.size() == 3);
    const auto& welcome = std::get<wire::Welcome>(messages[0]);
    CHECK(welcome.code_tables == trained().id());
    CHECK(welcome.dictionary == dictionary().id());
    const auto& tables = std::get<wire::Resource>(messages[1]);
    CHECK(tables.kind == Kind::CodeTables);
    CHECK(tables.id == trained().id());
    CHECK(tables.data == trained().bytes());
    const auto& second = std::get<wire::Resource>(messages[2]);
    CHECK(second.kind == Kind::Dictionary);
    CHECK(second.id == dictionary().id());
    CHECK(second.data == dictionary().bytes());
}

TEST_CASE("a server that uses nothing special names nothing and sends nothing", "[session][resources]") {
    const replication::Layout layout(schema());
    ServerSession session(layout, {}, at(0s));
    session.receive(wire::encode(good_hello()), at(0s));
    session.welcome({.player = 1,
                     .tick_rate = 30,
                     .tick = 1,
                     .entities_max = 256,
                     .code_tables = &replication::CodeTables::built_in()},
                    at(0s));
    const auto messages = sent(session);
    REQUIRE(messages.size() == 1);
    CHECK(std::get<wire::Welcome>(messages[0]).code_tables == 0);
    CHECK(std::get<wire::Welcome>(messages[0]).dictionary == 0);
}

TEST_CASE("with what it was sent, or had, a client reads the server's bodies", "[session][resources]") {
    const bool had = GENERATE(true, false);
    TrainedSource source;
    Client client(had ? ClientOptions{.code_tables = {trained().bytes()}, .dictionaries = {dictionary().bytes()}}
                      : ClientOptions{});
    if (!had) {
        client.receive(resource_of(trained()));
        client.receive(resource_of(dictionary()));
    }
    client.session.receive(source.keyframe(), at(1s));
    REQUIRE(client.session.state() == ClientState::Playing);
    CHECK(replication::same_state(*client.session.snapshots().newest(), *source.snapshots.find(10)));
}

TEST_CASE("a Tick before its code tables is refused", "[session][resources]") {
    TrainedSource source;
    Client client;
    client.receive(resource_of(dictionary()));
    client.session.receive(source.keyframe(), at(1s));
    CHECK_THAT(refused(client.session, 1002), Catch::Contains("tick 10 came before the code tables"));
}

TEST_CASE("a Resource whose hash is another is refused", "[session][resources][hostile]") {
    wire::Resource resource = GENERATE(resource_of(trained()), resource_of(dictionary()));
    Client client;
    const int which = GENERATE(0, 1, 2);
    if (which == 0) resource.data.back() ^= std::byte{1};
    if (which == 1) resource.id ^= 1;
    if (which == 2) resource.data.clear();
    client.receive(resource);
    CHECK_THAT(refused(client.session, 1007), Catch::Contains("hash"));
}

TEST_CASE("a Resource that Welcome did not name, or that is here already, is refused",
          "[session][resources][hostile]") {
    const wire::Dictionary other = sample_dictionary(2);
    std::vector<wire::Resource> resources;
    Client without;
    Client with({.code_tables = {trained().bytes()}, .dictionaries = {dictionary().bytes()}});
    SECTION("another dictionary") { resources = {resource_of(other)}; }
    SECTION("the tables twice") { resources = {resource_of(trained()), resource_of(trained())}; }
    SECTION("the dictionary twice") { resources = {resource_of(dictionary()), resource_of(dictionary())}; }
    SECTION("of the other kind") {
        resources = {resource_of(trained())};
        resources[0].kind = Kind::Dictionary;
    }
    SECTION("what the client said it has") {
        const auto known = GENERATE(0, 1);
        with.receive(known == 0 ? resource_of(trained()) : resource_of(dictionary()));
        CHECK_THAT(refused(with.session, 1002), Catch::Contains("did not name in Welcome, or twice"));
        return;
    }
    for (const wire::Resource& resource : resources) {
        CHECK(without.session.state() == ClientState::Playing);
        without.receive(resource);
    }
    CHECK_THAT(refused(without.session, 1002), Catch::Contains("did not name in Welcome, or twice"));
}

TEST_CASE("a Resource with the right hash of what is no such thing is refused", "[session][resources][hostile]") {
    const Kind kind = GENERATE(Kind::CodeTables, Kind::Dictionary);
    const Bytes noise(300, std::byte{0x54});
    wire::Welcome welcome = good_welcome();
    (kind == Kind::CodeTables ? welcome.code_tables : welcome.dictionary) = fnv1a(noise);
    ClientSession session(schema(), {}, at(0s));
    session.transport_opened(at(0s));
    session.receive(wire::encode(welcome), at(0s));
    sent(session);
    session.receive(wire::encode(wire::Resource{.kind = kind, .id = fnv1a(noise), .data = noise}), at(1s));
    refused(session, 1007);
}

TEST_CASE("options with files that are not what they should be end the session with the remedy",
          "[session][resources]") {
    ClientOptions options;
    SECTION("code tables") { options.code_tables = {Bytes(20)}; }
    SECTION("a dictionary") { options.dictionaries = {Bytes(20)}; }
    ClientSession session(schema(), options, at(0s));
    session.transport_opened(at(0s));
    CHECK(only<wire::Hello>(sent(session)).empty());
    REQUIRE(session.wants_close());
    CHECK_THAT(session.wants_close()->reason,
               Catch::StartsWith("ClientOptions: ") && Catch::Contains("tidewire-flight"));
}
