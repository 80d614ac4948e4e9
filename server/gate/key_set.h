// The keys that tokens may be signed with, out of a file that may change.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "server/gate/auth_key.h"

namespace tidewire::server {

/// Of a file with keys; that of a large provider has 10 KiB.
inline constexpr std::size_t key_file_bytes_max = 256 * 1024;
/// Two or three are in use while they rotate.
inline constexpr std::size_t keys_max = 64;

/// The bytes of a file with keys. Errors name the file and the remedy.
Result<std::string> read_key_file(const std::string& file);

/// Immutable. `key_id` as in JwtKeySource. At least one key, no two of one id.
class KeySet {
public:
    /// Errors are half-sentences that go on after the file's name.
    static Result<KeySet> parse(JwtKeyFormat format, std::string_view text, std::string_view key_id = {});

    /// The key for a token that says this algorithm and names this `kid`, or none: the one of that name, otherwise the only one of that
    /// algorithm that has no name of its own or is not named by the token. Null when there is none, or no single one.
    const AuthKey* find(JwtAlgorithm algorithm, std::optional<std::string_view> id) const;
    const std::vector<AuthKey>& keys() const { return keys_; }

private:
    std::vector<AuthKey> keys_;
};

/// Any thread may call any of it.
class KeyFile {
public:
    static Result<std::unique_ptr<KeyFile>> open(JwtKeySource source);

    /// Keeps what was read before when the file cannot be used; the Error says why.
    Result<void> reload();
    std::shared_ptr<const KeySet> keys() const;

private:
    explicit KeyFile(JwtKeySource source) : source_(std::move(source)) {}

    const JwtKeySource source_;
    mutable std::mutex mutex_;
    /// Shared, since a check may be under way with the old set when a new one comes.
    std::shared_ptr<const KeySet> keys_;
};

}  // namespace tidewire::server
