// The schema of the fuzzers of replication.
#pragma once

namespace tidewire::replication::testing {

/// A component of every kind of slot, a table, and what only an owner is told.
inline constexpr const char* fuzz_game =
    "tidewire schema 2 fuzz\n"
    "component fuzz.Body\n"
    "  x: float -512..512 step 0.01 integral(of: vx)\n"
    "  vx: float -40..40 step 0.05\n"
    "  heading: float -4..4 step 0.01 angle\n"
    "  turn[0]: float -1..1 quaternion 9\n"
    "  turn[1]: float -1..1 quaternion 9\n"
    "  turn[2]: float -1..1 quaternion 9\n"
    "  turn[3]: float -1..1 quaternion 9\n"
    "component fuzz.Status\n"
    "  health: short -10..100 linear\n"
    "  kind: ubyte 0..7 static\n"
    "  flags: uint 0..4294967295\n"
    "  half: byte 0..10 step 0.5\n"
    "component table fuzz.Name\n"
    "  0 text: text 0..24\n"
    "  1 level: int -100..100\n"
    "  2 items: bytes 0..40\n"
    "component fuzz.Purse owner_only\n"
    "  gold: ulong 0..1.8446744073709552e+19\n"
    "  exact: float -1000..1000\n"
    "component table fuzz.Secret owner_only\n"
    "  0 text: text 0..24\n";

}  // namespace tidewire::replication::testing
