// Each kind is a text and a pace.
#include "tools/sim/storm/intruder.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "sdk/core/wire/codec.h"
#include "sdk/core/ws/frame.h"
#include "storm_game.h"
#include "tidewire/version.h"

namespace tidewire::sim {

namespace {

constexpr std::string_view request =
    "GET / HTTP/1.1\r\nHost: storm\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: tidewire.v1\r\n\r\n";

Bytes anything(SeededRandom& random, std::uint32_t most) {
    Bytes bytes(random.below(most));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    return bytes;
}

/// One masked message in one frame, under a mask of zeros.
void append_frame(Bytes& out, ByteSpan payload) {
    const ws::HeaderBytes head = ws::to_bytes({.masked = true, .payload_bytes = payload.size()});
    append(out, head);
    append(out, payload);
}

Bytes hello(std::string_view name, std::optional<wire::Resume> resume) {
    const SchemaInfo& schema = storm::Schema::info();
    return wire::encode(wire::Hello{.protocol = protocol_version,
                                    .schema_hash = schema.hash,
                                    .schema_name = schema.name,
                                    .sdk_version = version,
                                    .player_name = std::string(name),
                                    .token = "good",
                                    .resume = std::move(resume)});
}

}  // namespace

std::string_view Intruder::name_of(Kind kind) {
    constexpr std::array<std::string_view, kinds> names{"mute",    "garbage",       "slowloris",  "half frame",
                                                        "garbled", "forged resume", "deaf player"};
    return names[static_cast<std::size_t>(kind)];
}

Intruder::Intruder(Kind kind, LinePointer line, std::uint64_t seed, TimePoint until, TimePoint now)
    : random_(seed), line_(std::move(line)), next_(now), until_(until), reads_(random_.below(2) == 0) {
    if (kind == Kind::Garbage) unsaid_ = anything(random_, 4000);
    if (kind >= Kind::Slowloris) append(unsaid_, as_bytes(request));
    greeting_ = kind >= Kind::Slowloris ? request.size() : 0;
    switch (kind) {
        case Kind::Mute:
        case Kind::Garbage:
            break;
        case Kind::Slowloris:
            pace_ = 1;
            period_ = std::chrono::seconds(1);
            break;
        case Kind::HalfFrame:
            append_frame(unsaid_, anything(random_, 2000));
            unsaid_.resize(unsaid_.size() - std::min<std::size_t>(random_.below(100), unsaid_.size() - request.size()));
            break;
        case Kind::Garbled:
            if (random_.below(2) == 0) append_frame(unsaid_, hello("xenia", {}));
            for (std::uint32_t frames = random_.below(20); frames > 0; --frames) append_frame(unsaid_, anything(random_, 300));
            pace_ = 1 + random_.below(500);
            period_ = std::chrono::milliseconds(random_.below(200));
            break;
        case Kind::ForgedResume: {
            wire::Resume resume{.token = anything(random_, 30)};
            resume.token.resize(random_.below(4) == 0 ? resume.token.size() : 24);
            resume.tick = random_.below(200);
            append_frame(unsaid_, hello("xenia", std::move(resume)));
            break;
        }
        case Kind::DeafPlayer:
            append_frame(unsaid_, hello("xenia", {}));
            reads_ = false;
            break;
    }
}

TimePoint Intruder::next_instant() const {
    if (!line_) return never;
    TimePoint next = until_;
    if (said_ < unsaid_.size()) next = std::min(next, next_);
    if (reads_ && !line_->silent) next = std::min(next, line_->down.next_arrival());
    return next;
}

void Intruder::turn(TimePoint now) {
    if (!line_) return;
    if (reads_) {
        std::array<std::byte, 4096> room{};
        while (line_->down.read(room, now) > 0) continue;
        line_->broken = line_->broken || line_->down.reset();
    }
    if (said_ < unsaid_.size() && now >= next_) {
        const std::size_t rest = unsaid_.size() - said_;
        // Who has more to say waits for the answer to the request.
        const std::size_t most = said_ < greeting_ ? greeting_ - said_ : rest;
        const std::size_t count = pace_ == 0 ? most : std::min(pace_, most);
        say(ByteSpan(unsaid_).subspan(said_, count), now);
        said_ += count;
        next_ = now + std::max<Duration>(period_, std::chrono::milliseconds(said_ == greeting_ ? 100 : 1));
    }
    if (line_->ended() || now >= until_) go();
}

void Intruder::say(ByteSpan bytes, TimePoint now) { line_->up.write({&bytes, 1}, now); }

void Intruder::go() {
    if (!line_) return;
    line_->client_shut = true;
    const std::uint32_t how = random_.below(3);
    line_->client_reset = how == 0;
    line_->silent = how == 1;  // it vanishes
    line_.reset();
}

}  // namespace tidewire::sim
