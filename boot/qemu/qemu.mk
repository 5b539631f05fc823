# SPDX-License-Identifier: MIT
#
# Booting: make run and make shell. The launcher is boot/qemu/run; these pass the options of the command line on to it.

SMP ?= 2
MEM ?= 2G
TIMEOUT ?= 300
SHARE ?=
ICOUNT ?=
GDB ?=
QEMU_EXTRA ?=

QEMU_OPTIONS = -b $(BOARD) -m $(MEM) --smp $(SMP) -t $(TIMEOUT) $(if $(SHARE),-s '$(SHARE)') \
	$(if $(ICOUNT),--icount '$(ICOUNT)') $(if $(GDB),--gdb '$(BB)/gdb.sock') $(if $(filter 1,$(V)),-v) \
	$(if $(QEMU_EXTRA),--qemu-extra='$(QEMU_EXTRA)')

BOARD_DTB := $(if $(wildcard boards/$(BOARD)/board.dts),$(BB)/board.dtb)

$(BB)/board.dtb: boards/$(BOARD)/board.dts | $(DEPS)
	$(call say,DTC,$@)
	$(Q)mkdir -p $(@D) && dtc -q -I dts -O dtb -o $@ $<

# All that a boot needs.
.PHONY: bootable run shell
bootable: $(DEPS) firmware guest $(BOARD_DTB)

DEMO := /usr/lib/ringmaster/demo
NO_DEMO := echo 'This build has no demonstration; try: make run CMD="uname -a"'

# Raw text of CMD: make must not expand the dollar signs in it.
run: export RINGMASTER_CMD = $(or $(value CMD),if [ -x $(DEMO) ]; then exec $(DEMO); else $(NO_DEMO); fi)
run: bootable
	$(call say,BOOT,$(BOARD))
	@boot/qemu/run $(QEMU_OPTIONS) -- "$$RINGMASTER_CMD"

shell: bootable
	@boot/qemu/run $(QEMU_OPTIONS) --shell
