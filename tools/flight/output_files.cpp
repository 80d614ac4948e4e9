// Writes beside, then renames.
#include "tools/flight/output_files.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "sdk/core/base/printable.h"

namespace tidewire::flight {

namespace {

std::string part_of(const OutputFile& file) { return file.path + ".part"; }

bool write_part(const OutputFile& file) {
    // A folder is the one thing that takes a file beside it and then no file in its place.
    std::error_code missing;
    if (std::filesystem::is_directory(file.path, missing)) return false;
    std::ofstream stream(part_of(file), std::ios::binary | std::ios::trunc);
    stream << as_text(file.bytes);
    stream.close();
    return stream.good();
}

}  // namespace

Result<void> write_files(std::span<const OutputFile> files) {
    const auto give_up = [files](const OutputFile& at) {
        std::error_code ignored;
        for (const OutputFile& file : files) std::filesystem::remove(part_of(file), ignored);
        return unexpected(Blame::Machine, "\"" + printable(at.path) + "\" cannot be written");
    };
    for (const OutputFile& file : files)
        if (!write_part(file)) return give_up(file);
    for (const OutputFile& file : files) {
        std::error_code error;
        std::filesystem::rename(part_of(file), file.path, error);
        if (error) return give_up(file);
    }
    return {};
}

}  // namespace tidewire::flight
