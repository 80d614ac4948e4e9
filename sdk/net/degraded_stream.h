// A Stream whose two ways can be made as bad as a model link while bytes flow: for a game's bad-network key. As it is, it is the stream.
#pragma once

#include <optional>
#include <span>

#include "sdk/core/base/bytes.h"
#include "sdk/net/link_model.h"
#include "sdk/net/stream.h"
#include "sdk/net/wait.h"

namespace tidewire::net {

class DegradedStream {
public:
    explicit DegradedStream(Stream stream) : stream_(std::move(stream)) {}

    /// From now on. What is on its way keeps its order, and nothing of it is lost. Precondition: no short_writes, no reset_after.
    void degrade(const LinkOptions& up, const LinkOptions& down, TimePoint now);

    /// As Stream's. Instants never fall.
    Transfer read(MutableByteSpan room, TimePoint now);
    Transfer write(std::span<const ByteSpan> parts, TimePoint now);
    /// Gives the stream what has come up the link by now. Done: as much as it takes. Otherwise it has failed.
    Transfer carry(TimePoint now);

    int fd() const { return stream_.fd(); }
    /// What to wait for in a program that wants to read, or has something that write() did not take.
    Interest interest(bool reading, bool writing) const;
    /// When something arrives at either end of the link; at once where the stream holds something.
    TimePoint poll_timeout(bool reading) const;

private:
    struct Model {
        LinkModel up;
        LinkModel down;
        std::optional<Transfer> end{};  // of the stream, once it was read
        Bytes buffer = Bytes(16 * 1024);
        Bytes arrived{};        // at the stream's end of `up`
        std::size_t taken = 0;  // of that, by the stream
    };

    Stream stream_;
    std::optional<Model> model_;
};

}  // namespace tidewire::net
