// A client's requests that wait for their replies, and replies that wait to be read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/time.h"
#include "sdk/core/replication/layout.h"
#include "sdk/core/wire/message.h"
#include "tidewire/result.h"

namespace tidewire::session {

class RequestLog {
public:
    /// Waiting and unread ones together: a program that reads its replies has a few. Beyond, requests are refused.
    static constexpr std::size_t requests_max = 64;

    /// `layout` must outlive it.
    explicit RequestLog(const replication::Layout& layout) : layout_(&layout) {}

    /// Numbers a request; 0 when there are requests_max already.
    std::uint32_t begin(TimePoint deadline);
    /// It could not be sent, or it will not be answered any more.
    void refuse(std::uint32_t id, Error why);
    void refuse_all(std::string_view why);
    /// A reply to nothing, as one that came too late, is ignored. Errors blame the peer: data that the schema does not allow.
    Result<void> receive(const wire::Reply& reply);
    void handle_timeout(TimePoint now);
    TimePoint poll_timeout() const;

    /// Empty while it waits. Otherwise the reply, decoded into `aggregate`, which is of schema.events[type] and alive; or why there is
    /// none. The request is forgotten then.
    std::optional<Result<void>> take(std::uint32_t id, std::uint16_t type, void* aggregate);

private:
    struct Reply {
        std::uint16_t type;
        Bytes data;
    };
    struct Request {
        TimePoint deadline;
        std::optional<Result<Reply>> outcome;
    };

    const replication::Layout* layout_;
    std::uint32_t last_ = 0;
    std::map<std::uint32_t, Request> requests_;
};

}  // namespace tidewire::session
