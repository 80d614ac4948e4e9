// Who brought down whom, as the server says it: the newest few, for a while.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "samples/arena/client/scene.h"

namespace arena {

class KillFeed {
public:
    struct Name {
        std::string text;
        std::uint8_t hue = 0;
        bool own = false;
    };
    struct Line {
        Name killer;
        Name victim;
        float age = 0;  ///< Seconds.

        /// 1, then less and less until it goes.
        float visible() const;
    };

    void update(float seconds);
    /// Names are those of the scene: whoever has left since is nobody.
    void add(const Kill& kill, const Scene& scene);
    /// The newest last.
    std::span<const Line> lines() const { return lines_; }

private:
    std::vector<Line> lines_;
};

}  // namespace arena
