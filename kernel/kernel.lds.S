/* SPDX-License-Identifier: MIT */
/* Linked in the upper half, loaded by TF-A at BOARD_SECURE_BASE; the first instruction is the entry. */
#include "arch/layout.h"
#include "board.h"

ENTRY(_start)

SECTIONS
{
	. = KERNEL_OFFSET + BOARD_SECURE_BASE;
	image_start = .;
	.text : { KEEP(*(.text.boot)) KEEP(*(.text.vector)) *(.text .text.*) . = ALIGN(4096); }
	text_end = .;
	.rodata : { *(.rodata .rodata.*) . = ALIGN(4096); }
	/* Blobs that enclaves map page by page. */
	.blobs : { KEEP(*(.blobs)) . = ALIGN(4096); }
	rodata_end = .;
	.data : { *(.data .data.*) . = ALIGN(4096); }
	bss_start = .;
	.bss (NOLOAD) : { *(.bss .bss.* COMMON) . = ALIGN(4096); }
	.stacks (NOLOAD) : {
		stacks_start = .;
		. += CORES_MAX * (STACK_SIZE + 4096);
		stacks_end = .;
	}
	bss_end = .;
	image_end = .;
	/DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) }
}
