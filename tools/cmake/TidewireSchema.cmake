# tidewire_add_schema(TARGET game.fbs)
#
# Makes TARGET, an interface library: linking it gives #include "game.h" (named like the file), the plain C++ types of the
# schema with their descriptions. flatc checks the grammar and writes game.bfbs; tidewire-schemac checks the attributes
# and writes game.h. Both run again when the schema or a file that it includes changes. A relative path is relative to the
# directory of the calling CMakeLists.txt. flatc is found in PATH, or where TIDEWIRE_FLATC says.
cmake_policy(VERSION 3.25)

function(tidewire_add_schema target schema)
    cmake_path(ABSOLUTE_PATH schema BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE OUTPUT_VARIABLE schema_path)
    if(NOT EXISTS ${schema_path})
        message(FATAL_ERROR "tidewire_add_schema(${target} ${schema}): there is no ${schema_path}")
    endif()
    if(NOT schema_path MATCHES "\\.fbs$")
        message(FATAL_ERROR "tidewire_add_schema(${target} ${schema}): the schema's name must end in .fbs")
    endif()
    find_program(TIDEWIRE_FLATC flatc DOC "The FlatBuffers compiler")
    if(NOT TIDEWIRE_FLATC)
        message(FATAL_ERROR "flatc is not installed: apt-get install flatbuffers-compiler, or set TIDEWIRE_FLATC to its path")
    endif()
    # The package config sets these for an installed Tidewire; in the source tree they are here.
    set(include_dir ${TIDEWIRE_SCHEMA_INCLUDE_DIR})
    if(NOT include_dir)
        cmake_path(SET include_dir NORMALIZE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../sdk/schema)
    endif()
    set(schemac tidewire::tidewire-schemac)
    if(TARGET tidewire-schemac)
        set(schemac tidewire-schemac)
    endif()

    cmake_path(GET schema_path STEM LAST_ONLY stem)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_schema)
    file(MAKE_DIRECTORY ${out})
    add_custom_command(
        OUTPUT ${out}/${stem}.h ${out}/${stem}.bfbs
        COMMAND ${TIDEWIRE_FLATC} --binary --schema --bfbs-comments --bfbs-builtins -I ${include_dir} -o ${out} ${schema_path}
        COMMAND ${schemac} ${out}/${stem}.bfbs --source ${schema_path} --header ${out}/${stem}.h --depfile ${out}/${stem}.d
        DEPENDS ${schema_path} ${schemac} ${include_dir}/tidewire.fbs
        DEPFILE ${out}/${stem}.d
        COMMENT "Compiling schema ${schema}"
        VERBATIM)
    add_library(${target} INTERFACE ${out}/${stem}.h)
    target_include_directories(${target} INTERFACE ${out})
    target_link_libraries(${target} INTERFACE tidewire::base tidewire::replication)
endfunction()
