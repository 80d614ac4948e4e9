// One HTTP/1.1 request with content, and its answer, without a socket: bytes and time go in, bytes come out. The head is read and checked
// as the players' port does it; no connection is used twice.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/core/ws/handshake.h"
#include "sdk/core/ws/http_head.h"
#include "server/admin/admin_limits.h"

namespace tidewire::server {

class HttpExchange {
public:
    HttpExchange(AdminLimits limits, TimePoint now);

    // Input.
    void receive(ByteSpan bytes, TimePoint now);
    void receive_eof(TimePoint now);
    /// The stream failed.
    void abort();
    /// The first `bytes` of to_write() were written.
    void written(std::size_t bytes, TimePoint now);
    void handle_timeout(TimePoint now);

    // Command.
    /// Precondition: request() is not null.
    void answer(int status, std::string_view content_type, std::string_view body, std::span<const ws::HeaderField> headers,
                TimePoint now);

    // Output.
    struct Content {
        ws::Request head;
        std::string body;
        /// Without a query, which means nothing here, and might be a token that somebody wrote into a URL.
        std::string_view path() const { return std::string_view(head.target).substr(0, head.target.find('?')); }
    };
    /// Whole, and not answered yet; null otherwise. What is no request is answered here.
    const Content* request() const { return phase_ == Phase::Asked ? &content_ : nullptr; }
    ByteSpan to_write() const { return as_bytes(std::string_view(answer_).substr(written_)); }
    /// All is written: shut the stream's sending side, and read on until the peer ends, so that no answer is lost to a reset.
    bool wants_shutdown() const { return phase_ == Phase::Told; }
    /// Close the stream.
    bool finished() const { return phase_ == Phase::Over; }
    /// It waits for nothing but the peer's end, or for the peer to take its answer.
    bool answered() const { return phase_ >= Phase::Telling; }
    TimePoint poll_timeout() const { return deadline_; }

private:
    enum class Phase : std::uint8_t { Head, Body, Asked, Telling, Told, Over };

    void read_head(TimePoint now);
    void take_body(ByteSpan bytes, TimePoint now);
    void refuse(const ws::Refusal& refusal, TimePoint now);

    AdminLimits limits_;
    Phase phase_ = Phase::Head;
    TimePoint deadline_;
    ws::HeadParser parser_{ws::Limits{}};
    Content content_;
    std::size_t body_bytes_ = 0;  // as it was announced
    std::string answer_;
    std::size_t written_ = 0;
    bool eof_ = false;
};

}  // namespace tidewire::server
