// One byte stream, plain or TLS.
#include "sdk/net/stream.h"

namespace tidewire::net {

Result<Stream> Stream::secure(Socket socket, const TlsContext& context, const std::string& host) {
    Stream stream(std::move(socket));
    if (auto started = stream.start_tls(context, host); !started) return Unexpected{started.error()};
    return stream;
}

Result<void> Stream::start_tls(const TlsContext& context, const std::string& host) {
    auto session = TlsSession::start(context, socket_.fd(), host);
    if (!session) return Unexpected{session.error()};
    tls_ = std::move(*session);
    established_ = false;
    return {};
}

Transfer Stream::establish() {
    if (established_) return {};
    Transfer transfer = tls_->handshake();
    established_ = transfer.outcome == Transfer::Outcome::Done;
    return transfer;
}

Transfer Stream::read(MutableByteSpan buffer) { return tls_ ? tls_->read(buffer) : socket_.read(buffer); }

Transfer Stream::write(std::span<const ByteSpan> parts) { return tls_ ? tls_->write(parts) : socket_.write(parts); }

void Stream::shut_down_sending() {
    if (tls_) tls_->shut_down_sending();
    socket_.shut_down_sending();
}

}  // namespace tidewire::net
