// A client of a fan-out, without a session: it applies what it is told, and knows what it then must have.
#pragma once

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "sdk/core/replication/group_state.h"
#include "sdk/core/replication/replica.h"
#include "sdk/core/wire/codec.h"
#include "server/room/fanout.h"
#include "server/room/room.h"

namespace tidewire::test {

class ToldClient {
public:
    ToldClient(const server::Room& room, const server::RoomResources& resources, PlayerId player)
        : ToldClient(room.scene(), room.options().entities_max, resources, player) {}
    ToldClient(const server::Scene& scene, std::uint32_t entities_max, const server::RoomResources& resources,
               PlayerId player)
        : scene_(scene),
          resources_(&resources),
          player_(player),
          codec_(scene.layout, resources.code_tables, static_cast<double>(scene.tick_rate)),
          replica_(codec_, {.entities_max = entities_max}) {}

    ToldClient(const ToldClient&) = delete;
    ToldClient& operator=(const ToldClient&) = delete;

    /// Is told of the newest tick, and must understand it.
    void take(server::Fanout& fanout, std::size_t news_bytes_max = std::numeric_limits<std::size_t>::max()) {
        message = fanout.tell(player_, view, news_bytes_max).message;
        fanout.commit(view);
        std::vector<Bytes> inflated(message.bodies.size());
        std::vector<replication::GroupUpdate> updates;
        for (std::size_t i = 0; i < message.bodies.size(); ++i) {
            const wire::GroupBody& body = message.bodies[i];
            ByteSpan bytes = body.bytes;
            if (body.coding == wire::BodyCoding::Keyframe || body.coding == wire::BodyCoding::Newcomers ||
                body.coding == wire::BodyCoding::Verify) {
                const auto unpacked = wire::unpack_body(
                    bytes, {}, resources_->dictionary ? &*resources_->dictionary : nullptr, inflated[i]);
                REQUIRE(unpacked);
                bytes = *unpacked;
            }
            updates.push_back({.kind = kind_of(body.coding), .group = body.group, .body = bytes});
        }
        auto next = replica_.apply(newest, message.tick, updates);
        INFO((next ? std::string() : next.error().message));
        REQUIRE(next);
        newest = std::move(*next);
    }

    /// What is wrong with the groups that the last message told of; empty when nothing is.
    std::string difference() const {
        const replication::Snapshot& truth = *scene_.snapshots.newest();
        for (const std::uint16_t group : groups_told()) {
            const replication::StreamState* const state = replica_.group(group);
            if (state == nullptr) continue;
            const std::string found =
                replication::group_difference(scene_.layout, newest, state->members, truth,
                                              scene_.interest.members(group), replication::coverage_of(group));
            if (!found.empty()) return "group " + std::to_string(group) + ": " + found;
        }
        return {};
    }
    std::size_t count(wire::BodyCoding coding) const {
        std::size_t found = 0;
        for (const wire::GroupBody& body : message.bodies) found += body.coding == coding ? 1 : 0;
        return found;
    }
    /// The first body of the last message in this coding.
    const wire::GroupBody& body(wire::BodyCoding coding) const {
        for (const wire::GroupBody& body : message.bodies)
            if (body.coding == coding) return body;
        FAIL("no body in coding " << static_cast<int>(coding));
        return message.bodies.front();
    }
    const replication::Replica& replica() const { return replica_; }

    server::ClientView view;
    wire::TickMessage message;
    replication::Snapshot newest;

private:
    static replication::GroupUpdate::Kind kind_of(wire::BodyCoding coding) {
        using Kind = replication::GroupUpdate::Kind;
        switch (coding) {
            case wire::BodyCoding::Delta:
                return Kind::Delta;
            case wire::BodyCoding::CatchUp:
                return Kind::CatchUp;
            case wire::BodyCoding::Keyframe:
                return Kind::Keyframe;
            case wire::BodyCoding::Newcomers:
                return Kind::Newcomers;
            case wire::BodyCoding::Left:
                return Kind::Left;
            case wire::BodyCoding::Verify:
                return Kind::Verify;
        }
        return Kind::Left;
    }
    std::vector<std::uint16_t> groups_told() const {
        std::vector<std::uint16_t> groups;
        for (const wire::GroupBody& body : message.bodies) groups.push_back(body.group);
        return groups;
    }

    server::Scene scene_;
    const server::RoomResources* resources_;
    PlayerId player_;
    replication::Codec codec_;
    replication::Replica replica_;
};

}  // namespace tidewire::test
