# SPDX-License-Identifier: MIT
#
# TF-A with the OP-TEE dispatcher, and our kernel as BL32. TF-A is compiled once a board; a new kernel is only repacked.

FW := $(BB)/firmware
TFA_BUILD := $(BB)/tfa
TFA_OUT := $(TFA_BUILD)/$(patsubst PLAT=%,%,$(filter PLAT=%,$(BOARD_TFA_FLAGS)))/release
FIPTOOL := $(TFA_SRC)/tools/fiptool/fiptool
BL32 ?= $(BB)/kernel/kernel.bin

BOARD_FLASH_IMAGES := $(foreach f,$(BOARD_FLASHES),$(FW)/$(firstword $(subst :, ,$(f))))

.PHONY: firmware
firmware: $(BOARD_FLASH_IMAGES)

# NS_TIMER_SWITCH=0: the Normal world's timers go on while the Secure world runs, so that Linux gets its tick.
$(TFA_BUILD)/.stamp: $(TFA_STAMP) boards/$(BOARD)/board.mk boot/firmware/firmware.mk | $(DEPS)
	$(call say,TFA,$(BOARD))
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u V -u B $(MAKE) -C $(TFA_SRC) -j$$(nproc) --no-print-directory \
		CROSS_COMPILE=$(CROSS) BUILD_BASE=$(CURDIR)/$(TFA_BUILD) SPD=opteed NS_TIMER_SWITCH=0 E=0 BUILD_STRING=ringmaster BUILD_MESSAGE_TIMESTAMP='""' \
		$(BOARD_TFA_FLAGS) bl1 bl2 bl31 fiptool >$(@D)/log 2>&1 || { tail -n 30 $(@D)/log >&2; exit 1; }
	$(Q)touch $@

$(FW)/fip.bin: $(TFA_BUILD)/.stamp $(BL32)
	$(call say,FIP,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FIPTOOL) create --tb-fw $(TFA_OUT)/bl2.bin --soc-fw $(TFA_OUT)/bl31.bin --tos-fw $(BL32) $@

# Sparse files of the devices' full size; the first holds the firmware.
$(BOARD_FLASH_IMAGES): $(FW)/fip.bin
	$(call say,FLASH,$@)
	$(Q)rm -f $@ && truncate -s $(patsubst $(@F):%,%,$(filter $(@F):%,$(BOARD_FLASHES))) $@
	$(Q)[ $@ != $(firstword $(BOARD_FLASH_IMAGES)) ] || { \
		dd if=$(TFA_OUT)/bl1.bin of=$@ conv=notrunc status=none; \
		dd if=$(FW)/fip.bin of=$@ conv=notrunc,sparse bs=4096 oflag=seek_bytes seek=$$(($(BOARD_FIP_OFFSET))) status=none; }
