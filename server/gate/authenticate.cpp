// The ready-made hooks: each is a file of keys, and what has been used up.
#include "tidewire/authenticate.h"

#include <algorithm>
#include <memory>

#include "sdk/net/system.h"
#include "server/gate/claim_text.h"
#include "server/gate/jwt.h"
#include "server/gate/ticket_book.h"

namespace tidewire {

namespace {

/// What tokens and their keys are called in a book: names of any length, made one size.
server::SpentTokens::Id spent_id(const Identity& identity) {
    const auto digest = server::sha256(as_bytes(identity.token_id));
    server::SpentTokens::Id id{};
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

class JwtDoor {
public:
    JwtDoor(std::unique_ptr<server::KeyFile> keys, const JwtOptions& options)
        : keys_(std::move(keys)), options_(options), spent_(options.spent_max) {}

    Verdict admit(const JoinRequest& request) {
        Verdict verdict = server::verify_jwt(request.token, *keys_->keys(), options_.rules, request.now);
        if (!verdict) return verdict;
        const Identity& identity = verdict.identity();
        if (!identity.room.empty() && !request.room.empty() && identity.room != request.room)
            return Refusal{Refusal::Kind::WrongRoom, "the token is for another room"};
        if (!options_.single_use) return verdict;
        if (identity.token_id.empty())
            return Refusal{Refusal::Kind::Malformed, "the token has no id (jti), and this server lets each in once"};
        if (request.reserve)
            if (auto none = request.reserve(identity.room)) return std::move(*none);
        switch (spent_.spend(spent_id(identity), identity.expires + options_.rules.leeway, request.now)) {
            case server::SpentTokens::Outcome::Fresh:
                return verdict;
            case server::SpentTokens::Outcome::Replayed:
                return Refusal{Refusal::Kind::Replayed, "the token has been used before"};
            case server::SpentTokens::Outcome::Expired:
                return Refusal{Refusal::Kind::Expired, "the token has expired (exp)"};
            case server::SpentTokens::Outcome::Full:
                break;
        }
        return Refusal{Refusal::Kind::Full, "this server has let in as many as it can remember; try again in a minute"};
    }
    Result<void> reload() { return keys_->reload(); }
    void give_back(const Identity& identity) {
        if (options_.single_use) spent_.give_back(spent_id(identity), identity.expires + options_.rules.leeway);
    }
    Bytes save() const { return spent_.save(); }
    Result<void> restore(ByteSpan saved) { return spent_.restore(saved); }

private:
    std::unique_ptr<server::KeyFile> keys_;
    JwtOptions options_;
    server::SpentTokens spent_;
};

Result<std::vector<server::HmacSha256>> ticket_keys(const std::string& file) {
    const auto text = server::read_key_file(file);
    if (!text) return Unexpected{text.error()};
    auto keys = server::parse_ticket_keys(*text);
    if (!keys) return unexpected(Blame::Machine, "the key file " + file + " " + keys.error().message);
    return keys;
}

}  // namespace

Result<std::string> make_ticket(std::string_view key, const Ticket& ticket) {
    return server::make_ticket(as_bytes(key), ticket, net::system_random());
}

// Shared by the two functions of an Authenticator and by their copies, of which each shard may have one.

Result<Authenticator> authenticate_by_jwt(const JwtOptions& options) {
    if (options.rules.algorithms.empty() || options.rules.leeway.count() < 0)
        return unexpected(Blame::Caller, "JwtRules need an algorithm at least, and a leeway that is not negative");
    auto keys = server::KeyFile::open(options.keys);
    if (!keys) return Unexpected{keys.error()};
    const auto door = std::make_shared<JwtDoor>(std::move(*keys), options);
    Authenticator made{.authenticate = [door](const JoinRequest& request) { return door->admit(request); },
                       .reload = [door] { return door->reload(); },
                       .give_back = [door](const Identity& identity) { door->give_back(identity); }};
    if (!options.single_use) return made;
    made.save = [door] { return door->save(); };
    made.restore = [door](ByteSpan saved) { return door->restore(saved); };
    return made;
}

Result<Authenticator> authenticate_by_ticket(const TicketOptions& options) {
    auto keys = ticket_keys(options.key_file);
    if (!keys) return Unexpected{keys.error()};
    const auto book = std::make_shared<server::TicketBook>(std::move(*keys), options.spent_max);
    return Authenticator{
        .authenticate =
            [book](const JoinRequest& request) {
                return book->redeem(request.token, request.room, request.now, request.reserve);
            },
        .reload = [book, file = options.key_file]() -> Result<void> {
            auto fresh = ticket_keys(file);
            if (!fresh) return Unexpected{fresh.error()};
            book->set_keys(std::move(*fresh));
            return {};
        },
        .give_back = [book](const Identity& identity) { book->give_back(identity); },
        .save = [book] { return book->save(); },
        .restore = [book](ByteSpan saved) { return book->restore(saved); }};
}

Authenticator anonymous() {
    return {.authenticate = [](const JoinRequest& request) -> Verdict {
        const std::string_view name = request.player_name;
        if (!server::clean_text(name, server::shown_name_bytes_max))
            return Refusal{Refusal::Kind::Malformed, "the player's name is too long or no printable text"};
        return Identity{.name = std::string(name)};
    }};
}

}  // namespace tidewire
