# SPDX-License-Identifier: MIT
#
# QEMU virt with secure=on: the board that everyone has. 15 MiB of secure memory.

BOARD_TFA_FLAGS := PLAT=qemu BL32_RAM_LOCATION=tdram ARM_LINUX_KERNEL_AS_BL33=1 PRELOADED_BL33_BASE=0x44000000 \
	QEMU_USE_GIC_DRIVER=QEMU_GICV3

BOARD_FIP_OFFSET := 0x40000
BOARD_FLASHES := flash0.img:64M
