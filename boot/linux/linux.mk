# SPDX-License-Identifier: MIT
#
# Linux's initial file system: busybox, the modules the boards need, and the files that the fragments add to GUEST_FILES.

BUSYBOX := $(B)/linux/busybox
GUEST_MODULES := $(B)/linux/modules
INITRAMFS := $(BB)/initramfs.cpio
DISK := $(B)/disk.ext4

MODULES := virtio_blk virtio_net 9p 9pnet_virtio ext4 crc32c_generic

ETC := passwd group hosts resolv.conf
GUEST_FILES += boot/linux/init:/init:755 $(foreach f,$(ETC),boot/linux/etc/$(f):/etc/$(f):644)
GUEST_FILES += $(BUSYBOX):/bin/busybox:755 $(GUEST_MODULES):/lib/modules

.PHONY: guest
guest: $(LINUX_STAMP) $(INITRAMFS) $(DISK)

$(BUSYBOX): boot/linux/linux.mk $(LINUX_STAMP)
	$(call say,UNPACK,busybox)
	$(Q)dpkg-deb --fsys-tarfile "$$(tools/fetch deb busybox-static arm64)" | tar -xO --wildcards './*bin/busybox' >$@
	$(Q)chmod 755 $@

$(GUEST_MODULES)/order: boot/linux/modules boot/linux/linux.mk $(LINUX_STAMP)
	$(call say,MODULES,$(MODULES))
	$(Q)rm -rf $(@D)
	$(Q)boot/linux/modules $(B)/linux/root/modules $(@D) $(MODULES)

# Sources that are folders are listed with the files in them, so that a change of one of those is noticed.
guest_sources = $(foreach w,$(GUEST_FILES),$(firstword $(subst :, ,$(w))))
guest_depends = $(foreach s,$(filter-out $(GUEST_MODULES),$(guest_sources)),$(s) $(wildcard $(s)/* $(s)/*/*))

# The list of files is part of what the archive depends on: the file changes only when the list does.
$(BB)/guest.list: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' $(GUEST_FILES) | cmp -s - $@ || printf '%s\n' $(GUEST_FILES) >$@

.PHONY: FORCE
FORCE:

$(INITRAMFS): boot/linux/pack $(BB)/guest.list $(GUEST_MODULES)/order $(guest_depends)
	$(call say,PACK,$@)
	$(Q)boot/linux/pack $@ $(GUEST_FILES)

# A scratch disk for the guest; runs write to a copy that QEMU throws away.
$(DISK): boot/linux/linux.mk | $(DEPS)
	$(call say,MKFS,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && truncate -s 256M $@
	$(Q)PATH=$$PATH:/usr/sbin:/sbin mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 $@
