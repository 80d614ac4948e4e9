// The head parser: one pass, one byte at a time, so that any cut of the bytes gives the same result.
#include "sdk/core/ws/http_head.h"

#include "sdk/core/ws/ascii.h"

namespace tidewire::ws {

const std::string* find_header(const std::vector<HeaderField>& headers, std::string_view name) {
    for (const HeaderField& field : headers)
        if (equals_ignoring_case(field.name, name)) return &field.value;
    return nullptr;
}

std::size_t count_headers(const std::vector<HeaderField>& headers, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const HeaderField& field) {
        return equals_ignoring_case(field.name, name);
    }));
}

std::string joined_header(const std::vector<HeaderField>& headers, std::string_view name) {
    std::string list;
    for (const HeaderField& field : headers) {
        if (!equals_ignoring_case(field.name, name)) continue;
        if (!list.empty()) list += ", ";
        list += field.value;
    }
    return list;
}

std::size_t HeadParser::memory_bytes() const {
    return line_.capacity() + bytes_ + head_.headers.capacity() * sizeof(HeaderField);
}

std::size_t HeadParser::receive(ByteSpan input) {
    std::size_t taken = 0;
    while (taken < input.size() && !complete() && !fault_) take_byte(static_cast<char>(input[taken++]));
    return taken;
}

void HeadParser::take_byte(char c) {
    if (++bytes_ > bytes_max_) return fail(431, "the head of the request is longer than this server reads");
    if (after_carriage_return_) {
        after_carriage_return_ = false;
        if (c != '\n') return fail(400, "a carriage return stands without a line feed");
        return end_line();
    }
    if (c == '\r') {
        after_carriage_return_ = true;
        return;
    }
    if (c == '\n') return fail(400, "a line feed stands without a carriage return");
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\t') || code == 0x7f) return fail(400, "the head has a control character; is it HTTP?");
    line_.push_back(c);
}

void HeadParser::end_line() {
    if (stage_ == Stage::StartLine) {
        if (line_.empty()) return fail(400, "the head begins with an empty line");
        head_.start_line = line_;
        stage_ = Stage::Fields;
    } else if (line_.empty()) {
        line_ = std::string();
        stage_ = Stage::Complete;
    } else {
        end_field();
    }
    line_.clear();
}

void HeadParser::end_field() {
    if (line_.front() == ' ' || line_.front() == '\t') return fail(400, "a header field is folded over two lines");
    if (head_.headers.size() == fields_max_) return fail(431, "the head has more fields than this server reads");
    const std::string_view line = line_;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return fail(400, "a header field has no colon");
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name)) return fail(400, "the name of a header field is not a token");
    head_.headers.push_back({std::string(name), std::string(trim(line.substr(colon + 1)))});
}

void HeadParser::fail(int status, std::string_view reason) { fault_ = HeadFault{status, std::string(reason)}; }

}  // namespace tidewire::ws
