# SPDX-License-Identifier: MIT
#
# Sources that others wrote: pinned, fetched once, unpacked under build/src.

TFA_SRC := $(B)/src/tfa
MUSL_SRC := $(B)/src/musl
LIBURING_SRC := $(B)/src/liburing
LIBFDT_SRC := $(B)/src/dtc/libfdt
MBEDTLS_SRC := $(B)/src/mbedtls
TOML11_SRC := $(B)/src/toml11

TFA_STAMP := $(B)/src/tfa.stamp
MUSL_STAMP := $(B)/src/musl.stamp
LIBURING_STAMP := $(B)/src/liburing.stamp
LIBFDT_STAMP := $(B)/src/dtc.stamp
MBEDTLS_STAMP := $(B)/src/mbedtls.stamp
TOML11_STAMP := $(B)/src/toml11.stamp

LINUX_STAMP := $(B)/linux/.stamp
LINUX_IMAGE := $(B)/linux/Image
LINUX_HEADERS := $(B)/linux/headers
LINUX_RELEASE = $(shell cat $(B)/linux/release)

TFA_PATCHES := $(wildcard boot/firmware/patches/*.patch)
TOML11_PATCHES := $(wildcard host/manifest/patches/*.patch)

# unpack-source PACKAGE,PATCHES: anew only if the package's lines of the lock, the patches or the tool say something else than the
# stamp, which holds what it was made from.
define unpack_source
	$(Q)mkdir -p $(@D) && { grep '^$(1) ' boot/packages.lock && cat tools/unpack-source $(2); } >$@.new
	$(Q)if [ -d $(@:.stamp=) ] && cmp -s $@.new $@; then rm $@.new; else \
		$(if $(filter @,$(Q)),printf '  %-7s %s\n' UNPACK '$(1)' >&2;) \
		tools/unpack-source $(1) $(@:.stamp=) $(2) && mv $@.new $@; fi
endef

$(TFA_STAMP): boot/packages.lock tools/unpack-source $(TFA_PATCHES) | $(DEPS)
	$(call unpack_source,arm-trusted-firmware,$(TFA_PATCHES))

$(MUSL_STAMP): boot/packages.lock tools/unpack-source | $(DEPS)
	$(call unpack_source,musl)

$(LIBURING_STAMP): boot/packages.lock tools/unpack-source | $(DEPS)
	$(call unpack_source,liburing)

$(LIBFDT_STAMP): boot/packages.lock tools/unpack-source | $(DEPS)
	$(call unpack_source,device-tree-compiler)

$(MBEDTLS_STAMP): boot/packages.lock tools/unpack-source | $(DEPS)
	$(call unpack_source,mbedtls)

$(TOML11_STAMP): boot/packages.lock tools/unpack-source $(TOML11_PATCHES) | $(DEPS)
	$(call unpack_source,toml11,$(TOML11_PATCHES))

$(LINUX_STAMP): boot/linux/unpack | $(DEPS)
	$(Q)boot/linux/unpack $(@D)
	$(Q)touch $@
