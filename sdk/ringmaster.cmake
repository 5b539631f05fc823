# SPDX-License-Identifier: MIT
#
# cmake's description of an enclave program: cmake -DCMAKE_TOOLCHAIN_FILE=THIS [-DRINGMASTER_OPTIONS=--native] ...

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

set(CMAKE_C_COMPILER "${CMAKE_CURRENT_LIST_DIR}/../bin/ringmaster-cc" ${RINGMASTER_OPTIONS})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RINGMASTER_OPTIONS)
find_program(CMAKE_AR NAMES aarch64-linux-gnu-ar ar)
find_program(CMAKE_RANLIB NAMES aarch64-linux-gnu-ranlib ranlib)
find_program(CMAKE_STRIP NAMES aarch64-linux-gnu-strip strip)

# Programs of this machine may be run, its libraries and headers are not ours.
set(CMAKE_FIND_ROOT_PATH "${CMAKE_CURRENT_LIST_DIR}/..")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(BUILD_SHARED_LIBS OFF)
