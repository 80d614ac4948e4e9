// Work that threads share.
#include "server/runtime/shared_work.h"

#include <catch2/catch.hpp>
#include <atomic>
#include <thread>
#include <vector>

using tidewire::server::SharedWork;

namespace {

const auto never = [] { return false; };

}  // namespace

TEST_CASE("who has nobody to help does all of the work itself", "[shared_work]") {
    SharedWork work;
    std::vector<int> done(100);
    int offered = 0;
    work.run(done.size(), [&](std::size_t i) { ++done[i]; }, [&] { ++offered; });
    CHECK(done == std::vector<int>(100, 1));
    CHECK(offered == 1);
    work.run(0, [&](std::size_t i) { ++done[i]; }, [] {});
    work.help(never);
    CHECK(done == std::vector<int>(100, 1));
}

TEST_CASE("each item is done once, whoever helps and however often", "[shared_work]") {
    constexpr std::size_t items = 333;
    constexpr int rounds = 300;
    SharedWork work;
    std::atomic<bool> over = false;
    std::atomic<std::size_t> helped = 0;
    std::vector<int> done(items);  // no atomics: each is one thread's at a time
    const std::thread::id owner = std::this_thread::get_id();
    std::vector<std::thread> helpers;
    for (int i = 0; i < 3; ++i)
        helpers.emplace_back([&] {
            while (!over) {
                work.help([&] { return over.load(); });
                std::this_thread::yield();
            }
        });
    for (int round = 1; round <= rounds; ++round) {
        work.run(
            items,
            [&](std::size_t i) {
                ++done[i];
                if (std::this_thread::get_id() != owner) ++helped;
            },
            [] {});
        REQUIRE(done == std::vector<int>(items, round));
    }
    // Somebody comes in the end: the owner waits for it here, in its first item.
    work.run(
        items,
        [&](std::size_t) {
            while (std::this_thread::get_id() == owner && helped == 0) std::this_thread::yield();
            if (std::this_thread::get_id() != owner) ++helped;
        },
        [] {});
    over = true;
    for (std::thread& helper : helpers) helper.join();
    CHECK(helped > 0);
}

TEST_CASE("who has to leave leaves between two portions", "[shared_work]") {
    SharedWork work;
    std::size_t by_helper = 0;
    const std::thread::id owner = std::this_thread::get_id();
    std::thread helper;
    std::atomic<bool> left = false;
    work.run(
        10 * SharedWork::portion, [&](std::size_t) { by_helper += std::this_thread::get_id() != owner ? 1U : 0U; },
        [&] {
            helper = std::thread([&] {
                int asked = 0;
                work.help([&] { return ++asked == 3; });
                left = true;
            });
            while (!left) std::this_thread::yield();
        });
    helper.join();
    CHECK(by_helper == 2 * SharedWork::portion);
}
