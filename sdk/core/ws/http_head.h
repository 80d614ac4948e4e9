// The head of an HTTP/1.1 request or response: a strict, bounded, linear-time parser, used for the opening handshake only.
// It knows lines and fields; what a request or a response must say stands in handshake.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/ws/options.h"

namespace tidewire::ws {

struct HeaderField {
    std::string name;   ///< As it was sent; compare with find_header(), which ignores case.
    std::string value;  ///< Without white space around it.
};

/// Null when there is none. The first when there are several.
const std::string* find_header(const std::vector<HeaderField>& headers, std::string_view name);

/// How many fields have this name.
std::size_t count_headers(const std::vector<HeaderField>& headers, std::string_view name);

/// The values of all fields with this name, in order, as the one list that they are (RFC 9110 5.3). Empty when there is none.
std::string joined_header(const std::vector<HeaderField>& headers, std::string_view name);

struct Request {
    std::string method;
    std::string target;  ///< Path and query.
    std::vector<HeaderField> headers;
    bool upgrade = false;                   ///< Asks for a WebSocket and is valid in every respect.
    std::vector<std::string> subprotocols;  ///< Offered, in the client's order.
    std::string key;                        ///< Sec-WebSocket-Key.
};

/// A head as it was sent: every line is well-formed, nothing is interpreted.
struct Head {
    std::string start_line;
    std::vector<HeaderField> headers;
};

/// Why a head is refused: an HTTP status and a sentence for its sender.
struct HeadFault {
    int status;
    std::string reason;
};

/// Reads one head, however it is cut into pieces, and looks at each byte once. RFC 9112 2.2 and 5 without any leniency:
/// lines end with CR LF, no line folding, no space before a colon, no control characters.
class HeadParser {
public:
    explicit HeadParser(const Limits& limits)
        : bytes_max_(limits.head_bytes_max), fields_max_(limits.head_fields_max) {}

    /// Takes bytes from the front of `input` and returns how many. Stops behind the head's end or at the first fault.
    std::size_t receive(ByteSpan input);

    bool complete() const { return stage_ == Stage::Complete; }
    /// Set for good at the first byte that cannot be part of a head: 400, or 431 when a limit is passed.
    const std::optional<HeadFault>& fault() const { return fault_; }
    /// On the heap, nearly: no more than it has taken, and the fields' own.
    std::size_t memory_bytes() const;
    /// Bytes taken until now.
    std::size_t bytes() const { return bytes_; }
    /// Precondition: complete().
    Head take() { return std::move(head_); }

private:
    enum class Stage : std::uint8_t { StartLine, Fields, Complete };

    void take_byte(char c);
    void end_line();
    void end_field();
    void fail(int status, std::string_view reason);

    std::size_t bytes_max_;
    std::size_t fields_max_;
    std::size_t bytes_ = 0;
    Stage stage_ = Stage::StartLine;
    bool after_carriage_return_ = false;
    std::string line_;  ///< The line that has not ended yet.
    Head head_;
    std::optional<HeadFault> fault_;
};

}  // namespace tidewire::ws
