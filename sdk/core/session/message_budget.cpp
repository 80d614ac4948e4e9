// The table: four budgets for eight kinds.
#include "sdk/core/session/message_budget.h"

namespace tidewire::session {

namespace {

struct Rule {
    const char* name;
    const char* beyond;
};

/// By MessageClass.
constexpr Rule rules[message_class_count] = {
    {"input", "the client sends more inputs than there are ticks for"},
    {"suspend", "the client sends more inputs than there are ticks for"},
    {"resume", "the client is suspended and resumed all the time"},
    {"event", "the client sends more events than the server takes (ServerOptions::client_events)"},
    {"request", "the client sends more events than the server takes (ServerOptions::client_events)"},
    {"ping", "the client sends Pings faster than they can mean anything"},
    {"pong", "the client sends Pongs faster than it is pinged"},
    {"desync", "the client asks for its state to be verified all the time"},
};

const Rule& rule_of(MessageClass kind) { return rules[static_cast<std::size_t>(kind)]; }

}  // namespace

const char* name_of(MessageClass kind) { return rule_of(kind).name; }

MessageBudget::MessageBudget(const MessageRates& rates, TimePoint now)
    : rates_(rates),
      pings_(rates.pings_burst, now),
      desyncs_(rates.desyncs_burst, now),
      inputs_(0, now),
      events_(rates.client_events, now) {}

void MessageBudget::begin(std::uint16_t tick_rate, MessageCounts* counts, TimePoint now) {
    inputs_per_second_ = rates_.inputs_per_tick * tick_rate;
    inputs_burst_ = inputs_per_second_ * std::chrono::duration<double>(rates_.inputs_burst).count();
    inputs_ = ws::TokenBucket(inputs_burst_, now);
    counts_ = counts;
}

const char* MessageBudget::take(MessageClass kind, std::size_t bytes, TimePoint now) {
    const bool taken = take_tokens(kind, bytes, now);
    if (counts_ != nullptr) ++(taken ? counts_->taken : counts_->refused)[static_cast<std::size_t>(kind)];
    return taken ? nullptr : rule_of(kind).beyond;
}

bool MessageBudget::take_tokens(MessageClass kind, std::size_t bytes, TimePoint now) {
    switch (kind) {
        case MessageClass::Input:
        case MessageClass::Suspend:
            return inputs_.take(inputs_per_second_, inputs_burst_, now);
        case MessageClass::Resume:
        case MessageClass::Desync:
            return desyncs_.take(rates_.desyncs_per_second, rates_.desyncs_burst, now);
        case MessageClass::Event:
        case MessageClass::Request:
            return events_.take(bytes, now);
        case MessageClass::Ping:
        case MessageClass::Pong:
            break;
    }
    return pings_.take(rates_.pings_per_second, rates_.pings_burst, now);
}

}  // namespace tidewire::session
