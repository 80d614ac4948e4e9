// What the system says of this very test program.
#include "sdk/net/process_figures.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <vector>

#include "sdk/net/waker.h"

using namespace tidewire::net;

TEST_CASE("a process knows its memory, its time and its start", "[net][process]") {
    const ProcessFigures figures = process_figures();
    CHECK(figures.resident_bytes > 100 * 1024);
    CHECK(figures.cpu_seconds >= 0);
    const auto today = static_cast<double>(std::time(nullptr));
    // It may have started in the second that `today` has not finished; the boot time is whole seconds.
    CHECK(figures.started <= today + 2);
    CHECK(figures.started > today - 24 * 3600);
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(figures.descriptors_max == limit.rlim_cur);
}

TEST_CASE("an open descriptor is counted, a closed one is not, nor what the counting takes", "[net][process]") {
    const std::uint64_t before = process_figures().open_descriptors;
    CHECK(before >= 3);
    {
        auto waker = Waker::create();
        REQUIRE(waker);
        CHECK(process_figures().open_descriptors == before + 1);
    }
    CHECK(process_figures().open_descriptors == before);
}

TEST_CASE("the time of the processor grows as it is used", "[net][process]") {
    const double before = process_figures().cpu_seconds;
    volatile unsigned sum = 0;
    while (process_figures().cpu_seconds == before)
        for (unsigned i = 0; i < 100'000; ++i) sum = sum + i;
    CHECK(process_figures().cpu_seconds > before);
}
