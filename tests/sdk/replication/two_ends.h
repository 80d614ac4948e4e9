// The two ends of one stream that carries a whole world, as few lines as a test may need to say what happens in a tick.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "sdk/core/replication/body.h"
#include "sdk/core/replication/row_sets.h"
#include "tests/sdk/replication/random_world.h"

namespace tidewire::replication::testing {

struct TwoEnds {
    explicit TwoEnds(const SchemaInfo& schema, const CodeTables& tables = CodeTables::built_in(),
                     Coverage carried = Coverage::Public)
        : layout(schema), codec(layout, tables, 30), world(schema, entities_max), coverage(carried) {}

    /// The world as it is now goes to the client, who must have it then. The body.
    Bytes step(Tick ticks = 1) { return step(ticks, nullptr); }
    Bytes step(Tick ticks, const Members& members) { return step(ticks, &members); }

    /// The client as one who has nothing, or only what was before.
    Bytes catch_up(const Snapshot& before, const StreamState& had) {
        Bytes body;
        encode_catch_up(source(before), had.members, stream, body);
        StreamState joined = had;
        const Snapshot made = decoded(body, BodyKind::CatchUp, before, joined);
        CHECK(joined == stream);
        CHECK(first_difference(layout, made, server) == "");
        return body;
    }

    BodySource source(const Snapshot& before) const {
        return {.codec = codec, .before = before, .after = server, .coverage = coverage, .group_of = group_of()};
    }

    std::function<std::uint16_t(std::uint32_t)> group_of() const {
        return [this](std::uint32_t entity) { return entity < groups.size() ? groups[entity] : std::uint16_t{0xffff}; };
    }

    Snapshot decoded(ByteSpan body, BodyKind kind, const Snapshot& base, StreamState& of) const {
        SnapshotEdit edit(layout, base);
        const auto outcome = decode_body(codec, body, kind, coverage, server.tick, {entities_max}, of, edit);
        if (!outcome) FAIL(outcome.error().message);
        // Nobody else tells of them.
        for (const LeftMember& left : outcome->left)
            if (!of.members.has(left.entity.index)) edit.remove_entity(left.entity.index);
        return std::move(edit).finish(server.tick);
    }

    static constexpr std::uint32_t entities_max = 300;

    Layout layout;
    Codec codec;
    World world;
    Coverage coverage;
    std::vector<std::uint16_t> groups;  // [entity]; of others there is none
    Snapshot server;
    Snapshot client;
    StreamState stream;  // the server's
    StreamState state;   // the client's
    QuantizeCounters counters;

private:
    Bytes step(Tick ticks, const Members* members) {
        const Snapshot before = std::exchange(server, {});
        server = capture(layout, world, before.tick == 0 ? nullptr : &before, before.tick + ticks, counters);
        Bytes body;
        encode_delta(source(before), members != nullptr ? *members : all_members(server), stream, body);
        client = decoded(body, BodyKind::Delta, client, state);
        CHECK(state == stream);
        if (members == nullptr) CHECK(first_difference(layout, client, server) == "");
        CHECK(what_is_wrong(layout, client, entities_max) == "");
        return body;
    }
};

}  // namespace tidewire::replication::testing
