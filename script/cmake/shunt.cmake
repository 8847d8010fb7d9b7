# The two kinds of target that the project has besides its two programs.

add_library(shunt_flags INTERFACE)
target_compile_options(shunt_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow=local -Wconversion -Wno-sign-conversion -Werror
                                              -Wno-mismatched-new-delete  # a false alarm of GCC 12 on Asio coroutine frames
                                              -Wno-subobject-linkage)     # in a unity build every .cpp file counts as included
# Whether Asio 1.22 allocates with aligned_alloc or with new depends on what a file includes before it, so that one file would
# free what another has allocated otherwise: ASIO_DISABLE_STD_ALIGNED_ALLOC settles it.
target_compile_definitions(shunt_flags INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_SEPARATE_COMPILATION
                                                 ASIO_DISABLE_STD_ALIGNED_ALLOC SPDLOG_FMT_EXTERNAL)
# Builds for tests can be told to misbehave (engine/config/planted.hpp).
target_compile_definitions(shunt_flags INTERFACE $<$<CONFIG:Debug>:SHUNT_PLANTED_BUGS>)
target_include_directories(shunt_flags INTERFACE ${PROJECT_SOURCE_DIR}/engine/include ${PROJECT_SOURCE_DIR}/engine)
target_link_libraries(shunt_flags INTERFACE fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)

# The headers and templates that nearly every file uses are compiled once: a third of the time less. Files include what they use
# all the same: the release and fuzz presets do without.
if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
  add_library(shunt_headers INTERFACE)
  target_link_libraries(shunt_headers INTERFACE shunt_flags)
else()
  add_library(shunt_headers STATIC ${CMAKE_CURRENT_LIST_DIR}/headers.cpp)
  target_link_libraries(shunt_headers PUBLIC shunt_flags)
  set_target_properties(shunt_headers PROPERTIES UNITY_BUILD OFF)
  target_compile_options(shunt_headers PUBLIC $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # as ccache needs it
  target_precompile_headers(shunt_headers PRIVATE ${CMAKE_CURRENT_LIST_DIR}/headers.hpp)
endif()

# Both compile their files several at a time (a unity build: a third of the time); those named by APART, whose local names stand in
# a neighbour too, are compiled alone.

# shunt_library(NAME SOURCES a.cpp b.cpp DEPS other_library ... [APART b.cpp ...])
function(shunt_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;APART" ${ARGN})
  set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC shunt_headers ${ARG_DEPS})
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${name} REUSE_FROM shunt_headers)
  endif()
endfunction()

# What the tsan tier runs: the tests labelled tsan, built without the rest.
add_custom_target(tsan_tests)

# shunt_test(NAME SOURCES a_test.cpp ... DEPS library ... [LABELS unit] [TIMEOUT seconds] [APART b.cpp ...]): one doctest
# program, one CTest test.
function(shunt_test name)
  if(NOT SHUNT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS;APART" ${ARGN})
  set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE shunt_test_main ${ARG_DEPS})
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${name} REUSE_FROM shunt_headers)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(tsan IN_LIST ARG_LABELS)
    add_dependencies(tsan_tests ${name})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT})
endfunction()

# shunt_static_program(NAME a.cpp ...): a program that runs in an image with nothing else in it. It is linked statically, with
# nothing of the project's, because a sanitizer's runtime is a library: what the preset asks of one is taken back here.
function(shunt_static_program name)
  add_executable(${name} ${ARGN})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_definitions(${name} PRIVATE ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
  target_compile_options(${name} PRIVATE -O2 -fno-sanitize=all)
  target_link_options(${name} PRIVATE -static -s -fno-sanitize=all)
endfunction()
