# SPDX-License-Identifier: MIT
#
# QEMU sbsa-ref: 508 MiB of secure memory that neither the Normal world's cores nor its DMA can reach.

BOARD_TFA_FLAGS := PLAT=qemu_sbsa PRELOADED_BL33_BASE=0x10000200000 ARM_LINUX_KERNEL_AS_BL33=1 \
	ARM_PRELOADED_DTB_BASE=0x10008000000

# The boot flash: BL1 at its start, the package of the other stages behind BL1's room. The board wants two full-size devices.
BOARD_FIP_OFFSET := 0x12000
BOARD_FLASHES := flash0.img:256M flash1.img:256M
