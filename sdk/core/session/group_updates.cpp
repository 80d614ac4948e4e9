// The wire's codings beside the replica's kinds.
#include "sdk/core/session/group_updates.h"

namespace tidewire::session {

namespace {

using replication::GroupUpdate;
using wire::BodyCoding;

GroupUpdate::Kind kind_of(BodyCoding coding) {
    switch (coding) {
        case BodyCoding::Delta:
            return GroupUpdate::Kind::Delta;
        case BodyCoding::CatchUp:
            return GroupUpdate::Kind::CatchUp;
        case BodyCoding::Keyframe:
            return GroupUpdate::Kind::Keyframe;
        case BodyCoding::Newcomers:
            return GroupUpdate::Kind::Newcomers;
        case BodyCoding::Left:
            return GroupUpdate::Kind::Left;
        case BodyCoding::Verify:
            break;
    }
    return GroupUpdate::Kind::Verify;
}

bool is_packed(BodyCoding coding) {
    return coding == BodyCoding::Keyframe || coding == BodyCoding::Newcomers || coding == BodyCoding::Verify;
}

}  // namespace

Result<std::vector<GroupUpdate>> unpack_updates(const wire::TickMessage& message, wire::Limits limits,
                                                const wire::Dictionary* dictionary, std::vector<Bytes>& inflated) {
    std::vector<GroupUpdate> updates;
    updates.reserve(message.bodies.size());
    std::size_t packed = 0;
    for (const wire::GroupBody& body : message.bodies) {
        GroupUpdate update{.kind = kind_of(body.coding), .group = body.group, .body = body.bytes};
        if (is_packed(body.coding)) {
            if (inflated.size() == packed) inflated.emplace_back();
            const auto bytes = wire::unpack_body(body.bytes, limits, dictionary, inflated[packed]);
            if (!bytes) return Unexpected{bytes.error()};
            limits.take_inflated(inflated[packed++].size());
            update.body = *bytes;
        }
        updates.push_back(update);
    }
    return updates;
}

}  // namespace tidewire::session
