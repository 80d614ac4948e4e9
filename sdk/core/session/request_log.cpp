// Every way that a request may end, as the one answer that the program reads.
#include "sdk/core/session/request_log.h"

#include <algorithm>
#include <utility>

#include "sdk/core/base/printable.h"
#include "sdk/core/replication/event_codec.h"

namespace tidewire::session {

std::uint32_t RequestLog::begin(TimePoint deadline) {
    if (requests_.size() >= requests_max) return 0;
    if (++last_ == 0) ++last_;
    requests_.insert_or_assign(last_, Request{deadline, std::nullopt});
    return last_;
}

void RequestLog::refuse(std::uint32_t id, Error why) {
    const auto found = requests_.find(id);
    if (found == requests_.end() || found->second.outcome) return;
    found->second.outcome.emplace(Unexpected{std::move(why)});
}

void RequestLog::refuse_all(std::string_view why) {
    for (const auto& [id, request] : requests_) refuse(id, {Blame::Peer, std::string(why)});
}

Result<void> RequestLog::receive(const wire::Reply& reply) {
    const bool known = reply.type < layout_->event_count();
    if (reply.refusal.empty() && known)
        if (auto checked = replication::check_event(*layout_, reply.type, reply.data); !checked) return checked;
    if (!reply.refusal.empty()) {
        refuse(reply.id, {Blame::Peer, printable(reply.refusal)});
    } else if (!known) {
        refuse(reply.id, {Blame::Peer, "the server answered with an event that this schema lacks; update the client"});
    } else if (const auto found = requests_.find(reply.id); found != requests_.end() && !found->second.outcome) {
        found->second.outcome.emplace(Reply{reply.type, Bytes(reply.data.begin(), reply.data.end())});
    }
    return {};
}

void RequestLog::handle_timeout(TimePoint now) {
    for (const auto& [id, request] : requests_)
        if (now >= request.deadline)
            refuse(id, {Blame::Peer, "the server did not answer in time; the link stands still, or the server does"});
}

TimePoint RequestLog::poll_timeout() const {
    TimePoint next = never;
    for (const auto& [id, request] : requests_)
        if (!request.outcome) next = std::min(next, request.deadline);
    return next;
}

std::optional<Result<void>> RequestLog::take(std::uint32_t id, std::uint16_t type, void* aggregate) {
    const auto found = requests_.find(id);
    if (found == requests_.end()) {
        return unexpected(Blame::Caller,
                          id == 0 ? "too many requests wait (" + std::to_string(requests_max) + "); read their replies"
                                  : std::string("there is no such request; its reply was read already"));
    }
    if (!found->second.outcome) return std::nullopt;
    const Result<Reply> outcome = std::move(*found->second.outcome);
    requests_.erase(found);
    if (!outcome) return Unexpected{outcome.error()};
    if (outcome->type != type)
        return unexpected(Blame::Caller, std::string("the server answered with ") +
                                             layout_->event(outcome->type).info().name + ", not with " +
                                             layout_->event(type).info().name + "; ask reply() for that");
    return replication::decode_event(*layout_, type, outcome->data, aggregate);
}

}  // namespace tidewire::session
