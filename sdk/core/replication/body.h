// The body of a group in one tick: what became of its members and of their components, as bytes. sdk/PROTOCOL.md has the format.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/replication/codec.h"
#include "sdk/core/replication/row_code.h"
#include "sdk/core/replication/snapshot_changes.h"
#include "sdk/core/replication/snapshot_edit.h"
#include "tidewire/result.h"

namespace tidewire::replication {

/// Which tables a stream carries: an entity's owner alone is told of its owner_only components, in a stream of his own.
enum class Coverage : std::uint8_t { Public, Private };

/// Table 0, the table of entities, is always there: who belongs to the group.
bool covers(const Layout& layout, Coverage coverage, std::size_t table);

/// What both ends of a stream know after a body, besides the snapshot itself.
struct StreamState {
    Tick tick = 0;  ///< Of the last body; 0: there was none.
    Members members;
    std::vector<Trail> trails;  ///< [table]; may be shorter: empty ones.

    /// Something moved in the last body.
    bool remembers() const {
        return std::any_of(trails.begin(), trails.end(), [](const Trail& trail) { return !trail.rows.empty(); });
    }

    friend bool operator==(const StreamState&, const StreamState&) = default;
};

struct EncodeScratch;  // body_scratch.h
struct DecodeScratch;

/// Where a body's encoder looks.
struct BodySource {
    const Codec& codec;
    const Snapshot& before;
    const Snapshot& after;
    Coverage coverage = Coverage::Public;
    /// The public group of the entity at an index in `after`, 0xffff for none: whoever leaves for another group keeps its
    /// identity. Empty: there is no other group.
    std::function<std::uint16_t(std::uint32_t)> group_of{};
    /// Entities that were in the group at every tick between. Whoever went and came back may be known to the reader as it was
    /// elsewhere, so it is told anew. Null: nobody did.
    const Members* stayed = nullptr;
    /// Known to whoever tells of members: they are those of the stream's last body. Otherwise they are compared.
    bool same_members = false;
    /// Of `before` and `after`, where several streams go from the one to the other. Null: they are compared for this body alone.
    SnapshotChanges* changes = nullptr;
    SymbolListener* listener = nullptr;
    /// Of whoever encodes many bodies, one after another. Null: the encoder allocates its own.
    EncodeScratch* scratch = nullptr;
};

/// The body that takes every subscriber of a stream from `state` to `source.after`, with `members` in the group then. Where both
/// are one tick apart, a member that lived before in another group must be known to the reader as it was at `source.before`
/// (see encode_newcomers); over more ticks it is told anew. Updates `state`.
void encode_delta(const BodySource& source, const Members& members, StreamState& state, Bytes& out);

/// The body that takes a client from (`source.before`, `members_before`) to where `stream` is now (source.after). Afterwards the
/// client follows the stream.
void encode_catch_up(const BodySource& source, const Members& members_before, const StreamState& stream, Bytes& out);

/// The group as it is in source.after, from nothing. The client does not follow the stream yet, unless nothing in it moves: what a
/// stream remembers of motion costs as much again, and a tick later, in a catch-up, hardly anything.
void encode_keyframe(const BodySource& source, const Members& members, Bytes& out);

/// These entities as they are in source.after, for a client that will meet them in a stream's next delta as members that lived
/// before in a group that it does not see.
void encode_newcomers(const BodySource& source, const Members& newcomers, Bytes& out);

enum class BodyKind : std::uint8_t { Delta, CatchUp, Keyframe, Newcomers };

/// An entity that is no member any more.
struct LeftMember {
    EntityId entity;
    std::optional<std::uint16_t> group;  ///< Where it lives on; empty: it is gone, or has no group that is told of.
};

/// What a reader has to know beyond the snapshot.
struct BodyOutcome {
    std::vector<LeftMember> left;
    std::vector<std::uint32_t> arrived;  ///< Indexes of entities that are members now.
};

struct BodyLimits {
    std::uint32_t entities_max;  ///< No entity index reaches this.
};

/// Applies a body to `edit`. Rows of members that left stay in it: the reader decides, when all bodies of a tick are applied. For
/// Newcomers `state` is not touched. After an error `state` and `edit` are of no use any more. Errors blame the peer. `scratch`: of
/// whoever decodes many bodies, one after another; null: the decoder allocates its own.
Result<BodyOutcome> decode_body(const Codec& codec, ByteSpan body, BodyKind kind, Coverage coverage, Tick tick,
                                const BodyLimits& limits, StreamState& state, SnapshotEdit& edit,
                                DecodeScratch* scratch = nullptr);

}  // namespace tidewire::replication
