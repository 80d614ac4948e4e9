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

    EncodePort() = default;
    EncodePort(const Codec& codec, SymbolListener* listener) : codec_(&codec), listener_(listener) {}

    /// The memory of the port serves another body. Precondition: the last one's sections are finished.
    void begin(const Codec& codec, SymbolListener* listener) {
        codec_ = &codec;
        listener_ = listener;
    }

    /// A symbol, and at most RansEncoder::raw_bits_max bits behind it, in one word.
    class Told {
    public:
        Told() = default;
        /// `token` as packed() makes it.
        Told(std::uint32_t context, std::uint32_t token) : word_(std::uint64_t{context} << 32 | token) {}
        /// Without a symbol before them.
        static Told bits_alone(std::uint32_t bits, unsigned count) {
            return Told(no_context, packed({.symbol = 0, .bit_count = count, .bits = bits}));
        }
        bool has_symbol() const { return context() != no_context; }
        std::uint32_t context() const { return static_cast<std::uint32_t>(word_ >> 32); }
        std::uint32_t symbol() const { return static_cast<std::uint32_t>(word_ >> 24 & 0xff); }
        unsigned bit_count() const { return static_cast<unsigned>(word_ >> 16 & 0xff); }
        std::uint32_t bits() const { return static_cast<std::uint32_t>(word_ & 0xffff); }

    private:
        static constexpr std::uint32_t no_context = ~std::uint32_t{0};

        std::uint64_t word_ = 0;
    };

    std::uint32_t symbol(std::uint32_t context, std::uint32_t symbol) {
        expect(1);
        told_[used_++] = Told(context, packed({.symbol = symbol, .bit_count = 0, .bits = 0}));
        return symbol;
    }
    std::uint32_t bits(std::uint32_t value, unsigned count) {
        constexpr unsigned part = RansEncoder::raw_bits_max;
        expect(tokens_max - 1);
        for (std::uint32_t rest = value; count > 0; rest >>= part) {
            const unsigned here = count < part ? count : part;
            told_[used_++] = Told::bits_alone(rest & ((1U << here) - 1), here);
            count -= here;
        }
        return value;
    }
    /// How many words a symbol and 32 bits take.
    static constexpr std::size_t tokens_max = 4;
    /// Makes room for as many words.
    void expect(std::size_t count) {
        if (told_.size() - used_ < count) told_.resize(told_.size() * 2 + count + told_min);
    }
    /// Where the next word goes, for who tells many in a row: what it has written counts once set_end() was told of it.
    /// Precondition: expect() was told of them.
    Told* end() { return told_.data() + used_; }
    void set_end(const Told* end) { used_ = static_cast<std::size_t>(end - told_.data()); }
    /// Nothing that an encoder is told is wrong.
    void fail() {}
    bool failed() const { return false; }

    /// Appends the section and begins anew.
    void finish(Bytes& out);

private:
    static constexpr std::size_t told_min = 32;  // a few rows

    const Codec* codec_ = nullptr;
    SymbolListener* listener_ = nullptr;
    std::vector<Told> told_;  // the first `used_` of them
    std::size_t used_ = 0;
    Bytes coded_;  // a section ends at its end
};

/// Symbols and bits of a section.
class SymbolDecoder {
public:
    explicit SymbolDecoder(ByteSpan section) : decoder_(section) {}

    std::uint32_t symbol(const Distribution& distribution) {
        const std::uint32_t symbol = distribution.find(decoder_.peek());
        decoder_.take(distribution.share(symbol));
        return symbol;
    }
    std::uint32_t bits(unsigned count) { return decoder_.bits(count); }
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
        if (symbol < token::half_octaves_first) return {facts.base, facts.level};
        const auto bits = static_cast<std::int32_t>(decoder_.few_bits(facts.bit_count));
        return {facts.base + ((bits ^ facts.sign) - facts.sign), facts.level};
    }
    bool finished() const { return decoder_.finished(); }

private:
    RansDecoder decoder_;
};

class DecodePort {
public:
    static constexpr bool reads = true;

    DecodePort(const Codec& codec, ByteSpan section) : codec_(&codec), decoder_(section) {}

    std::uint32_t symbol(std::uint32_t context, std::uint32_t) {
        return decoder_.symbol(codec_->distribution(context));
    }
    std::uint32_t bits(std::uint32_t, unsigned count) { return decoder_.bits(count); }
    /// For who reads much in a row: a copy stays in registers.
    const SymbolDecoder& decoder() const { return decoder_; }
    void set_decoder(const SymbolDecoder& decoder) { decoder_ = decoder; }
    const Codec& codec() const { return *codec_; }
    /// The section says what cannot be.
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    bool finished() const { return decoder_.finished(); }

private:
    const Codec* codec_;
    SymbolDecoder decoder_;
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
