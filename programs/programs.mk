# SPDX-License-Identifier: MIT
#
# Programs that people know, from Debian's sources as they are, linked for enclaves and for the board's Linux (NAME.native).
# Each has a folder here with a script `build`, which runs in the program's build folder with
#   CC         ringmaster-cc --both: compiles once, links twice
#   AR RANLIB STRIP
#              of the cross compiler
#   JOBS       how many commands at once
#   SRC        sources, unpacked, a folder each: to be read only
#   HERE       the program's folder in programs/
#   PROGRAMS   build folders of the programs, for those that need another's library
#   DATA       where it may put files for the guest
# What the table at the end names is stripped and put into build/programs/guest/bin.

PROGRAMS := $(B)/programs
PROGRAMS_GUEST := $(PROGRAMS)/guest
PROGRAMS_STAMPS :=

# Builds without the settings of this make, quietly; the log is shown if it fails.
PROGRAMS_ENV = env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u CFLAGS -u LDFLAGS CC='$(abspath $(SDK_CC)) --both' \
	AR=$(CROSS)ar RANLIB=$(CROSS)ranlib STRIP=$(CROSS)strip PKG_CONFIG=false JOBS=$(SDK_JOBS) SRC=$(abspath $(B)/src) \
	HERE=$(abspath programs/$(1)) PROGRAMS=$(abspath $(PROGRAMS)) DATA=$(abspath $(PROGRAMS_GUEST)/$(1))

# program NAME,PACKAGES,PROGRAMS IT NEEDS,FILES: a change of the recipe, a source or libc builds afresh; a change of what else the
# SDK has links again.
define program
$(PROGRAMS)/$(1)/.fresh: $(wildcard programs/$(1)/*) $(foreach p,$(2),$(B)/src/$(p).stamp) $(SDK_LIBC_CONTENT)
	$$(Q)rm -rf $$(@D) && mkdir -p $$(@D) && touch $$@

$(PROGRAMS)/$(1)/.stamp: $(PROGRAMS)/$(1)/.fresh $(SDK_STAMP) $(foreach n,$(3),$(PROGRAMS)/$(n)/.stamp)
	$(call say,BUILD,$(1))
	$$(Q)mkdir -p $(PROGRAMS_GUEST)/bin && cd $$(@D) && rm -f $(foreach f,$(4),$(f) $(f).native) && \
		$$(call PROGRAMS_ENV,$(1)) sh -eu $(abspath programs/$(1)/build) >build.log 2>&1 </dev/null || \
		{ tail -n 30 build.log >&2; exit 1; }
	$$(Q)for f in $(foreach f,$(4),$(f) $(f).native); do \
		$(CROSS)strip -o $(PROGRAMS_GUEST)/bin/$$$${f##*/} $$(@D)/$$$$f || exit 1; done
	$$(Q)touch $$@

PROGRAMS_STAMPS += $(PROGRAMS)/$(1)/.stamp
endef

# Sources that only programs need; the last two only for the long runs (wesnoth's is 460 MB to fetch).
PROGRAMS_SOURCES := zlib sqlite3 lua5.4 lua5.1 lua-unit redis busybox lighttpd fio pigz posixtestsuite wesnoth-1.18

$(patsubst %,$(B)/src/%.stamp,$(PROGRAMS_SOURCES)): $(B)/src/%.stamp: boot/packages.lock tools/unpack-source | $(DEPS)
	$(call unpack_source,$*)

# Debian's own arm64 programs that the tests drive the guest with: the load, the TLS client, the strace.
PROGRAMS_CLIENTS := apache2-utils curl strace
PROGRAMS_CLIENTS_STAMP := $(PROGRAMS)/clients.stamp

$(PROGRAMS_CLIENTS_STAMP): programs/programs.mk tools/fetch | $(DEPS)
	$(call say,UNPACK,$(PROGRAMS_CLIENTS))
	$(Q)rm -rf $(PROGRAMS_GUEST)/clients && mkdir -p $(PROGRAMS_GUEST)/clients
	$(Q)for deb in $$(tools/fetch closure clients arm64 $(PROGRAMS_CLIENTS)); do \
		dpkg-deb --fsys-tarfile "$$deb" | tar -C $(PROGRAMS_GUEST)/clients --wildcards --exclude './usr/share/*' -x || exit 1; done
	$(Q)touch $@

$(eval $(call program,zlib,zlib,,))
$(eval $(call program,mbedtls,mbedtls,,programs/test/selftest programs/ssl/ssl_client2))
$(eval $(call program,lua,lua5.4 lua5.1 lua-unit,,lua))
$(eval $(call program,pigz,pigz,zlib,pigz))
$(eval $(call program,sqlite,sqlite3,,sqlite3 speedtest1))
$(eval $(call program,redis,redis,,src/redis-server src/redis-benchmark src/redis-cli))
$(eval $(call program,busybox,busybox,,busybox))
$(eval $(call program,lighttpd,lighttpd,mbedtls,lighttpd))
$(eval $(call program,fio,fio,zlib,fio))
ifneq ($(FULL),)
$(eval $(call program,luasuite,lua5.4 wesnoth-1.18,,lua-internal))
$(eval $(call program,posixtestsuite,posixtestsuite,,))
endif

.PHONY: programs
programs: $(DEPS) $(PROGRAMS_STAMPS) $(PROGRAMS_CLIENTS_STAMP)
