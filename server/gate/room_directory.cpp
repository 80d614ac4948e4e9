// What is the same for every directory.
#include "server/gate/room_directory.h"

namespace tidewire::server {

Seat& Seat::operator=(Seat&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    directory_ = std::exchange(other.directory_, nullptr);
    place_ = other.place_;
    kind_ = other.kind_;
    kept_ = std::move(other.kept_);
    return *this;
}

void Seat::give_back() {
    if (RoomDirectory* const directory = std::exchange(directory_, nullptr))
        directory->give_back(place_.room, kind_, std::move(kept_));
}

std::optional<Seat> RoomDirectory::take_seat(SeatKind kind) {
    auto seat = take_seat(SeatWish{.kind = kind}, TimePoint{});
    if (std::holds_alternative<Refusal>(seat)) return std::nullopt;
    return std::move(std::get<Seat>(seat));
}

}  // namespace tidewire::server
