# cmake -DBUILD=… -DSOURCE=… -DWORK=… -DCXX=… [-DFLAGS=…] -P run.cmake: installs the build into a fresh prefix, copies the
# consumer out of the source tree, builds it there and runs it.
function(step)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/consumer)
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
foreach(file IN ITEMS tests/consumer/CMakeLists.txt tests/consumer/consumer.cpp samples/hello/hello.fbs samples/hello/rules.h)
    file(COPY ${SOURCE}/${file} DESTINATION ${WORK}/consumer)
endforeach()
step(${CMAKE_COMMAND} -S ${WORK}/consumer -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS=${FLAGS}")
step(${CMAKE_COMMAND} --build ${WORK}/build)
step(${WORK}/build/consumer)
