// Carries the precompiled header of the test programs: CMake makes one only for a target with a source that uses it.
