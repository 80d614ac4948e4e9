// A reader of bodies for whoever has only sdk/PROTOCOL.md: of the game hello, coded by the tables of the document's examples. It uses
// nothing of the SDK but names for bytes, refuses by failing the test, and writes down what it reads as the document does.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sdk/core/base/bytes.h"

namespace tidewire::test::by_hand {

inline unsigned octave_of(std::uint32_t magnitude) {
    unsigned octave = 0;
    while (magnitude >>= 1) ++octave;
    return octave;
}
inline std::uint32_t magnitude_of(std::int32_t value) { return static_cast<std::uint32_t>(value < 0 ? -value : value); }
inline std::uint32_t class_of(std::int32_t value) {
    return value == 0 ? 0 : std::min(octave_of(magnitude_of(value)) + 1, 10U);
}
inline std::uint32_t level_of(std::int32_t residual) {
    const std::uint32_t magnitude = magnitude_of(residual);
    return magnitude < 2 ? magnitude : magnitude <= 4 ? 2 : 3;
}
inline std::int32_t drift_of(std::int32_t change) {
    const std::uint32_t magnitude = magnitude_of(change);
    if (magnitude < 16) return change;
    const unsigned octave = octave_of(magnitude);
    const auto drift = static_cast<std::int32_t>((octave - 2) * 8 + (magnitude >> (octave - 3)) % 8);
    return change < 0 ? -drift : drift;
}
inline std::int32_t middle_of(std::int32_t drift) {
    const std::uint32_t steps = magnitude_of(drift);
    if (steps < 16) return drift;
    const unsigned shift = steps / 8 - 1;
    const auto magnitude = static_cast<std::int32_t>(((8 + steps % 8) << shift) + (1U << shift) / 2);
    return drift < 0 ? -magnitude : magnitude;
}

/// One section: a number that is a stack.
class Section {
public:
    explicit Section(ByteSpan bytes) : rest_(bytes) {
        if (bytes.size() == 1 && bytes[0] == std::byte{0}) rest_ = {};
        if (rest_.size() % 2 == 1) state_ = take();
        refill();
        refill();
    }
    ~Section() {
        CHECK(state_ == 0);
        CHECK(rest_.empty());
    }

    /// The first symbol of `count` has all places but one for each of the others.
    std::uint32_t symbol(const std::string& context, std::uint32_t count) {
        const std::uint32_t place = state_ % 4096;
        const std::uint32_t first = 4096 - count + 1;
        const std::uint32_t symbol = place < first ? 0 : place - first + 1;
        state_ = symbol == 0 ? first * (state_ / 4096) + place : state_ / 4096;
        refill();
        text += (text.empty() ? "" : "\n") + context + ": " + std::to_string(symbol);
        return symbol;
    }
    std::uint32_t bits(unsigned count) {
        std::uint32_t value = 0;
        for (unsigned done = 0; done < count; done += 12) {
            const unsigned part = std::min(count - done, 12U);
            value |= state_ % (1U << part) << done;
            state_ >>= part;
            refill();
        }
        if (count > 0) text += " + " + std::to_string(count) + (count == 1 ? " bit" : " bits");
        return value;
    }
    bool flag(const std::string& context) { return symbol(context, 2) == 1; }
    std::uint32_t number(const std::string& context) {
        const std::uint32_t length = symbol(context, 33);
        return length <= 1 ? length : 1U << (length - 1) | bits(length - 1);
    }
    std::set<std::uint32_t> choice(const std::string& context, const std::set<std::uint32_t>& candidates) {
        if (candidates.empty()) return {};
        const std::uint32_t how = symbol(context, 3);
        if (how == 0) return {};
        if (how == 1) return candidates;
        const std::vector<std::uint32_t> all(candidates.begin(), candidates.end());
        const auto count = static_cast<std::uint32_t>(all.size());
        std::set<std::uint32_t> chosen;
        std::uint32_t rank = 0;
        for (std::uint32_t left = 1 + bits(octave_of(count) + 1); left > 0; --left, ++rank) {
            const std::uint32_t mean = (count - rank) / left * 45 / 64;
            const unsigned low = mean < 2 ? 0 : octave_of(mean);
            std::uint32_t gap = 0;
            while (bits(1) == 1) ++gap;
            gap = gap << low | bits(low);
            rank += gap;
            REQUIRE(rank < count);
            chosen.insert(all[rank]);
        }
        return chosen;
    }
    /// Empty for symbol 0.
    std::optional<std::int32_t> token(const std::string& context, std::uint32_t symbols) {
        const std::uint32_t read = symbol(context, symbols);
        if (read == 0) return std::nullopt;
        const auto with_sign = [](std::uint32_t magnitude, bool negative) {
            return negative ? -static_cast<std::int32_t>(magnitude) : static_cast<std::int32_t>(magnitude);
        };
        if (read < 16) return with_sign(read / 2, read % 2 == 0);
        if (read < 40) {
            const unsigned octave = (read - 16) / 4 + 3;
            const std::uint32_t half = (read - 16) / 2 % 2;
            return with_sign((2 + half) << (octave - 1) | bits(octave - 1), read % 2 == 1);
        }
        const unsigned octave = read - 40 + 9;
        const std::uint32_t rest = bits(octave + 1);
        return with_sign(1U << octave | rest >> 1, rest % 2 == 1);
    }

    std::string text;

private:
    std::uint32_t take() {
        const auto byte = std::to_integer<std::uint32_t>(rest_.front());
        rest_ = rest_.subspan(1);
        return byte;
    }
    void refill() {
        if (state_ >= 1U << 15 || rest_.empty()) return;
        const std::uint32_t low = take();
        state_ = state_ << 16 | low | take() << 8;
    }

    ByteSpan rest_;
    std::uint32_t state_ = 0;
};

using Row = std::array<std::int32_t, 2>;

/// A public group of hello as a client has it: generation and owner, x and y, and how the positions moved in the last body.
struct Group {
    std::map<std::uint32_t, Row> entities;
    std::map<std::uint32_t, Row> positions;
    std::map<std::uint32_t, Row> memories;
};

enum class Kind { Delta, CatchUp, Keyframe };

class Reader {
public:
    /// `ticks`: from the body before to this one.
    Reader(Group& group, Kind kind, std::int32_t ticks) : group_(group), kind_(kind), ticks_(ticks) {}

    void read(ByteSpan body) {
        for (const auto& [index, row] : group_.entities) known_.insert(index);
        std::vector<ByteSpan> sections = cut(body);
        if (!sections[0].empty()) read_members(sections[0]);
        std::map<std::uint32_t, Row> memories;
        if (!sections[1].empty()) memories = read_positions(sections[1]);
        group_.memories = std::move(memories);
    }

    std::string text;  ///< What was read, a line for each symbol.

private:
    /// The sections of both tables; an empty span for one that is not there.
    static std::vector<ByteSpan> cut(ByteSpan body) {
        std::vector<ByteSpan> sections(2);
        if (body.empty()) return sections;
        const auto mask = std::to_integer<unsigned>(body[0]);
        REQUIRE((mask >= 1 && mask <= 3));
        body = body.subspan(1);
        if (mask == 3) {
            const auto length = std::to_integer<std::size_t>(body[0]);
            REQUIRE(length < 0x80);
            sections[0] = body.subspan(1, length);
            body = body.subspan(1 + length);
        }
        sections[mask == 1 ? 0 : 1] = body;
        return sections;
    }

    void read_members(ByteSpan bytes) {
        Section section(bytes);
        const auto left = section.choice("left", known_);
        for (const std::uint32_t index : left) {
            if (section.flag("left for group")) section.bits(16);
            group_.entities.erase(index);
            group_.positions.erase(index);
            known_.erase(index);
        }
        std::uint32_t next = 0;
        for (std::uint32_t count = section.number("arrivals"); count > 0; --count) {
            next += section.number("index gap");
            const auto generation = static_cast<std::int32_t>(section.number("generation"));
            REQUIRE_FALSE(section.flag("arrived from group"));
            group_.entities[next] = {generation, static_cast<std::int32_t>(section.number("owner"))};
            spawned_.insert(next++);
        }
        for (const std::uint32_t index : section.choice("owner changed", known_))
            group_.entities.at(index)[1] = static_cast<std::int32_t>(section.number("owner"));
        write_down(section);
    }

    std::map<std::uint32_t, Row> read_positions(ByteSpan bytes) {
        Section section(bytes);
        std::set<std::uint32_t> kept;
        for (const auto& [index, row] : group_.positions) kept.insert(index);
        if (section.flag("edited")) {
            for (const std::uint32_t index : section.choice("removed", kept)) kept.erase(index);
            std::set<std::uint32_t> others = known_;
            for (const std::uint32_t index : kept) others.erase(index);
            const auto to_spawned = section.choice("added spawned", spawned_);
            add(section, to_spawned);
            add(section, section.choice("added others", others));
        }
        std::set<std::uint32_t> moving;
        std::set<std::uint32_t> resting = kept;
        if (kind_ == Kind::Delta)
            for (const auto& [index, memory] : group_.memories) {
                if (resting.erase(index) == 0) continue;
                const std::uint32_t fastest = std::max(magnitude_of(memory[0]), magnitude_of(memory[1]));
                const std::uint32_t speed = class_of(static_cast<std::int32_t>(std::min(fastest, 127U)));
                const int moved = (memory[0] != 0 ? 1 : 0) + (memory[1] != 0 ? 1 : 0);
                if (section.flag("again " + std::to_string(speed) + " " + std::to_string(moved))) moving.insert(index);
            }
        for (const std::uint32_t index : section.choice("starting", resting)) moving.insert(index);
        std::map<std::uint32_t, Row> memories;
        std::map<std::uint32_t, Row> changes;
        for (const std::uint32_t index : moving) {
            changes[index] = move(section, index);
            memories[index] = {drift_of(changes[index][0]), drift_of(changes[index][1])};
        }
        if (kind_ == Kind::CatchUp) memories = remember(section, changes);
        write_down(section);
        return memories;
    }

    void add(Section& section, const std::set<std::uint32_t>& rows) {
        for (const std::uint32_t index : rows)
            for (std::size_t slot = 0; slot < 2; ++slot) {
                Added& last = added_[slot];
                const auto token =
                    section.token(name(slot, "added", class_of(last.difference), std::min(last.repeats, 3U)), symbols);
                last.repeats = token ? 0 : last.repeats + 1;
                last.difference = token.value_or(last.difference);
                group_.positions[index][slot] = last.value += last.difference;
            }
    }

    Row move(Section& section, std::uint32_t index) {
        const auto memory = group_.memories.find(index);
        const bool remembered = kind_ == Kind::Delta && memory != group_.memories.end();
        Row change{};
        std::uint32_t level = 0;
        for (std::size_t slot = 0; slot < 2; ++slot) {
            const std::int32_t drift = remembered ? memory->second[slot] : 0;
            const std::int32_t expected = middle_of(drift);
            const auto token =
                section.token(name(slot, "change", remembered ? class_of(expected) : 11, level), symbols);
            const std::int32_t residual = token ? (drift < 0 ? -*token : *token) : -expected;
            change[slot] = expected + residual;
            group_.positions.at(index)[slot] += change[slot];
            level = level_of(residual);
        }
        return change;
    }

    std::map<std::uint32_t, Row> remember(Section& section, const std::map<std::uint32_t, Row>& changes) {
        std::map<std::uint32_t, Row> memories;
        if (!section.flag("remembers")) return memories;
        for (const auto& [index, position] : group_.positions) {
            const auto change = changes.find(index);
            if (!section.flag(change != changes.end() ? "remembers moved" : "remembers still")) continue;
            std::uint32_t level = 0;
            for (std::size_t slot = 0; slot < 2; ++slot) {
                REQUIRE(change != changes.end());  // the examples have no others
                const std::int32_t each = change->second[slot] / ticks_;
                const std::uint32_t guess_class = change->second[slot] == 0 ? 0 : std::max(1U, class_of(each));
                const std::int32_t guess = drift_of(each);
                const auto token = section.token(name(slot, "remembered", guess_class, std::min(level, 2U)), 63);
                const std::int32_t off = guess < 0 ? -token.value_or(0) : token.value_or(0);
                memories[index][slot] = guess + off;
                level = level_of(off);
            }
        }
        return memories;
    }

    static std::string name(std::size_t slot, const char* what, std::uint32_t first, std::uint32_t second) {
        return std::string(slot == 0 ? "x " : "y ") + what + " " + std::to_string(first) + " " + std::to_string(second);
    }
    void write_down(const Section& section) { text += (text.empty() ? "" : "\n") + section.text; }

    /// From -512 to 512 in steps of 0.01 are 102400: a residual of 2 * 102400 + 6400 has symbol 48.
    static constexpr std::uint32_t symbols = 49;

    struct Added {
        std::int32_t value = 0;
        std::int32_t difference = 0;
        std::uint32_t repeats = 0;
    };

    Group& group_;
    Kind kind_;
    std::int32_t ticks_;
    std::set<std::uint32_t> known_;
    std::set<std::uint32_t> spawned_;
    std::array<Added, 2> added_;
};

}  // namespace tidewire::test::by_hand
