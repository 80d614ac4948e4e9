// Looks first and takes then: how long a header is, is known only when it is whole.
#include "sdk/net/proxy_header_reader.h"

#include <array>

namespace tidewire::net {

Result<std::optional<ProxyHeader>> ProxyHeaderReader::read(Stream& stream) {
    std::array<std::byte, proxy_header_bytes_max> buffer;
    const Transfer seen = stream.peek(MutableByteSpan(buffer).first(proxy_header_bytes_max - seen_.size()));
    if (seen.outcome == Transfer::Outcome::WouldBlock) return std::optional<ProxyHeader>();
    if (seen.outcome != Transfer::Outcome::Done)
        return unexpected(Blame::Peer, "the stream ended before its PROXY header");
    const std::size_t before = seen_.size();
    append(seen_, ByteSpan(buffer).first(seen.bytes));
    auto header = parse_proxy_header(seen_);
    if (!header) return header;
    // An unfinished header is a header so far: it goes, or a poller would tell of it again and again.
    const std::size_t taken = *header ? (*header)->bytes - before : seen.bytes;
    if (const Transfer transfer = stream.read(MutableByteSpan(buffer).first(taken)); transfer.bytes != taken)
        return unexpected(Blame::Machine, "the stream failed in its PROXY header");
    return header;
}

}  // namespace tidewire::net
