// Figures of the tests, for whoever asks.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tidewire::hostile {

/// Prints a line "H19: ..." where TIDEWIRE_PRINT_FIGURES is set in the environment.
inline void print_figure(std::string_view id, const std::string& text) {
    if (std::getenv("TIDEWIRE_PRINT_FIGURES") == nullptr) return;
    std::printf("%.*s: %s\n", static_cast<int>(id.size()), id.data(), text.c_str());
}

}  // namespace tidewire::hostile
