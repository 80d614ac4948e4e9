// What encoders and decoders of bodies write to on their way. Kept from body to body, it has grown once and is not allocated again.
#pragma once

#include <vector>

#include "sdk/core/replication/body_code.h"
#include "sdk/core/replication/body_head.h"

namespace tidewire::replication {

/// What differs in one table.
struct ComparedRows {
    Members had;      ///< Among the known members, where rows come or go.
    Members had_not;  ///< The other known ones.
    Members kept;     ///< And has. Not used where all members have the component.
    Members changed;  ///< Of the kept.
    RowChanges rows;
};

struct EncodeScratch {
    MemberChanges members;
    MemberSets sets;  ///< After them.
    AddedBefore added;
    std::vector<Trail> trails;  ///< Of a body that leaves no trail.
    EncodePort port;  ///< Of one section after another.
    ComparedRows compared;
    MovingScratch moving;
    Trail trail;  ///< Becomes the stream's, whose last one takes its place.
    Bytes sections;
    std::vector<BodySectionLength> lengths;  ///< Of the sections.
};

struct DecodeScratch {
    std::vector<BodySection> sections;
    Members had;
    Members had_not;
    Members kept;
    MovingScratch moving;
    std::vector<Trail> trails;  ///< Become the stream's, whose last ones take their place.
};

}  // namespace tidewire::replication
