# plimsoll_module(NAME decide SOURCES decide.cpp HEADERS decide.h DEPENDS core telemetry [LIBRARIES ...] [ASIO] [HOT] [WAITS])
#   a static library plimsoll_NAME with our warnings. ASIO shares the precompiled header of the modules
#   that speak Asio, the others one of the standard library and fmt; HOT is optimised in debug builds
#   too, for tests that run it over thousands of fleets; WAITS spends its time waiting for others, or
#   little of it, and is optimised less in release builds, which compiles a quarter faster. Each header
#   is also compiled alone (target all_verify_interface_header_sets).
# plimsoll_unit_test(MODULE SOURCES ... [PURE])
#   one executable unit_MODULE that links the module and what it declares, nothing else: it is also
#   the link test that catches a use of something undeclared. The target unit_tests builds them all.
#   PURE has neither threads nor coroutines: the thread sanitizer would see nothing and is spared it.

# Where g++ 12 optimises, some warnings are false: three of them of strings joined with +, and
# mismatched-new-delete of the coroutine frames that Asio allocates. More are where sanitizers rewrite
# the code first, so those presets only show warnings; dev and release fail on them.
option(PLIMSOLL_ONLY_THREADED "Leave out unit tests in which no thread runs but their own" OFF)
option(PLIMSOLL_WARNINGS_ARE_ERRORS "Fail on a warning" ON)
add_library(plimsoll_warnings INTERFACE)
target_compile_options(plimsoll_warnings INTERFACE
  $<$<BOOL:${PLIMSOLL_WARNINGS_ARE_ERRORS}>:-Werror> -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wformat=2 -Wundef -Wswitch-enum -Wno-missing-field-initializers
  -Wimplicit-fallthrough -Wextra-semi -Wdouble-promotion -Wredundant-decls -Wmissing-declarations
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast
    -Wsuggest-override>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<STREQUAL:${CMAKE_BUILD_TYPE},Debug>>>:
    -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict -Wno-mismatched-new-delete>)

function(plimsoll_module)
  cmake_parse_arguments(ARG "ASIO;HOT;WAITS" "NAME" "SOURCES;HEADERS;DEPENDS;LIBRARIES" ${ARGN})
  set(target plimsoll_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE CXX)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${ARG_HEADERS})
  list(TRANSFORM ARG_DEPENDS PREPEND plimsoll_ OUTPUT_VARIABLE depends)
  target_link_libraries(${target} PUBLIC ${depends} ${ARG_LIBRARIES} PRIVATE plimsoll_warnings)
  if(ARG_ASIO)
    plimsoll_share_asio_pch(${target})
  elseif(ARG_HOT)
    plimsoll_share_pch(${target} plimsoll_hot_pch HOT)
  else()
    plimsoll_share_pch(${target} plimsoll_plain_pch)
  endif()
  if(ARG_HOT)
    plimsoll_optimise(${target})
  endif()
  if(ARG_WAITS)
    plimsoll_optimise_less(${target})
  endif()
endfunction()

set(plimsoll_less $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:RelWithDebInfo>>:-O1>)
function(plimsoll_optimise_less target)
  target_compile_options(${target} PRIVATE ${plimsoll_less})
endfunction()

function(plimsoll_optimise_less_sources)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "${plimsoll_less}")
endfunction()

function(plimsoll_optimise target)
  target_compile_options(${target} PRIVATE
    $<$<CONFIG:Debug>:-O1> $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Debug>>:-Wno-array-bounds -Wno-stringop-overflow
      -Wno-restrict -Wno-maybe-uninitialized>)
endfunction()

set(plimsoll_std_headers <algorithm> <chrono> <functional> <map> <memory> <optional> <string>
  <string_view> <variant> <vector>)
set(plimsoll_asio_headers <boost/asio.hpp> <boost/asio/experimental/awaitable_operators.hpp>
  <boost/system/result.hpp>)

# plimsoll_share_pch(TARGET PCH LIBRARIES ... HEADERS ... [HOT]): the first caller makes the
# precompiled header, the others reuse it.
function(plimsoll_share_pch target pch)
  cmake_parse_arguments(ARG "HOT" "" "LIBRARIES;HEADERS" ${ARGN})
  if(NOT TARGET ${pch})
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${pch}.cpp CONTENT "")
    add_library(${pch} OBJECT ${CMAKE_BINARY_DIR}/${pch}.cpp)
    target_link_libraries(${pch} PRIVATE ${ARG_LIBRARIES} plimsoll_fmt plimsoll_warnings)
    target_precompile_headers(${pch} PRIVATE ${ARG_HEADERS} <fmt/format.h> ${plimsoll_std_headers})
    if(ARG_HOT)
      plimsoll_optimise(${pch})
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${pch})
endfunction()

function(plimsoll_share_asio_pch target)
  target_link_libraries(${target} PUBLIC plimsoll_boost)
  plimsoll_share_pch(${target} plimsoll_pch LIBRARIES plimsoll_boost HEADERS ${plimsoll_asio_headers})
endfunction()

# GoogleMock takes a second to read, which was a third of the build. What is optimised needs one made
# so. KIND: ASIO, HOT or PLAIN.
function(plimsoll_share_test_pch target kind)
  if(kind STREQUAL "ASIO")
    target_link_libraries(${target} PUBLIC plimsoll_boost)
    plimsoll_share_pch(${target} plimsoll_asio_test_pch LIBRARIES plimsoll_boost GTest::gmock
                       HEADERS ${plimsoll_asio_headers} <gmock/gmock.h>)
  elseif(kind STREQUAL "HOT")
    plimsoll_share_pch(${target} plimsoll_hot_test_pch HOT LIBRARIES GTest::gmock HEADERS <gmock/gmock.h>)
  else()
    plimsoll_share_pch(${target} plimsoll_test_pch LIBRARIES GTest::gmock HEADERS <gmock/gmock.h>)
  endif()
endfunction()

function(plimsoll_unit_test module)
  if(NOT PLIMSOLL_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "ASIO;HOT;PURE" "" "SOURCES;LIBRARIES" ${ARGN})
  if(ARG_PURE AND PLIMSOLL_ONLY_THREADED)
    return()
  endif()
  set(target unit_${module})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE plimsoll_${module} ${ARG_LIBRARIES} plimsoll_warnings
                        GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
    PLIMSOLL_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/golden")
  if(ARG_ASIO)
    plimsoll_share_test_pch(${target} ASIO)
  elseif(ARG_HOT)
    plimsoll_share_test_pch(${target} HOT)
  else()
    plimsoll_share_test_pch(${target} PLAIN)
  endif()
  if(NOT TARGET unit_tests)
    add_custom_target(unit_tests)
  endif()
  add_dependencies(unit_tests ${target})
  add_test(NAME ${target} COMMAND ${target})
  set_tests_properties(${target} PROPERTIES LABELS unit TIMEOUT 300)
  if(ARG_HOT)
    plimsoll_optimise(${target})
  endif()
endfunction()
