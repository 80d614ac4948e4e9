// A client that lies: rewrites the inputs in what it sends.
#pragma once

#include <functional>
#include <span>

#include "sdk/core/base/bytes.h"
#include "sdk/core/wire/message.h"

namespace tidewire::sim {

/// `frames` are whole masked WebSocket frames, one message each. The same come back, with every input as `forge` left it.
Bytes forged(std::span<const ByteSpan> frames, const std::function<void(wire::InputMessage&)>& forge);

}  // namespace tidewire::sim
