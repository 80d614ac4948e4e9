// FlatBuffers from a peer: aligned, verified with tight limits, and no byte left unexplained, before any access.
// Private to this room: the only header that knows FlatBuffers.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sdk/core/base/bytes.h"
#include "sdk/core/base/utf8.h"
#include "sdk/core/wire/codec.h"
#include "sdk/core/wire/refusal.h"

namespace tidewire::wire {

/// A view of bytes at an address that is a multiple of 8: the bytes themselves where they lie so, else a copy.
class Aligned {
public:
    explicit Aligned(ByteSpan bytes) : bytes_(bytes) {
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignment == 0 || bytes.empty()) return;
        void* copy = small_.data();
        if (bytes.size() > small_.size()) {
            large_.resize((bytes.size() + alignment - 1) / alignment);
            copy = large_.data();
        }
        std::memcpy(copy, bytes.data(), bytes.size());
        bytes_ = {static_cast<const std::byte*>(copy), bytes.size()};
    }
    Aligned(const Aligned&) = delete;
    Aligned& operator=(const Aligned&) = delete;

    ByteSpan bytes() const { return bytes_; }
    const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes_.data()); }

private:
    static constexpr std::size_t alignment = 8;
    // Most messages of a tick fit here, so that parsing them allocates nothing.
    alignas(alignment) std::array<std::byte, 512> small_;
    std::vector<std::uint64_t> large_;
    ByteSpan bytes_;
};

/// The verified root of `buffer`, or null.
template <class Root>
const Root* verified_root(const Aligned& buffer) {
    flatbuffers::Verifier::Options options;
    options.max_depth = 8;
    options.max_tables = 256;
    flatbuffers::Verifier verifier(buffer.data(), buffer.bytes().size(), options);
    return verifier.VerifyBuffer<Root>(nullptr) ? flatbuffers::GetRoot<Root>(buffer.data()) : nullptr;
}

/// How far the objects of a verified buffer reach. The verifier does not notice bytes after the last one; this does,
/// unless a table has fields that this build does not know: then those may lie there.
class Extent {
public:
    explicit Extent(const Aligned& buffer) : bytes_(buffer.bytes()) {}

    /// `last_known` is the vtable offset of the table's last field that this build knows.
    template <class GeneratedTable>
    void add_table(const GeneratedTable* object, flatbuffers::voffset_t last_known) {
        const auto* table = reinterpret_cast<const flatbuffers::Table*>(object);
        const std::uint8_t* vtable = table->GetVTable();
        const auto vtable_size = flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable);
        constexpr flatbuffers::voffset_t vtable_size_min = 4;
        if (vtable_size < vtable_size_min) {
            valid_ = false;
            return;
        }
        if (vtable_size > last_known + sizeof(flatbuffers::voffset_t)) unknown_fields_ = true;
        const auto object_size = flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + sizeof(vtable_size));
        reach(vtable, vtable_size);
        reach(reinterpret_cast<const std::uint8_t*>(object), object_size);
    }

    template <class Element>
    void add_vector(const flatbuffers::Vector<Element>* vector) {
        using Traits = flatbuffers::IndirectHelper<Element>;
        if (vector != nullptr) reach(vector->Data(), vector->size() * Traits::element_stride);
    }

    void add_string(const flatbuffers::String* string) {
        constexpr std::size_t terminator = 1;
        if (string != nullptr) reach(string->Data(), string->size() + terminator);
    }

    /// Nothing but zeros that fill the last four bytes follows the last object.
    bool explains_all() const {
        if (!valid_) return false;
        if (unknown_fields_) return true;
        constexpr std::size_t unit = sizeof(flatbuffers::uoffset_t);
        if (bytes_.size() % unit != 0 || bytes_.size() - end_ >= unit) return false;
        for (const std::byte byte : bytes_.subspan(end_))
            if (byte != std::byte{0}) return false;
        return true;
    }

private:
    void reach(const std::uint8_t* begin, std::size_t size) {
        const auto offset = static_cast<std::size_t>(begin - reinterpret_cast<const std::uint8_t*>(bytes_.data()));
        if (size > bytes_.size() - offset) valid_ = false;
        if (valid_ && offset + size > end_) end_ = offset + size;
    }

    ByteSpan bytes_;
    std::size_t end_ = 0;
    bool unknown_fields_ = false;
    bool valid_ = true;
};

inline Unexpected refuse_flatbuffer(const char* name) {
    return refuse(Refusal::NotValid, std::string("The FlatBuffers table ") + name + " does not verify.");
}

inline Unexpected refuse_trailing(const char* name) {
    return refuse(Refusal::NotValid, std::string("Bytes after the FlatBuffers table ") + name + " belong to nothing.");
}

}  // namespace tidewire::wire
