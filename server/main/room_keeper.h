// Which rooms of a server go on from files, and which begin: reads what a folder has before the port opens, and gives each room its save
// once. Beside the rooms it keeps which single-use tokens were used.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/gate/gate_event.h"
#include "server/main/save_folder.h"
#include "server/runtime/shards.h"
#include "server/save/saved_game.h"
#include "tidewire/authenticate.h"

namespace tidewire::server {

class RoomKeeper {
public:
    /// Looks at all files. What cannot be restored is told by take_news(), and put aside. `site` is told whom to give its rooms to, and which
    /// numbers to keep for those that it is yet to have; it must outlive this.
    static Result<std::unique_ptr<RoomKeeper>> open(Site& site, const std::string& path);

    /// The room of this number as it was saved, under the name that it had; null when it was not, or cannot be restored. What is saved stays
    /// its description, whatever `make_game` makes of that.
    HostedRoom* restore(Shards& shards, RoomNumber number, const std::function<Game(RoomDescription&)>& make_game);
    /// Those that are yet to be restored.
    std::vector<RoomNumber> saved() const;
    /// One of them has this name. Any thread.
    bool has(std::string_view name) const;

    /// What was used up before the stop is used up: to be called before the port opens. The file stays until save_tokens() writes it anew, for
    /// a server that dies must not forget what the one before it knew. What cannot be read is told by take_news(), and put aside.
    void restore_tokens(const Authenticator& authenticator);
    /// When nobody can come in any more. A failure is told by take_news().
    void save_tokens(const Authenticator& authenticator);

    /// What a log should know.
    std::vector<GateEvent> take_news() { return std::exchange(news_, {}); }

private:
    RoomKeeper(Site& site, SaveFolder folder) : site_(&site), folder_(std::move(folder)) {}
    void look_at(std::uint32_t room);
    HostedRoom* restore(Shards& shards, const SavedGame& saved, const std::function<Game(RoomDescription&)>& make_game);
    void refuse(std::uint32_t room, const std::string& reason);

    Site* site_;
    SaveFolder folder_;
    mutable std::mutex mutex_;  // of which rooms are in saved_, once open() is over
    std::map<std::uint32_t, SavedGame> saved_;
    std::vector<GateEvent> news_;
};

}  // namespace tidewire::server
