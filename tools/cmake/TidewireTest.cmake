# tidewire_test(NAME SOURCES a_test.cpp … LINKS library …)
#
# One Catch2 program a room, bin/NAME-test, with each of its test cases as a CTest test. Under sanitizers the whole program
# is one CTest test: starting it costs more than its cases.
#
# The tests' own files are hardly optimised, whatever the build is: they are half of all there is to compile, and with sanitizers an -O1 of
# theirs takes two and a half times as long as none. What they test is compiled as the build says, but for inline code that they bring along:
# no test judges how fast something is.
if(TIDEWIRE_SANITIZE)
    set(tidewire_test_optimisation -O0)
else()
    set(tidewire_test_optimisation -O1)
endif()

function(tidewire_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
    set(target ${name}-test)
    add_executable(${target} ${TEST_SOURCES})
    target_include_directories(${target} PRIVATE ${tidewire_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${TEST_LINKS} tidewire_test_main)
    target_precompile_headers(${target} REUSE_FROM tidewire_test_main)
    tidewire_warnings(${target})
    target_compile_options(${target} PRIVATE ${tidewire_test_optimisation})
    target_compile_definitions(${target} PRIVATE TIDEWIRE_SOURCE_DIR="${tidewire_SOURCE_DIR}")
    if(TIDEWIRE_SANITIZE)
        add_test(NAME ${name} COMMAND ${target})
    else()
        catch_discover_tests(${target} TEST_PREFIX "${name}: " PROPERTIES TIMEOUT 300)
    endif()
endfunction()
