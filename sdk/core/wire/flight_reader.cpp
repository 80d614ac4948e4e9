// A record is looked at when all of it is here; what its length announces is checked before a byte of it is kept.
#include "sdk/core/wire/flight_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sdk/core/base/byte_io.h"
#include "sdk/core/base/hash.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/wire/refusal.h"

namespace tidewire::wire {

namespace {

constexpr std::size_t version_bytes_max = 256;    // as every text on the wire
constexpr std::size_t length_bytes_max = 5;       // of a varint32
constexpr std::uint32_t entities_limit = 65'536;  // an index has 16 bits
constexpr std::uint32_t tick_rate_limit = 1000;   // what a Codec can divide by, far beyond any server's

Unexpected refuse_header(const char* what) {
    return refuse(Refusal::NotValid, std::string("the header of the recording ") + what);
}

/// Reads the parts of a header. Trouble is kept until the end.
class HeaderReader {
public:
    explicit HeaderReader(ByteSpan payload) : reader_(payload) {}

    std::string text(std::size_t bytes_max) {
        const ByteSpan bytes = block(bytes_max);
        valid_ = valid_ && valid_utf8(bytes);
        return to_string(bytes);
    }
    std::uint32_t number(std::uint32_t max) {
        const auto value = reader_.read_varint32();
        valid_ = valid_ && value && *value >= 1 && *value <= max;
        return value.value_or(0);
    }
    FlightResource resource(std::size_t bytes_max) {
        FlightResource resource{.id = reader_.read_little_endian<std::uint64_t>().value_or(0)};
        const ByteSpan bytes = block(bytes_max);
        resource.bytes.assign(bytes.begin(), bytes.end());
        valid_ = valid_ && resource.id == (bytes.empty() ? 0 : fnv1a(bytes));
        return resource;
    }
    bool finished() const { return valid_ && !reader_.failed() && reader_.at_end(); }

private:
    ByteSpan block(std::size_t bytes_max) {
        const auto size = reader_.read_varint32();
        const auto bytes = size && *size <= bytes_max ? reader_.read_bytes(*size) : std::nullopt;
        valid_ = valid_ && bytes.has_value();
        return bytes.value_or(ByteSpan{});
    }

    ByteReader reader_;
    bool valid_ = true;
};

Result<FlightHeader> parse_header(ByteSpan payload, const FlightLimits& limits) {
    HeaderReader reader(payload);
    FlightHeader header;
    header.sdk_version = reader.text(version_bytes_max);
    header.tick_rate = static_cast<std::uint16_t>(reader.number(tick_rate_limit));
    header.entities_max = reader.number(entities_limit);
    header.schema = reader.text(limits.schema_bytes_max);
    header.code_tables = reader.resource(limits.resource_bytes_max);
    header.dictionary = reader.resource(limits.resource_bytes_max);
    if (!reader.finished()) return refuse_header("does not hold what a header holds");
    return header;
}

/// The varint at the front: empty when it is not whole, 0 bytes when it can be none.
struct Length {
    std::uint32_t value;
    std::size_t bytes;
};
std::optional<Length> parse_length(ByteSpan bytes) {
    const ByteSpan front = bytes.first(std::min(bytes.size(), length_bytes_max));
    const auto last = std::find_if(front.begin(), front.end(),
                                   [](std::byte byte) { return (byte & std::byte{0x80}) == std::byte{0}; });
    if (last == front.end() && front.size() < length_bytes_max) return std::nullopt;
    ByteReader reader(front);
    const auto value = reader.read_varint32();
    return value ? Length{*value, front.size() - reader.remaining()} : Length{0, 0};
}

}  // namespace

void FlightReader::receive(ByteSpan bytes) {
    if (error_) return;
    base_ += position_;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(position_));
    position_ = 0;
    append(buffer_, bytes);
}

Result<std::optional<FlightRecord>> FlightReader::poll_record() {
    if (error_) return Unexpected{*error_};
    if (state_ == State::Magic) {
        const Result<bool> begun = read_magic();
        if (begun && !*begun) return std::optional<FlightRecord>();
        if (!begun) error_ = begun.error();
    }
    if (!error_) {
        auto record = read_record();
        if (record) return record;
        error_ = record.error();
        if (state_ != State::Magic) error_->message += ", at byte " + std::to_string(bytes_read());
    }
    state_ = State::Broken;
    buffer_ = {};
    base_ += std::exchange(position_, 0);
    return Unexpected{*error_};
}

Result<bool> FlightReader::read_magic() {
    const ByteSpan bytes(buffer_);
    const std::size_t here = std::min(bytes.size(), flight_magic.size());
    if (!std::equal(flight_magic.begin(), flight_magic.begin() + static_cast<std::ptrdiff_t>(here), bytes.begin()))
        return refuse(Refusal::NotOurGrammar, "not a flight recording: it does not begin with TWFL");
    if (bytes.size() <= flight_magic.size()) return false;
    if (const auto found = std::to_integer<unsigned>(bytes[flight_magic.size()]); found != flight_version)
        return refuse(Refusal::NotOurGrammar, "a flight recording of version " + std::to_string(found) +
                                                  "; this program reads version " + std::to_string(flight_version));
    position_ = flight_magic.size() + 1;
    state_ = State::Header;
    return true;
}

Result<std::optional<FlightRecord>> FlightReader::read_record() {
    for (;;) {
        const ByteSpan bytes = ByteSpan(buffer_).subspan(position_);
        const std::optional<Length> length = parse_length(bytes);
        if (!length) return std::optional<FlightRecord>();
        if (length->bytes == 0) return refuse(Refusal::NotOurGrammar, "the length of a record is none");
        if (length->value > limits_.record_bytes_max)
            return refuse_size("a record", length->value, "bytes", limits_.record_bytes_max);
        const std::size_t size = length->bytes + 1 + length->value;
        if (bytes.size() < size) return std::optional<FlightRecord>();
        const auto kind = static_cast<FlightKind>(bytes[length->bytes]);
        if (kind != FlightKind::Header && kind != FlightKind::Tick) {
            if (state_ == State::Header)
                return refuse(Refusal::NotOurGrammar, "the first record of the recording is not its header");
            position_ += size;
            continue;
        }
        auto record = parse(kind, bytes.subspan(length->bytes + 1, length->value));
        if (!record) return Unexpected{record.error()};
        position_ += size;
        return std::optional<FlightRecord>(std::move(*record));
    }
}

Result<FlightRecord> FlightReader::parse(FlightKind kind, ByteSpan payload) {
    if ((state_ == State::Header) != (kind == FlightKind::Header))
        return refuse(Refusal::NotOurGrammar, state_ == State::Header
                                                  ? "the first record of the recording is not its header"
                                                  : "a second header in the recording");
    if (kind == FlightKind::Tick) return parse_tick(payload);
    auto header = parse_header(payload, limits_);
    if (!header) return Unexpected{header.error()};
    state_ = State::Ticks;
    return FlightRecord(std::move(*header));
}

Result<FlightRecord> FlightReader::parse_tick(ByteSpan payload) {
    auto message = parse_message(payload, message_limits(limits_));
    if (!message) return Unexpected{message.error()};
    auto* const tick = std::get_if<TickMessage>(&*message);
    if (tick == nullptr) return refuse(Refusal::NotOurGrammar, "a Tick record holds another message");
    if (tick->tick <= last_tick_)
        return refuse(Refusal::NotOurGrammar, "tick " + std::to_string(tick->tick) + " comes after tick " +
                                                  std::to_string(last_tick_) + ": ticks must rise");
    last_tick_ = tick->tick;
    return FlightRecord(std::move(*tick));
}

}  // namespace tidewire::wire
