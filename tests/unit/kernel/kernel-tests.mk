# SPDX-License-Identifier: MIT
#
# Native unit tests of the secure kernel: NAME.c here, over the files in KERNEL_UNIT_SOURCES and KERNEL_UNIT_NAME.

KERNEL_UNIT_SOURCES := kernel/mm/frame.c kernel/mm/region.c kernel/mm/space.c kernel/mm/table.c kernel/mm/window.c tests/unit/kernel/machine.c
KERNEL_UNIT_NAMES := admission frame region space upcall resident device normal
KERNEL_UNIT_upcall := kernel/enclave/upcall.c
KERNEL_UNIT_resident := $(addprefix kernel/,sched/resident.c sched/latency.c enclave/device.c enclave/enclave.c enclave/host.c enclave/reservation.c enclave/thread.c enclave/upcall.c)
KERNEL_UNIT_device := $(KERNEL_UNIT_resident)
KERNEL_UNIT_normal = kernel/mm/normal.c $(KERNEL_FUZZ_LIBFDT) -isystem $(LIBFDT_SRC) -Wno-sign-compare
KERNEL_UNIT_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -Werror -fno-omit-frame-pointer -DUNIT_TEST \
	-fsanitize=address,undefined -fno-sanitize-recover=all -Iabi -Ikernel -Itests/unit/kernel

UNIT_TESTS += $(KERNEL_UNIT_NAMES:%=$(B)/unit/kernel_%)

$(KERNEL_UNIT_NAMES:%=$(B)/unit/kernel_%): $(B)/unit/kernel_%: tests/unit/kernel/%.c $(KERNEL_UNIT_SOURCES) $(KERNEL_UNIT_upcall) $(KERNEL_UNIT_resident) \
		$(wildcard kernel/enclave/*.h kernel/mm/*.h kernel/arch/*.h kernel/lib/*.h tests/unit/kernel/*.h abi/*.h) | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && gcc $(KERNEL_UNIT_CFLAGS) -o $@ $< $(KERNEL_UNIT_SOURCES) $(KERNEL_UNIT_$*) -lcmocka

$(B)/unit/kernel_normal: kernel/mm/normal.c $(LIBFDT_STAMP)

# The kernel above arch/, whole, for tests/fuzz/kernel_calls.c.
KERNEL_FUZZ_SOURCES := $(wildcard kernel/mm/*.c) $(filter-out kernel/enclave/runtime_image.c,$(wildcard kernel/enclave/*.c)) \
	$(filter-out kernel/call/power.c,$(wildcard kernel/call/*.c)) $(filter-out kernel/sched/heartbeat.c kernel/sched/boot.c,$(wildcard kernel/sched/*.c)) \
	tests/unit/kernel/machine.c
KERNEL_FUZZ_LIBFDT := $(addprefix $(LIBFDT_SRC)/,fdt.c fdt_ro.c fdt_rw.c fdt_wip.c fdt_addresses.c fdt_sw.c)
KERNEL_FUZZ_FLAGS = $(filter-out -fsanitize=%,$(KERNEL_UNIT_CFLAGS)) -Wno-gnu-case-range -Wno-sign-compare -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -isystem $(LIBFDT_SRC)

FUZZ_TARGETS += $(B)/fuzz/kernel_calls

$(B)/fuzz/kernel_calls: tests/fuzz/kernel_calls.c $(KERNEL_FUZZ_SOURCES) $(LIBFDT_STAMP) \
		$(wildcard kernel/*/*.h tests/unit/kernel/*.h abi/*.h) | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && clang $(KERNEL_FUZZ_FLAGS) -o $@ $< $(KERNEL_FUZZ_SOURCES) $(KERNEL_FUZZ_LIBFDT) -lcmocka
