// Nothing but the precompiled header: CMake builds it for a target only when one of the target's sources uses it, and
// main.cpp must not.
