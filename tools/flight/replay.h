// A recording, played: header first, then one snapshot of the whole room after another. Reads the file as it goes.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sdk/core/replication/replica.h"
#include "sdk/core/replication/schema_description.h"
#include "sdk/core/wire/flight_reader.h"
#include "tidewire/result.h"

namespace tidewire::flight {

/// What a tick says of one group, as it was recorded and as it was unpacked.
struct RecordedBody {
    wire::BodyCoding coding;
    std::uint16_t group;
    std::size_t bytes;  ///< Of the body in the recording.
    ByteSpan body;      ///< Unpacked.
};

class Replay {
public:
    /// Reads the header. Errors name the file: missing, not a recording, a schema or tables that cannot be read.
    static Result<Replay> open(const std::string& path);

    const std::string& path() const { return path_; }
    const wire::FlightHeader& header() const { return header_; }
    const SchemaInfo& schema() const { return schema_->info(); }
    const replication::Layout& layout() const { return *layout_; }
    /// By the recording's own tables.
    const replication::Codec& codec() const { return *codec_; }
    const wire::Dictionary* dictionary() const { return dictionary_ ? &*dictionary_ : nullptr; }

    /// Applies the next tick. False at the end of the recording. Errors name the file and the tick.
    Result<bool> next();
    /// The recording ended in the middle of a record, as after a crash; what came before is whole.
    bool cut() const { return reader_.cut(); }

    // As of the last next().
    const replication::Snapshot& before() const { return before_; }
    const replication::Snapshot& now() const { return now_; }
    const std::vector<RecordedBody>& bodies() const { return bodies_; }
    /// The groups that are followed, by id.
    const std::set<std::uint16_t>& groups() const { return groups_; }
    /// Precondition: it is followed.
    const replication::StreamState& group(std::uint16_t group) const { return *replica_->group(group); }

private:
    explicit Replay(std::string path) : path_(std::move(path)) {}

    Unexpected refuse(const Error& error) const;
    Result<std::optional<wire::FlightRecord>> read();
    Result<void> begin(wire::FlightHeader header);
    Result<void> apply(const wire::TickMessage& message);

    std::string path_;
    std::ifstream stream_;
    Bytes piece_;
    wire::FlightReader reader_;
    wire::FlightHeader header_;
    // Where they lie, however the replay is moved: each points to the one before.
    std::unique_ptr<const replication::OwnedSchema> schema_;
    std::unique_ptr<const replication::Layout> layout_;
    std::unique_ptr<const replication::Codec> codec_;
    std::unique_ptr<replication::Replica> replica_;
    std::optional<wire::Dictionary> dictionary_;
    replication::Snapshot before_;
    replication::Snapshot now_;
    std::vector<RecordedBody> bodies_;
    std::vector<Bytes> inflated_;
    std::set<std::uint16_t> groups_;
};

}  // namespace tidewire::flight
