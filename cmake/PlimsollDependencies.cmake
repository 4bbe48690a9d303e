# What we link is static or header-only: the executable needs nothing but glibc at run time, so that
# one file runs on every host (DESIGN 2). Each library gets a target of ours with system includes,
# so that its headers never break our warnings. fmt and spdlog come without archives in Debian 12:
# fmt's implementation is compiled in src/core/fmt_impl.cpp, spdlog's inside src/runtime/log.cpp.
set(Boost_USE_STATIC_LIBS ON)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)

function(plimsoll_system_library target header)
  find_path(${target}_INCLUDE NAMES ${header} REQUIRED)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
  foreach(archive IN LISTS ARGN)
    find_library(${target}_${archive} NAMES ${archive} REQUIRED)
    target_link_libraries(${target} INTERFACE ${${target}_${archive}})
  endforeach()
endfunction()

plimsoll_system_library(plimsoll_fmt fmt/format.h)
plimsoll_system_library(plimsoll_spdlog spdlog/spdlog.h)
target_compile_definitions(plimsoll_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
plimsoll_system_library(plimsoll_toml toml++/toml.h)
plimsoll_system_library(plimsoll_zlib zlib.h libz.a)
plimsoll_system_library(plimsoll_deflate libdeflate.h libdeflate.a)
plimsoll_system_library(plimsoll_zstd zstd.h libzstd.a)
plimsoll_system_library(plimsoll_openssl openssl/ssl.h libssl.a libcrypto.a)
target_link_libraries(plimsoll_openssl INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)
plimsoll_system_library(plimsoll_re2 re2/re2.h libre2.a)
target_link_libraries(plimsoll_re2 INTERFACE Threads::Threads)
plimsoll_system_library(plimsoll_utf8proc utf8proc.h libutf8proc.a)
target_compile_definitions(plimsoll_utf8proc INTERFACE UTF8PROC_STATIC)
plimsoll_system_library(plimsoll_sqlite sqlite3.h libsqlite3.a)
target_link_libraries(plimsoll_sqlite INTERFACE m ${CMAKE_DL_LIBS} Threads::Threads)

plimsoll_system_library(plimsoll_cares ares.h libcares.a)
# Else its header declares imports from a shared library on some systems.
target_compile_definitions(plimsoll_cares INTERFACE CARES_STATICLIB)

# Asio's and Beast's own implementation is compiled once, in src/runtime/asio_impl.cpp.
add_library(plimsoll_boost INTERFACE)
target_link_libraries(plimsoll_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(plimsoll_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)
