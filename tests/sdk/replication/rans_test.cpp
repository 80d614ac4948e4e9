// The entropy coder: what goes in comes out, it costs what its information needs, and any bytes can be read.
#include "sdk/core/replication/rans.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "sdk/core/base/random.h"
#include "sdk/core/replication/distribution.h"

using namespace tidewire;
using namespace tidewire::replication;

namespace {

/// A symbol of a distribution, or raw bits.
struct Operation {
    const Distribution* distribution;
    std::uint32_t value;
    unsigned bits;
};

std::vector<Distribution> some_distributions() {
    std::vector<Distribution> made;
    for (const std::vector<std::uint32_t>& weights : std::vector<std::vector<std::uint32_t>>{
             {1}, {1, 1}, {4000, 1}, {1, 4000}, {0, 0, 0}, {1, 2, 4, 8, 16, 32, 64}, std::vector<std::uint32_t>(64, 3)})
        made.emplace_back(weights);
    return made;
}

std::vector<Operation> random_operations(SeededRandom& random, const std::vector<Distribution>& distributions,
                                         std::uint32_t count) {
    std::vector<Operation> operations;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (random.below(3) == 0) {
            const unsigned bits = random.below(33);
            const auto value = static_cast<std::uint32_t>(bits == 0 ? 0 : random.next() >> (64 - bits));
            operations.push_back({nullptr, random.below(4) == 0 ? 0 : value, bits});
            continue;
        }
        const auto& distribution = distributions[random.below(static_cast<std::uint32_t>(distributions.size()))];
        const std::uint32_t symbol = random.below(4) == 0
                                         ? random.below(static_cast<std::uint32_t>(distribution.symbol_count()))
                                         : distribution.find(random.below(rans_total));
        operations.push_back({&distribution, symbol, 0});
    }
    return operations;
}

Bytes encode(const std::vector<Operation>& operations) {
    constexpr unsigned part = RansEncoder::raw_bits_max;
    constexpr std::size_t parts_max = 3;  // of 32 bits
    // Its own allocation: an encoder that goes beyond is caught by the sanitizer.
    Bytes buffer(RansEncoder::bytes_max(operations.size() * parts_max));
    std::byte* const end = buffer.data() + buffer.size();
    RansEncoder encoder(end);
    for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation) {
        if (operation->distribution != nullptr) encoder.put(operation->distribution->share(operation->value));
        for (unsigned at = parts_max * part; operation->distribution == nullptr && at > 0;) {
            at -= part;
            if (at >= operation->bits) continue;
            const unsigned count = std::min(part, operation->bits - at);
            encoder.put_bits(operation->value >> at & ((1U << count) - 1), count);
        }
    }
    return Bytes(encoder.finish(), end);
}

std::uint32_t read(RansDecoder& decoder, const Operation& operation) {
    if (operation.distribution == nullptr) return decoder.bits(operation.bits);
    const std::uint32_t symbol = operation.distribution->find(decoder.peek());
    decoder.take(operation.distribution->share(symbol));
    return symbol;
}

double information_bits(const std::vector<Operation>& operations) {
    double sum = 0;
    for (const Operation& operation : operations)
        sum +=
            operation.distribution == nullptr
                ? operation.bits
                : rans_bits -
                      std::log2(double{static_cast<double>(operation.distribution->share(operation.value).frequency)});
    return sum;
}

}  // namespace

TEST_CASE("symbols and bits of any order and number come out as they went in", "[replication][rans]") {
    const std::vector<Distribution> distributions = some_distributions();
    SeededRandom random(1);
    for (int round = 0; round < 4000; ++round) {
        const auto operations = random_operations(random, distributions, random.below(round % 50 == 0 ? 2000 : 40));
        const Bytes bytes = encode(operations);
        CAPTURE(round, operations.size(), bytes.size());
        RansDecoder decoder(bytes);
        for (const Operation& operation : operations) REQUIRE(read(decoder, operation) == operation.value);
        REQUIRE(decoder.finished());
    }
}

TEST_CASE("a section costs the bytes that its information needs", "[replication][rans]") {
    const std::vector<Distribution> distributions = some_distributions();
    SeededRandom random(2);
    for (int round = 0; round < 4000; ++round) {
        const auto operations = random_operations(random, distributions, random.below(30));
        const double needed = information_bits(operations);
        CAPTURE(round, needed);
        // The last symbol is told by its place among 2^12, however likely it is.
        REQUIRE(static_cast<double>(encode(operations).size()) <= std::ceil((needed + rans_bits) / 8));
    }
    const Distribution likely(std::vector<std::uint32_t>{1000, 1});
    CHECK(encode({{&likely, 0, 0}, {&likely, 0, 0}, {&likely, 0, 0}}).empty());
    CHECK(encode({{nullptr, 0, 32}, {nullptr, 1, 1}}).size() == 5);
    CHECK(encode({{nullptr, 1, 7}}).size() == 1);
    CHECK(encode({{nullptr, 255, 8}}).size() == 1);
    CHECK(encode({{nullptr, 256, 9}}).size() == 2);
    CHECK(encode({{nullptr, 0xffffff, 24}}).size() == 3);
    CHECK(encode({}).empty());
}

TEST_CASE("sections one after another do not know of each other", "[replication][rans]") {
    Bytes out = encode({{nullptr, 0x1234, 16}});
    const std::size_t first = out.size();
    const Bytes second = encode({{nullptr, 0x56789abc, 32}});
    out.insert(out.end(), second.begin(), second.end());
    RansDecoder a(ByteSpan(out).first(first));
    CHECK(a.bits(16) == 0x1234);
    CHECK(a.finished());
    RansDecoder b(ByteSpan(out).subspan(first));
    CHECK(b.bits(32) == 0x56789abc);
    CHECK(b.finished());
}

TEST_CASE("any bytes can be read for as long as one likes, and only what was written is finished",
          "[replication][rans]") {
    const std::vector<Distribution> distributions = some_distributions();
    SeededRandom random(3);
    for (int round = 0; round < 2000; ++round) {
        // Its own allocation: a reader that goes beyond is caught by the sanitizer.
        Bytes bytes(random.below(12));
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
        const Bytes exact(bytes.begin(), bytes.end());
        RansDecoder decoder(exact);
        for (const Operation& operation : random_operations(random, distributions, 60)) {
            const std::uint32_t value = read(decoder, operation);
            if (operation.distribution == nullptr)
                REQUIRE((operation.bits == 32 || value >> operation.bits == 0));
            else
                REQUIRE(value < operation.distribution->symbol_count());
        }
    }
    RansDecoder nothing{ByteSpan{}};
    CHECK(nothing.finished());
    CHECK(nothing.bits(32) == 0);
    CHECK(nothing.finished());
}

TEST_CASE("what is cut off, or goes on, is not finished", "[replication][rans]") {
    SeededRandom random(4);
    for (int round = 0; round < 300; ++round) {
        std::vector<Operation> operations;
        for (std::uint32_t i = 4 + random.below(30); i > 0; --i)
            operations.push_back({nullptr, static_cast<std::uint32_t>(random.next() >> 48) | 1U, 16});
        const auto finishes = [&](ByteSpan bytes) {
            RansDecoder decoder(bytes);
            bool same = true;
            for (const Operation& operation : operations) same &= read(decoder, operation) == operation.value;
            return same && decoder.finished();
        };
        Bytes bytes = encode(operations);
        REQUIRE(finishes(bytes));
        for (std::size_t size = 0; size < bytes.size(); ++size) REQUIRE_FALSE(finishes(ByteSpan(bytes).first(size)));
        bytes.push_back(std::byte{0x5a});
        REQUIRE_FALSE(finishes(bytes));
        bytes.push_back(std::byte{0x5a});
        REQUIRE_FALSE(finishes(bytes));
    }
}
