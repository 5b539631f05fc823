# SPDX-License-Identifier: MIT
#
# The SDK in build/sdk: musl with our hook, ringmaster-cc, ringmaster.h. Depend on $(SDK_STAMP), call $(SDK_CC).

SDK := $(B)/sdk
SDK_STAMP := $(SDK)/.stamp
SDK_CC := $(SDK)/bin/ringmaster-cc

SDK_MUSL := $(B)/musl
SDK_LIBC := $(SDK_MUSL)/.stamp
SDK_LIBC_CONTENT := $(B)/musl.content
SDK_OVERLAY := $(shell find sdk/musl -type f)
SDK_JOBS := $(shell nproc)
SDK_UAPI := /usr/aarch64-linux-gnu/include

# musl builds in a copy of its tree, over which our few files are laid.
$(SDK_LIBC): $(SDK_OVERLAY) abi/spawn.h sdk/sdk.mk $(MUSL_STAMP) | $(DEPS)
	$(call say,MUSL,$(SDK_MUSL))
	$(Q)rm -rf $(SDK_MUSL) && mkdir -p $(SDK_MUSL)
	$(Q)cp -r $(MUSL_SRC)/. $(SDK_MUSL)/ && rm -rf $(SDK_MUSL)/debian
	$(Q)sed 's/^int posix_spawn(/hidden int __posix_spawn_linux(/' $(SDK_MUSL)/src/process/posix_spawn.c \
		>$(SDK_MUSL)/src/process/posix_spawn_linux.c
	$(Q)cp -r sdk/musl/. $(SDK_MUSL)/ && mkdir -p $(SDK_MUSL)/ringmaster && cp abi/spawn.h $(SDK_MUSL)/ringmaster/
	$(Q)cd $(SDK_MUSL) && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS ./configure --target=aarch64-linux-musl \
		CC=$(CROSS)gcc CROSS_COMPILE=$(CROSS) CFLAGS='-g0 -fPIE -w' --disable-shared --prefix=/ \
		>configure.log 2>&1 || { cat configure.log >&2; exit 1; }
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS $(MAKE) -s -j$(SDK_JOBS) -C $(SDK_MUSL) MAKEFLAGS= SHARED_LIBS= \
		DESTDIR=$(abspath $(SDK_MUSL))/root install-libs install-headers >$(SDK_MUSL)/build.log 2>&1 || \
		{ tail -30 $(SDK_MUSL)/build.log >&2; exit 1; }
	$(Q)touch $@

# For what takes long to build: changes only when a header or a library of musl does.
$(SDK_LIBC_CONTENT): $(SDK_LIBC)
	$(Q)cd $(SDK_MUSL)/root && find . -type f | LC_ALL=C sort | xargs sha256sum >$(abspath $@).new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# libringmaster: what ringmaster.h declares. Nothing else of it is seen, nor the parts of mbedTLS in it, so that a program can have its own.
SDK_PROMISE_CC = $(SDK_CC) -std=gnu11 -O2 -fPIE -ffunction-sections -Wall -Wextra -Wshadow -Werror -Isdk/include

$(SDK_STAMP): $(SDK_LIBC) $(wildcard sdk/call/* sdk/include/* sdk/bin/* sdk/promise/*.[ch] sdk/promise/native/*) sdk/specs.in sdk/ringmaster.cmake \
		abi/svc.h abi/spawn.h abi/promise.h $(MBEDTLS_STAMP)
	$(call say,SDK,$(SDK))
	$(Q)rm -rf $(SDK) && mkdir -p $(SDK)/bin $(SDK)/lib $(SDK)/include/ringmaster
	$(Q)cp -r $(SDK_MUSL)/root/lib/. $(SDK)/lib/
	$(Q)cp -rp $(SDK_MUSL)/root/include/. $(SDK)/include/
	$(Q)cp -rpL $(addprefix $(SDK_UAPI)/,asm asm-generic linux misc mtd sound video) $(SDK)/include/
	$(Q)cp -p sdk/include/ringmaster.h $(SDK)/include/
	$(Q)cp -p abi/svc.h abi/promise.h $(SDK)/include/ringmaster/
	$(Q)cp sdk/bin/ringmaster-cc $(SDK)/bin/
	$(Q)cp sdk/ringmaster.cmake $(SDK)/lib/
	$(Q)$(CROSS)gcc -DRINGMASTER_NATIVE -Iabi -c -o $(SDK)/lib/native.o sdk/call/call.S
	$(Q)$(CROSS)gcc -std=c11 -O2 -Wall -Wextra -ffreestanding -fPIE -Iabi -r -nostdlib -o $(SDK)/lib/enclave.o \
		sdk/call/call.S sdk/call/attach.c sdk/call/again.c
	$(Q)for k in native enclave; do sed "s/@KIND@/$$k/" sdk/specs.in >$(SDK)/lib/$$k.specs; done
	$(Q)for f in sdk/promise/api.c sdk/promise/native/*.c; do $(SDK_PROMISE_CC) -c -o $(SDK)/lib/part.$$(basename $$f .c).o $$f || exit 1; done
	$(Q)$(CROSS)ld -r -o $(SDK)/lib/promise.api.o $(SDK)/lib/part.*.o && rm $(SDK)/lib/part.*.o && \
		$(CROSS)objcopy --wildcard --keep-global-symbol='ringmaster_*' $(SDK)/lib/promise.api.o
	$(Q)for f in sdk/promise/hash.c $(MBEDTLS_SRC)/library/sha256.c; do \
		$(SDK_PROMISE_CC) -isystem $(MBEDTLS_SRC)/include -DMBEDTLS_CONFIG_FILE='"$(abspath sdk/promise/mbedtls_config.h)"' \
		-c -o $(SDK)/lib/part.$$(basename $$f .c).o $$f || exit 1; done
	$(Q)$(CROSS)ld -r -o $(SDK)/lib/promise.hash.o $(SDK)/lib/part.*.o && \
		$(CROSS)objcopy --wildcard --keep-global-symbol='ringmaster_*' $(SDK)/lib/promise.hash.o
	$(Q)cd $(SDK)/lib && $(CROSS)ar rcs libringmaster.a promise.*.o && rm promise.*.o part.*.o
	$(Q)touch $@

sdk: $(SDK_STAMP)
