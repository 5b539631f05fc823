/* SPDX-License-Identifier: MIT */
#ifndef RINGMASTER_DEVICE_H
#define RINGMASTER_DEVICE_H

#include "ioctl.h"

#define DEVICE_PATH "/dev/ringmaster"

int device_open(struct rm_ioc_hello *hello);

#endif
