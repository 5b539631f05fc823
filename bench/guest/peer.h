/* SPDX-License-Identifier: MIT */
/* Where the peer is (peer.c): on loopback, and at an address that QEMU leads to the host. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#define PEER_OUTSIDE	"10.0.3.100"

enum {
	PEER_ECHO = 7007,	/* sends back what it gets */
	PEER_SOURCE = 7019,	/* sends without end */
	PEER_SINK = 7009,	/* reads and forgets */
};

#endif
