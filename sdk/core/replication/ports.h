// Two ways through one description of the format: an encoder is told values, a decoder tells them. Everything that both ends must
// do alike is written once, over a port.
#pragma once

#include <cstdint>

#include "sdk/core/replication/codec.h"
#include "sdk/core/replication/rans.h"
#include "sdk/core/replication/token_tables.h"

namespace tidewire::replication {

/// Hears every symbol with its context: for training, and for bounds. `bits` are those that no model could save.
class SymbolListener {
public:
    virtual ~SymbolListener() = default;
    virtual void symbol(std::uint32_t context, std::uint32_t symbol) = 0;
    virtual void bits(unsigned count) = 0;
};

class EncodePort {
public:
    static constexpr bool reads = false;

    EncodePort(const Codec& codec, SymbolListener* listener) : codec_(&codec), listener_(listener) {}

    std::uint32_t symbol(std::uint32_t context, std::uint32_t symbol) {
        encoder_.put(codec_->distribution(context).share(symbol));
        if (listener_ != nullptr) listener_->symbol(context, symbol);
        return symbol;
    }
    std::uint32_t bits(std::uint32_t value, unsigned count) {
        encoder_.put_bits(value, count);
        if (listener_ != nullptr) listener_->bits(count);
        return value;
    }
    /// A symbol in the context that is `level` behind `context`, and at most RansEncoder::raw_bits_max bits behind it.
    void token(std::uint32_t context, std::uint32_t level, std::uint32_t symbol, std::uint32_t bits,
               unsigned bit_count) {
        encoder_.put_with_bits(codec_->levels(context)[level].share(symbol), bits, bit_count);
        if (listener_ == nullptr) return;
        listener_->symbol(context + level, symbol);
        listener_->bits(bit_count);
    }
    /// Nothing that an encoder is told is wrong.
    void fail() {}
    bool failed() const { return false; }

    void finish(Bytes& out) { encoder_.finish(out); }

private:
    const Codec* codec_;
    SymbolListener* listener_;
    RansEncoder encoder_;
};

class DecodePort {
public:
    static constexpr bool reads = true;

    DecodePort(const Codec& codec, ByteSpan section) : codec_(&codec), decoder_(section) {}

    std::uint32_t symbol(std::uint32_t context, std::uint32_t) { return symbol_of(codec_->distribution(context)); }
    /// In the context that is `level` behind `context`.
    std::uint32_t level_symbol(std::uint32_t context, std::uint32_t level) {
        return symbol_of(codec_->levels(context)[level]);
    }
    std::uint32_t bits(std::uint32_t, unsigned count) { return decoder_.bits(count); }
    /// A residual, and the level of the slot after it.
    struct Residual {
        std::int32_t value;
        std::uint32_t level;
    };
    /// What a symbol stands for, with the bits behind it; 0 for token_same.
    Residual residual(std::uint32_t symbol) {
        if (symbol >= token::octaves_first)
            return {from_token(symbol, decoder_.bits(token_bit_count(symbol))), contexts::levels - 1};
        const SymbolFacts& facts = facts_of_symbol(symbol);
        const auto bits = static_cast<std::int32_t>(decoder_.few_bits(facts.bit_count));
        return {facts.base + ((bits ^ facts.sign) - facts.sign), facts.level};
    }
    /// The section says what cannot be.
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    bool finished() const { return decoder_.finished(); }

private:
    std::uint32_t symbol_of(const Distribution& distribution) {
        const std::uint32_t symbol = distribution.find(decoder_.peek());
        decoder_.take(distribution.share(symbol));
        return symbol;
    }

    const Codec* codec_;
    RansDecoder decoder_;
    bool failed_ = false;
};

/// A whole number of any size: its length in bits, then the bits below the first.
template <class Port>
std::uint32_t code_number(Port& port, NumberOf what, std::uint32_t value) {
    const std::uint32_t length = port.symbol(contexts::of(what), value == 0 ? 0 : token::octave(value) + 1);
    if (length <= 1) return length;
    return 1U << (length - 1) | port.bits(value & ~(1U << (length - 1)), length - 1);
}

template <class Port>
bool code_flag(Port& port, FlagOf what, bool value) {
    return port.symbol(contexts::of(what), value ? 1 : 0) != 0;
}

/// A residual in a context, the other way round where `flip`ped: negative is then what is usual in this direction.
template <class Port>
std::int32_t code_token(Port& port, std::uint32_t context, std::int32_t residual, bool flip) {
    const auto turned = [flip](std::int32_t value) {
        return flip ? static_cast<std::int32_t>(~static_cast<std::uint32_t>(value) + 1) : value;
    };
    const Token token = Port::reads ? Token{} : to_token(turned(residual));
    const std::uint32_t symbol = port.symbol(context, token.symbol);
    if (symbol == token_same) return 0;  // of callers that never mean it
    return turned(from_token(symbol, port.bits(token.bits, token_bit_count(symbol))));
}

}  // namespace tidewire::replication
