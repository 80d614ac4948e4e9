// The opening handshake (RFC 6455 4): what a request and a response must say. Text in, verdict out; no bytes, no time.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/core/base/time.h"
#include "sdk/core/ws/http_head.h"
#include "tidewire/result.h"

namespace tidewire::ws {

/// A client asks for this. Precondition: no control characters or spaces in any of it (the values of `headers` may have spaces).
struct ClientHandshake {
    std::string host = {};     ///< With the port where it is not the scheme's own: the Host header.
    std::string target = "/";  ///< Path and query.
    /// In order of preference; the server must choose one of them when there are any.
    std::vector<std::string> subprotocols = {};
    std::string origin = {};                ///< Sent when not empty.
    std::vector<HeaderField> headers = {};  ///< Further fields.
};

/// The answer to a request that is refused: a status, a sentence, and what RFC 9110 or 6455 wants beside it.
struct Refusal {
    int status;
    std::string reason;
    std::vector<HeaderField> headers;
};

/// What every request says (RFC 9112 3): one of `methods`, a target, the version and one Host. Of content and of an upgrade nothing is
/// looked at: `upgrade`, `subprotocols` and `key` are not set.
std::variant<Request, Refusal> check_head(Head head, std::span<const std::string_view> methods);

/// RFC 6455 4.2.1, and RFC 9112 for the rest. A GET or HEAD that asks for no WebSocket is a Request without
/// `upgrade`.
std::variant<Request, Refusal> check_request(Head head);

/// The client's head (RFC 6455 4.1).
std::string to_request(const ClientHandshake& handshake, std::string_view key);

/// The server's 101 (RFC 6455 4.2.2). No extension is ever accepted.
std::string to_acceptance(std::string_view key, std::string_view subprotocol, std::span<const HeaderField> headers);

/// RFC 6455 4.1, the client's checks. Returns the subprotocol, or a sentence that says why this is not a WebSocket.
Result<std::string> check_response(const Head& head, std::string_view key, std::span<const std::string> subprotocols);

/// What an answer of 429 or 503 says of another try (RFC 9110 10.2.3), an hour at most. Zero where it says nothing, or a date: a client's
/// clock may show anything.
std::chrono::seconds retry_after_of(const Head& head);

/// How many bytes of content behind such an answer say in words why: a line of plain text, of a length that is said and small. 0: none do.
std::size_t words_bytes_of(const Head& head);

/// An answer that is no WebSocket, as its server's own words have it, which may be anything: they are made fit to stand in a sentence. Empty
/// where they say nothing.
std::string to_sentence(const Head& head, std::string_view words);

}  // namespace tidewire::ws
