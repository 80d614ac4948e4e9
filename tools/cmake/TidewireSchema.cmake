# tidewire_add_schema(TARGET game.fbs)
#
# Makes TARGET, an interface library: linking it gives #include "game.h" (named like the file), the plain C++ types of the
# schema with their descriptions. flatc checks the grammar and writes game.bfbs; tidewire-schemac checks the attributes
# and writes game.h. Both run again when the schema changes.
function(tidewire_add_schema target schema)
    get_filename_component(schema_path ${schema} ABSOLUTE)
    get_filename_component(stem ${schema} NAME_WE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_schema)
    file(MAKE_DIRECTORY ${out})
    if(TARGET tidewire-schemac)
        set(schemac tidewire-schemac)
    else()
        set(schemac tidewire::tidewire-schemac)
    endif()
    if(NOT TIDEWIRE_SCHEMA_INCLUDE_DIR)
        set(TIDEWIRE_SCHEMA_INCLUDE_DIR ${tidewire_SOURCE_DIR}/sdk/schema)
    endif()
    find_program(TIDEWIRE_FLATC flatc REQUIRED)
    add_custom_command(
        OUTPUT ${out}/${stem}.bfbs ${out}/${stem}.h
        COMMAND ${TIDEWIRE_FLATC} --binary --schema --bfbs-comments -I ${TIDEWIRE_SCHEMA_INCLUDE_DIR} -o ${out} ${schema_path}
        COMMAND ${schemac} ${out}/${stem}.bfbs --source ${schema_path} --header ${out}/${stem}.h
        DEPENDS ${schema_path} ${schemac} ${TIDEWIRE_SCHEMA_INCLUDE_DIR}/tidewire.fbs
        COMMENT "Compiling schema ${schema}"
        VERBATIM)
    add_library(${target} INTERFACE ${out}/${stem}.h)
    target_include_directories(${target} INTERFACE ${out})
    target_link_libraries(${target} INTERFACE tidewire::base tidewire::replication)
endfunction()
