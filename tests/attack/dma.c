// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA to any physical address: drives a virtio 1.x disk by hand, polling, with one queue whose middle descriptor names the
 * address under attack.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>

#include "attack.h"
#include "dma.h"

#define QUEUE_SIZE	8
#define TIMEOUT_US	2000000
#define STATUS_NONE	0xff

/* One page that the device reads and writes. */
struct dma_page {
	struct vring_desc desc[QUEUE_SIZE];
	struct {
		__virtio16 flags, idx, ring[QUEUE_SIZE];
	} avail;
	struct {
		__virtio16 flags, idx;
		struct vring_used_elem ring[QUEUE_SIZE];
	} used __aligned(4);
	struct virtio_blk_outhdr header;
	u8 status;
};

static DEFINE_MUTEX(dma_lock);
static struct pci_dev *dma_device;
static struct dma_page *dma_page;
static void __iomem *dma_common, *dma_notify;
static u32 dma_notify_multiplier;

/* Maps the structure of the given kind; the capability that describes it is the device's own. */
static void __iomem *map_structure(u8 kind, u32 *multiplier)
{
	u8 type, bar, cap;
	u32 offset, length;

	for (cap = pci_find_capability(dma_device, PCI_CAP_ID_VNDR); cap;
	     cap = pci_find_next_capability(dma_device, cap, PCI_CAP_ID_VNDR)) {
		pci_read_config_byte(dma_device, cap + offsetof(struct virtio_pci_cap, cfg_type), &type);
		if (type != kind)
			continue;
		pci_read_config_byte(dma_device, cap + offsetof(struct virtio_pci_cap, bar), &bar);
		pci_read_config_dword(dma_device, cap + offsetof(struct virtio_pci_cap, offset), &offset);
		pci_read_config_dword(dma_device, cap + offsetof(struct virtio_pci_cap, length), &length);
		if (multiplier)
			pci_read_config_dword(dma_device, cap + sizeof(struct virtio_pci_cap), multiplier);
		return bar < PCI_STD_NUM_BARS ? pci_iomap_range(dma_device, bar, offset, length) : NULL;
	}
	return NULL;
}

void attack_dma_open(void)
{
	dma_device = pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(RM_ATTACK_SLOT, 0));
	if (!dma_device)
		return;
	device_release_driver(&dma_device->dev);
	dma_page = (struct dma_page *)get_zeroed_page(GFP_KERNEL);
	if (dma_page && !pci_enable_device(dma_device)) {
		pci_set_master(dma_device);
		dma_common = map_structure(VIRTIO_PCI_CAP_COMMON_CFG, NULL);
		dma_notify = map_structure(VIRTIO_PCI_CAP_NOTIFY_CFG, &dma_notify_multiplier);
	}
	if (!dma_common || !dma_notify) {
		dev_err(&dma_device->dev, "not a modern virtio device\n");
		attack_dma_close();
	}
}

void attack_dma_close(void)
{
	if (!dma_device)
		return;
	if (dma_common)
		pci_iounmap(dma_device, dma_common);
	if (dma_notify)
		pci_iounmap(dma_device, dma_notify);
	dma_common = dma_notify = NULL;
	if (pci_is_enabled(dma_device))
		pci_disable_device(dma_device);
	pci_dev_put(dma_device);
	dma_device = NULL;
	free_page((unsigned long)dma_page);
	dma_page = NULL;
}

static void write64(u64 value, u32 low, u32 high)
{
	iowrite32(lower_32_bits(value), dma_common + low);
	iowrite32(upper_32_bits(value), dma_common + high);
}

static u64 page_address_of(const void *p)
{
	return virt_to_phys((void *)p);
}

static int reset(void)
{
	u8 status;

	iowrite8(0, dma_common + VIRTIO_PCI_COMMON_STATUS);
	return readx_poll_timeout(ioread8, dma_common + VIRTIO_PCI_COMMON_STATUS, status, !status, 10, TIMEOUT_US);
}

static int start(void)
{
	u8 status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;

	iowrite8(status, dma_common + VIRTIO_PCI_COMMON_STATUS);
	iowrite32(0, dma_common + VIRTIO_PCI_COMMON_GFSELECT);
	iowrite32(0, dma_common + VIRTIO_PCI_COMMON_GF);
	iowrite32(1, dma_common + VIRTIO_PCI_COMMON_GFSELECT);
	iowrite32(BIT(VIRTIO_F_VERSION_1 - 32), dma_common + VIRTIO_PCI_COMMON_GF);
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	iowrite8(status, dma_common + VIRTIO_PCI_COMMON_STATUS);
	if (!(ioread8(dma_common + VIRTIO_PCI_COMMON_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK))
		return -EIO;
	iowrite16(0, dma_common + VIRTIO_PCI_COMMON_Q_SELECT);
	iowrite16(QUEUE_SIZE, dma_common + VIRTIO_PCI_COMMON_Q_SIZE);
	write64(page_address_of(dma_page->desc), VIRTIO_PCI_COMMON_Q_DESCLO, VIRTIO_PCI_COMMON_Q_DESCHI);
	write64(page_address_of(&dma_page->avail), VIRTIO_PCI_COMMON_Q_AVAILLO, VIRTIO_PCI_COMMON_Q_AVAILHI);
	write64(page_address_of(&dma_page->used), VIRTIO_PCI_COMMON_Q_USEDLO, VIRTIO_PCI_COMMON_Q_USEDHI);
	iowrite16(1, dma_common + VIRTIO_PCI_COMMON_Q_ENABLE);
	iowrite8(status | VIRTIO_CONFIG_S_DRIVER_OK, dma_common + VIRTIO_PCI_COMMON_STATUS);
	return 0;
}

static void set_descriptor(int i, u64 address, u32 size, u16 flags)
{
	dma_page->desc[i].addr = (__force __virtio64)cpu_to_le64(address);
	dma_page->desc[i].len = (__force __virtio32)cpu_to_le32(size);
	dma_page->desc[i].flags = (__force __virtio16)cpu_to_le16(flags);
	dma_page->desc[i].next = (__force __virtio16)cpu_to_le16(i + 1);
}

static int submit(const struct rm_attack_dma *request)
{
	u32 type = request->to_memory ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT;
	u16 offset, used;

	memset(dma_page, 0, sizeof(*dma_page));
	dma_page->status = STATUS_NONE;
	dma_page->header.type = (__force __virtio32)cpu_to_le32(type);
	dma_page->header.sector = (__force __virtio64)cpu_to_le64(request->sector);
	set_descriptor(0, page_address_of(&dma_page->header), sizeof(dma_page->header), VRING_DESC_F_NEXT);
	set_descriptor(1, request->address, request->size,
		       VRING_DESC_F_NEXT | (request->to_memory ? VRING_DESC_F_WRITE : 0));
	set_descriptor(2, page_address_of(&dma_page->status), 1, VRING_DESC_F_WRITE);
	dma_page->avail.flags = (__force __virtio16)cpu_to_le16(VRING_AVAIL_F_NO_INTERRUPT);
	dma_page->avail.idx = (__force __virtio16)cpu_to_le16(1);
	if (start())
		return -EIO;
	wmb(); /* the ring stands in memory before the device is told */
	offset = ioread16(dma_common + VIRTIO_PCI_COMMON_Q_NOFF);
	iowrite16(0, dma_notify + offset * dma_notify_multiplier);
	if (readx_poll_timeout(READ_ONCE, *(volatile u16 *)&dma_page->used.idx, used, used, 10, TIMEOUT_US))
		return -EIO;
	rmb(); /* the used index before what it stands for */
	return dma_page->status == VIRTIO_BLK_S_OK ? 0 : -EIO;
}

long attack_dma_transfer(const struct rm_attack_dma *request)
{
	long result;

	if (!request->size || request->size % 512 || request->size > PAGE_SIZE || request->to_memory > 1)
		return -EINVAL;
	mutex_lock(&dma_lock);
	if (!dma_device)
		result = -ENODEV;
	else if (reset())
		result = -EIO;
	else
		result = submit(request);
	if (dma_device)
		reset();
	mutex_unlock(&dma_lock);
	return result;
}
