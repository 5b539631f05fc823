# SPDX-License-Identifier: MIT
#
# BUILD_STATIC puts all modules into the program but those for TLS: this adds mbedTLS', once all targets are known.

cmake_language(DEFER CALL target_sources lighttpd PRIVATE "${CMAKE_SOURCE_DIR}/src/mod_mbedtls.c")
cmake_language(DEFER CALL target_link_libraries lighttpd mbedtls mbedx509 mbedcrypto)
