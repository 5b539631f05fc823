/* SPDX-License-Identifier: MIT */
/* Ports of the peer on loopback (peer.c). */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

enum {
	PEER_ECHO = 7007,	/* sends back what it gets */
	PEER_SOURCE = 7019,	/* sends without end */
	PEER_SINK = 7009,	/* reads and forgets */
};

#endif
