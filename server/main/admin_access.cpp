// A file of one word.
#include "server/main/admin_access.h"

#include <fstream>
#include <utility>

#include "sdk/core/base/printable.h"

namespace tidewire::server {

Result<std::string> read_admin_token(const AdminOptions& options) {
    constexpr const char* remedy = "make one: openssl rand -hex 32 > FILE";
    if (options.token_file.empty())
        return unexpected(Blame::Caller,
                          std::string("--admin-port needs a token that keeps others of this machine out "
                                      "(--admin-token-file); ") + remedy);
    const auto refuse = [&](Blame blame, const std::string& what) {
        return unexpected(blame, "--admin-token-file: \"" + printable(options.token_file) + "\" " + what + "; " + remedy);
    };
    std::ifstream file(options.token_file);
    std::string token;
    if (!file || (!std::getline(file, token) && !file.eof())) return refuse(Blame::Machine, "cannot be read");
    if (!token.empty() && token.back() == '\r') token.pop_back();
    constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=";
    if (token.size() < admin_token_bytes_min || token.size() > admin_token_bytes_max ||
        token.find_first_not_of(letters) != std::string::npos)
        return refuse(Blame::Caller, "holds no token, which is of 16 to 256 letters and digits");
    return token;
}

}  // namespace tidewire::server
