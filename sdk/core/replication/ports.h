// Two ways through one description of the format: an encoder is told values, a decoder tells them. Everything that both ends must
// do alike is written once, over a port.
#pragma once

#include <cstdint>
#include <vector>

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

/// Keeps what it is told, and codes it at the end: the coder goes through it backwards, and while it waits for itself there is time to
/// look up how likely a symbol was.
class EncodePort {
public:
    static constexpr bool reads = false;

    EncodePort(const Codec& codec, SymbolListener* listener) : codec_(&codec), listener_(listener) {}

    std::uint32_t symbol(std::uint32_t context, std::uint32_t symbol) {
        expect(1);
        put(context, symbol, 0, 0);
        return symbol;
    }
    std::uint32_t bits(std::uint32_t value, unsigned count) {
        constexpr unsigned part = RansEncoder::raw_bits_max;
        expect(tokens_max - 1);
        for (std::uint32_t rest = value; count > 0; rest >>= part) {
            const unsigned here = count < part ? count : part;
            put(no_context, 0, rest & ((1U << here) - 1), here);
            count -= here;
        }
        return value;
    }
    /// How many calls of token() a symbol and 32 bits are worth.
    static constexpr std::size_t tokens_max = 4;
    /// Makes room for as many calls of token().
    void expect(std::size_t count) {
        if (told_.size() - used_ < count) told_.resize(told_.size() * 2 + count + told_min);
    }
    /// A symbol, and at most RansEncoder::raw_bits_max bits behind it. Precondition: expect() was told of it.
    void token(std::uint32_t context, std::uint32_t symbol, std::uint32_t bits, unsigned bit_count) {
        put(context, symbol, bits, bit_count);
    }
    /// Nothing that an encoder is told is wrong.
    void fail() {}
    bool failed() const { return false; }

    /// Appends the section and begins anew.
    void finish(Bytes& out);

private:
    /// A symbol, and the bits behind it, in one word.
    class Told {
    public:
        Told() = default;
        Told(std::uint32_t context, std::uint32_t symbol, std::uint32_t bits, unsigned bit_count)
            : word_(std::uint64_t{context} << 32 | symbol << 24 | bit_count << 16 | bits) {}
        std::uint32_t context() const { return static_cast<std::uint32_t>(word_ >> 32); }
        std::uint32_t symbol() const { return static_cast<std::uint32_t>(word_ >> 24 & 0xff); }
        unsigned bit_count() const { return static_cast<unsigned>(word_ >> 16 & 0xff); }
        std::uint32_t bits() const { return static_cast<std::uint32_t>(word_ & 0xffff); }

    private:
        std::uint64_t word_ = 0;
    };
    static constexpr std::size_t told_min = 32;                     // a few rows
    static constexpr std::uint32_t no_context = ~std::uint32_t{0};  // bits alone

    void put(std::uint32_t context, std::uint32_t symbol, std::uint32_t bits, unsigned bit_count) {
        told_[used_++] = Told(context, symbol, bits, bit_count);
    }

    const Codec* codec_;
    SymbolListener* listener_;
    std::vector<Told> told_;  // the first `used_` of them
    std::size_t used_ = 0;
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
