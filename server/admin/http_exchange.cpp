// Head → body → answer → end. Whatever is not that is answered with a sentence.
#include "server/admin/http_exchange.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>
#include <variant>

#include "sdk/core/ws/http_response.h"

namespace tidewire::server {

namespace {

constexpr std::string_view methods[] = {"GET", "POST", "PUT", "DELETE"};

/// How much content comes, or why it must not.
std::variant<std::size_t, ws::Refusal> content_bytes(const ws::Request& request, std::size_t bytes_max) {
    if (ws::find_header(request.headers, "Transfer-Encoding") != nullptr)
        return ws::Refusal{411, "content comes with a Content-Length here: Transfer-Encoding is refused", {}};
    const std::string* const length = ws::find_header(request.headers, "Content-Length");
    if (length == nullptr) return std::size_t{0};
    std::size_t bytes = 0;
    const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), bytes);
    const bool number = error == std::errc() && end == length->data() + length->size();
    if (ws::count_headers(request.headers, "Content-Length") != 1 ||
        (!number && error != std::errc::result_out_of_range))
        return ws::Refusal{400, "Content-Length is not one number", {}};
    if (!number || bytes > bytes_max)
        return ws::Refusal{413, "content is of at most " + std::to_string(bytes_max) + " bytes here", {}};
    if (bytes > 0 && (request.method == "GET" || request.method == "DELETE"))
        return ws::Refusal{400, "a " + request.method + " has no content here", {}};
    return bytes;
}

}  // namespace

HttpExchange::HttpExchange(AdminLimits limits, TimePoint now) : limits_(limits), deadline_(now + limits.request_within) {}

void HttpExchange::receive(ByteSpan bytes, TimePoint now) {
    if (phase_ == Phase::Head) {
        bytes = bytes.subspan(parser_.receive(bytes));
        read_head(now);
    }
    if (phase_ == Phase::Body) take_body(bytes, now);
}

void HttpExchange::read_head(TimePoint now) {
    if (const auto& fault = parser_.fault()) return refuse({fault->status, fault->reason, {}}, now);
    if (!parser_.complete()) return;
    auto checked = ws::check_head(parser_.take(), methods);
    if (const auto* const refusal = std::get_if<ws::Refusal>(&checked)) return refuse(*refusal, now);
    content_.head = std::get<ws::Request>(std::move(checked));
    const auto length = content_bytes(content_.head, limits_.body_bytes_max);
    if (const auto* const refusal = std::get_if<ws::Refusal>(&length)) return refuse(*refusal, now);
    body_bytes_ = std::get<std::size_t>(length);
    phase_ = Phase::Body;
}

void HttpExchange::take_body(ByteSpan bytes, TimePoint now) {
    const std::size_t missing = body_bytes_ - content_.body.size();
    if (bytes.size() > missing) return refuse({400, "there are more bytes than Content-Length has announced", {}}, now);
    content_.body += as_text(bytes);
    if (content_.body.size() < body_bytes_) return;
    phase_ = Phase::Asked;
    deadline_ = never;
}

void HttpExchange::receive_eof(TimePoint now) {
    eof_ = true;
    // Whoever asks and shuts its own side may still read.
    if (phase_ < Phase::Asked) refuse({400, "the stream ended before the request did", {}}, now);
    if (phase_ == Phase::Told) phase_ = Phase::Over;
}

void HttpExchange::abort() {
    phase_ = Phase::Over;
    deadline_ = never;
}

void HttpExchange::written(std::size_t bytes, TimePoint) {
    written_ += bytes;
    assert(written_ <= answer_.size());
    if (phase_ == Phase::Telling && written_ == answer_.size()) phase_ = eof_ ? Phase::Over : Phase::Told;
}

void HttpExchange::handle_timeout(TimePoint now) {
    if (now < deadline_) return;
    if (phase_ < Phase::Asked) return refuse({408, "the request was not whole in time", {}}, now);
    abort();
}

void HttpExchange::answer(int status, std::string_view content_type, std::string_view body,
                          std::span<const ws::HeaderField> headers, TimePoint now) {
    answer_ = ws::to_response(status, content_type, body, headers);
    phase_ = Phase::Telling;
    deadline_ = now + limits_.answer_within;
}

void HttpExchange::refuse(const ws::Refusal& refusal, TimePoint now) {
    answer(refusal.status, "text/plain; charset=utf-8", refusal.reason + "\n", refusal.headers, now);
}

}  // namespace tidewire::server
