# SPDX-License-Identifier: MIT
#
# Ringmaster: one make for everything. `make help` lists the targets.
#
# Each part of the system brings a fragment (kernel/kernel.mk, host/host.mk, ...) that is included below, so that one make
# sees all dependencies. A fragment may use these, and depends on a stamp before it uses what the stamp provides:
#
#   variable        what it is                                        stamp to depend on
#   B, BB           build folder; build folder of this board
#   BOARD           board, one of the folders of boards/
#   CACHE           what was downloaded; survives make clean
#   CROSS           prefix of the arm64 compiler                      $(DEPS)
#   LINUX_IMAGE     Debian's arm64 kernel                             $(LINUX_STAMP)
#   LINUX_HEADERS   KDIR for modules of exactly that kernel           $(LINUX_STAMP)
#   LINUX_RELEASE   its version, as uname -r says it                  $(LINUX_STAMP)
#   MUSL_SRC        musl's source tree                                $(MUSL_STAMP)
#   LIBURING_SRC    liburing's source tree                            $(LIBURING_STAMP)
#   LIBFDT_SRC      libfdt's source folder                            $(LIBFDT_STAMP)
#   MBEDTLS_SRC     mbedTLS' source tree                              $(MBEDTLS_STAMP)
#   TOML11_SRC      toml11's source tree                              $(TOML11_STAMP)
#   GUEST_FILES     add SOURCE:/path/in/guest[:MODE] words here to get files into the guest's file system
#   Q               '@', or nothing with V=1; start recipes with it
#   say             $(call say,CC,$@) prints the short line that goes with a quiet command
#
# Stamps are order-only in effect: their files change only when the package behind them does.

BOARD ?= sbsa
B := build
BB := $(B)/$(BOARD)
export CACHE ?= $(CURDIR)/.cache
CROSS := aarch64-linux-gnu-

V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)' >&2
else
Q :=
say = @:
endif

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/bash

.DEFAULT_GOAL := help

ifeq ($(wildcard boards/$(BOARD)/board.mk),)
$(error there is no board '$(BOARD)'; the boards are: $(notdir $(patsubst %/,%,$(wildcard boards/*/))))
endif

# What the build machine needs, installed once.
DEPS := $(B)/.deps

$(DEPS): tools/deps
	$(Q)tools/deps
	$(Q)mkdir -p $(@D) && touch $@

include boot/source.mk
include boards/$(BOARD)/board.mk
include boot/firmware/firmware.mk

-include runtime/runtime.mk
-include kernel/kernel.mk
-include sdk/sdk.mk
-include host/host.mk
-include programs/programs.mk
-include bench/bench.mk
-include tests/tests.mk

include boot/linux/linux.mk
include boot/qemu/qemu.mk

.PHONY: help all check check-realtime check-full check-native check-board fuzz sdk docs stats clean distclean

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

## make run                     boot the board, run the demonstration enclave
## make run CMD='...' SHARE=dir run a shell command in the guest, with dir at /mnt/host
## make shell                   boot the board, with its console on this terminal
## make check                   all tests: check-native, check-board and check-realtime
## make check-realtime          resident enclaves keep their deadlines while Linux attacks them
## make check-full              the same with the long runs of large programs
## make fuzz                    the hostile suites and fuzz targets for long: FUZZ_SECONDS=n for each target
## make coverage                the native suites reach each line of the files that check outside input
## make programs                the large programs of programs/, for enclaves and native
## make sdk                     compiler and libc for enclave programs, in build/sdk
## make all                     build everything, run nothing
## make bench                   enclave beside native, in one boot (bench/bench.mk)
## make docs                    docs/syscalls.md from the source
## make stats                   size and shape of the source
## make clean, make distclean   remove what was built; also what was downloaded
##
## Options: BOARD=sbsa|virt  SMP=n  MEM=2G  TIMEOUT=seconds  ICOUNT=shift=3  GDB=1  QEMU_EXTRA='...'  BOOT_ENCLAVES='IMAGE...'  V=1

all: bootable sdk

# The tests' fragment gives these their recipes: each ends with its own counts.
check-native check-board check-realtime fuzz: $(DEPS)

check: $(DEPS)
	$(Q)tools/check $(MAKE) BOARD=$(BOARD)

check-full: $(DEPS)
	$(Q)tools/check $(MAKE) BOARD=$(BOARD) FULL=1

docs:
	$(Q)tools/syscalls

stats:
	$(Q)tools/stats

clean:
	rm -rf $(B)

distclean: clean
	rm -rf $(CACHE)
