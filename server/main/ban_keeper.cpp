// A new file beside the old one, and then its name: a server that is killed leaves one of them whole.
#include "server/main/ban_keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "sdk/core/base/printable.h"
#include "server/gate/iso_time.h"
#include "server/gate/strict_json.h"

namespace tidewire::server {

namespace {

Unexpected refuse(const std::string& path, const std::string& what) {
    return unexpected(Blame::Machine, "bans_file (--bans): \"" + printable(path) + "\": " + what);
}

std::string text_of(const JsonValue& object, std::string_view name) {
    const JsonValue* const value = object.find(name);
    return value != nullptr && value->kind == JsonValue::Kind::Text ? value->text : std::string();
}

std::optional<Ban> parse_ban(const std::string& line) {
    const auto object = parse_json(line);
    if (!object || object->kind != JsonValue::Kind::Object) return std::nullopt;
    const auto until = parse_iso(text_of(*object, "until"));
    if (!until) return std::nullopt;
    return Ban{.subject = text_of(*object, "subject"),
               .address = text_of(*object, "address"),
               .until = *until,
               .reason = text_of(*object, "reason")};
}

/// A line for each, the last one ended as well.
std::string to_lines(const std::vector<ListedBan>& bans) {
    std::string text;
    for (const ListedBan& ban : bans) {
        nlohmann::ordered_json object;
        if (!ban.subject.empty()) object["subject"] = ban.subject;
        if (!ban.address.empty()) object["address"] = ban.address;
        object["until"] = to_iso(ban.until);
        object["reason"] = ban.reason;
        text += object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    }
    return text;
}

/// 0, or the machine's reason.
int write_whole(const std::string& path, std::string_view text) {
    constexpr int operator_may_read = 0600;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, operator_may_read);
    if (fd < 0) return errno;
    int failed = 0;
    while (!text.empty() && failed == 0) {
        const ssize_t done = ::write(fd, text.data(), text.size());
        if (done >= 0)
            text.remove_prefix(static_cast<std::size_t>(done));
        else if (errno != EINTR)
            failed = errno;
    }
    if (failed == 0 && ::fsync(fd) != 0) failed = errno;
    ::close(fd);
    return failed;
}

}  // namespace

Result<void> load_bans(const std::string& path, BanBook& book) {
    std::ifstream file(path);
    if (!file) {
        // Only what is not there may be made.
        if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
        return refuse(path, "cannot be read: " + std::generic_category().message(errno));
    }
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty()) continue;
        const std::string where = "line " + std::to_string(number);
        const auto ban = parse_ban(line);
        if (!ban)
            return refuse(path, where + R"( is no ban; write {"subject": "account-7", "until": "2027-01-31T18:00:00Z", "reason": "why"})"
                                        ", or remove it");
        if (ban->until <= book.now()) continue;
        if (const auto added = book.add(*ban); !added) return refuse(path, where + ": " + added.error().message);
    }
    if (file.bad()) return refuse(path, "cannot be read to its end");
    return {};
}

Result<void> save_bans(const std::string& path, const BanBook& book) {
    const std::string beside = path + ".new";
    if (const int failed = write_whole(beside, to_lines(book.list())); failed != 0)
        return refuse(beside, "cannot be written: " + std::generic_category().message(failed));
    if (std::rename(beside.c_str(), path.c_str()) != 0)
        return refuse(path, "cannot be replaced: " + std::generic_category().message(errno));
    return {};
}

BanKeeper::BanKeeper(std::string path, BanBook& book, std::function<void(const Error&)> failed)
    : path_(std::move(path)), book_(&book), failed_(std::move(failed)) {
    errand_.emplace([this] { return save_bans(path_, *book_); },
                    [this](const Result<void>& saved) {
                        if (!saved && failed_) failed_(saved.error());
                    });
    book_->on_change([this] { errand_->request(); });
    // Who cannot write it learns it now, and not from the first ban.
    errand_->request();
}

BanKeeper::~BanKeeper() {
    book_->on_change({});
    errand_.reset();
    // What was asked for last may be left undone.
    if (const auto saved = save_bans(path_, *book_); !saved && failed_) failed_(saved.error());
}

}  // namespace tidewire::server
