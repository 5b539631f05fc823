# SPDX-License-Identifier: MIT
#
# Native unit tests of the secure kernel: NAME.c here, over the files in KERNEL_UNIT_SOURCES and KERNEL_UNIT_NAME.

KERNEL_UNIT_SOURCES := kernel/mm/frame.c kernel/mm/region.c kernel/mm/space.c kernel/mm/table.c kernel/mm/window.c tests/unit/kernel/machine.c
KERNEL_UNIT_NAMES := admission frame region space upcall resident device
KERNEL_UNIT_upcall := kernel/enclave/upcall.c
KERNEL_UNIT_resident := $(addprefix kernel/,sched/resident.c sched/latency.c enclave/device.c enclave/enclave.c enclave/host.c enclave/reservation.c enclave/thread.c enclave/upcall.c)
KERNEL_UNIT_device := $(KERNEL_UNIT_resident)
KERNEL_UNIT_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Wshadow -Werror -fno-omit-frame-pointer -DUNIT_TEST \
	-fsanitize=address,undefined -fno-sanitize-recover=all -Iabi -Ikernel -Itests/unit/kernel

UNIT_TESTS += $(KERNEL_UNIT_NAMES:%=$(B)/unit/kernel_%)

$(KERNEL_UNIT_NAMES:%=$(B)/unit/kernel_%): $(B)/unit/kernel_%: tests/unit/kernel/%.c $(KERNEL_UNIT_SOURCES) kernel/enclave/upcall.c \
		$(wildcard kernel/enclave/*.h kernel/mm/*.h kernel/arch/*.h kernel/lib/*.h tests/unit/kernel/*.h abi/*.h) | $(DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && gcc $(KERNEL_UNIT_CFLAGS) -o $@ $< $(KERNEL_UNIT_SOURCES) $(KERNEL_UNIT_$*) -lcmocka
