// Keeps a book of bans in a file, so that they outlive the server: a JSON object a line, of which the whole is written anew at each change
// and takes the old one's place in one step.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "server/gate/ban_book.h"
#include "server/main/file_errand.h"
#include "tidewire/result.h"

namespace tidewire::server {

/// Puts what stands in the file into the book, without what is over. A file that is not there is an empty one. Errors name the line: who
/// cannot read all of it must not begin, and let those in whom it could not read.
Result<void> load_bans(const std::string& path, BanBook& book);
/// Errors: the machine's. The old file stays then.
Result<void> save_bans(const std::string& path, const BanBook& book);

/// While it lives the file has what the book has, a moment later, and at its end.
class BanKeeper {
public:
    /// `book` must outlive it. `failed` is called from a thread of its own.
    BanKeeper(std::string path, BanBook& book, std::function<void(const Error&)> failed);
    ~BanKeeper();
    BanKeeper(const BanKeeper&) = delete;
    BanKeeper& operator=(const BanKeeper&) = delete;

private:
    std::string path_;
    BanBook* book_;
    std::function<void(const Error&)> failed_;
    std::optional<FileErrand> errand_;
};

}  // namespace tidewire::server
