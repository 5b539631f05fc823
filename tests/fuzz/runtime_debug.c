/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what gdb sends: lines become packets with a right checksum, a line that begins with ! goes as it is. Memory beside the
 * program's must not be touched (pages without access stand around it), and each conversation ends.
 */
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug/inside.h"
#include "load/policy.h"
#include "model/linux.h"

#define PAGE	4096u
#define CHECK_PACKETS	512u

static void frame(int fd, const uint8_t *line, size_t size)
{
	uint8_t sum = 0, out[600];
	size_t n = 0;

	if (size > 500)
		size = 500;
	if (size > 0 && line[0] == '!') {
		if (write(fd, line + 1, size - 1) < 0)
			return;
		return;
	}
	out[n++] = '$';
	for (size_t i = 0; i < size; i++) {
		out[n++] = line[i];
		sum = (uint8_t)(sum + line[i]);
	}
	out[n++] = '#';
	out[n++] = (uint8_t)"0123456789abcdef"[sum >> 4];
	out[n++] = (uint8_t)"0123456789abcdef"[sum & 15];
	if (write(fd, out, n) < 0)
		return;
}

static void send_lines(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;

		frame(fd, data, length);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	shutdown(fd, SHUT_WR);
}

/* The program's memory is where inputs can name it: one page of data, one of text. */
static uint8_t *make_memory(void)
{
	uint8_t *at = mmap((void *)0x10000000, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED)
		__builtin_trap();
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *memory;
	struct rm_boot boot = { .flags = RM_BOOT_DEBUG };
	char drain[65536];
	jmp_buf end;
	int wire[2];

	if (size > 16384 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, wire) != 0)
		return 0;
	memory = memory ? memory : make_memory();
	mprotect(memory + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
	memset(memory + PAGE, 0x1f, 2 * PAGE);
	model_attach(false, 7);
	model.only = (struct rm_region){ (uint64_t)memory + PAGE, (uint64_t)memory + 3 * PAGE, RM_REGION_READ | RM_REGION_EXEC, 0 };
	mprotect(memory + PAGE, 2 * PAGE, PROT_READ);
	memset(&rm_debugger, 0, sizeof(rm_debugger));
	boot.debug_fd = (uint32_t)wire[0];
	rm_policy.debug = true;
	rm_debug_init(model.thread, &boot);
	model.thread->context = (struct rm_context){ .pc = (uint64_t)memory + 2 * PAGE, .sp = (uint64_t)memory + 2 * PAGE };
	rm_debugger.state[0] = RM_DEBUG_STOPPED;
	rm_enclave.aux_start = (uint64_t)memory + PAGE;
	rm_enclave.aux_size = 320;
	send_lines(wire[1], data, size);
	model.end = &end;
	if (setjmp(end) == 0)
		for (unsigned i = 0; i < CHECK_PACKETS && rm_debugger.attached; i++) {
			rm_debug_converse(model.thread, i == 0);
			while (read(wire[1], drain, sizeof(drain)) > 0)
				;
		}
	rm_debug_on = false;
	memset(&rm_debugger, 0, sizeof(rm_debugger));
	close(wire[0]);
	close(wire[1]);
	model_stop();
	return 0;
}
