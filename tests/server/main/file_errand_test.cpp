// Files are read and written in another thread, as often as it was asked for or less.
#include "server/main/file_errand.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

using namespace tidewire;
using tidewire::server::FileErrand;

TEST_CASE("request() returns while the file is being read, and what it finds is told", "[server][files]") {
    std::promise<void> slow_disk;
    std::promise<std::thread::id> first;
    std::promise<std::string> second;
    int readings = 0;
    int told = 0;
    FileErrand keys(
        [&]() -> Result<void> {
            if (++readings == 1) {
                slow_disk.get_future().wait();
                return {};
            }
            return unexpected(Blame::Machine, "broken");
        },
        [&](const Result<void>& read) {
            if (++told == 1)
                first.set_value(std::this_thread::get_id());
            else if (told == 2)
                second.set_value(read.error().message);
        });
    keys.request();
    keys.request();
    // Nothing was read yet, and nobody waits for it but this.
    slow_disk.set_value();
    CHECK(first.get_future().get() != std::this_thread::get_id());
    keys.request();
    CHECK(second.get_future().get() == "broken");
}

TEST_CASE("nobody who asked for nothing waits at the end", "[server][files]") {
    int readings = 0;
    {
        const FileErrand keys([&]() -> Result<void> { return ++readings, Result<void>(); }, [](const Result<void>&) {});
    }
    CHECK(readings == 0);
}
