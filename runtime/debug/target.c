/* SPDX-License-Identifier: MIT */
/* What gdb reads in pieces: which registers there are, the auxiliary vector, the threads with their names. */
#include "debug/inside.h"

#include "lib/string.h"

#define X(n)	"<reg name=\"x" #n "\" bitsize=\"64\"/>"
#define V(n)	"<reg name=\"v" #n "\" bitsize=\"128\" type=\"vector\"/>"
#define TEN(r, tens)	r(tens##0) r(tens##1) r(tens##2) r(tens##3) r(tens##4) r(tens##5) r(tens##6) r(tens##7) r(tens##8) r(tens##9)

/* Names of features and registers are gdb's (its documentation, "AArch64 Features"). */
static const char description[] =
	"<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
	"<architecture>aarch64</architecture><osabi>GNU/Linux</osabi>"
	"<feature name=\"org.gnu.gdb.aarch64.core\">"
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) TEN(X, 1) TEN(X, 2) X(30)
	"<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\"/><reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\"/>"
	"<flags id=\"cpsr_flags\" size=\"4\"><field name=\"V\" start=\"28\" end=\"28\"/><field name=\"C\" start=\"29\" end=\"29\"/>"
	"<field name=\"Z\" start=\"30\" end=\"30\"/><field name=\"N\" start=\"31\" end=\"31\"/></flags>"
	"<reg name=\"cpsr\" bitsize=\"32\" type=\"cpsr_flags\"/></feature>"
	"<feature name=\"org.gnu.gdb.aarch64.fpu\">"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/><vector id=\"v2u\" type=\"uint64\" count=\"2\"/>"
	"<vector id=\"v2i\" type=\"int64\" count=\"2\"/><vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v4u\" type=\"uint32\" count=\"4\"/><vector id=\"v4i\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v8u\" type=\"uint16\" count=\"8\"/><vector id=\"v8i\" type=\"int16\" count=\"8\"/>"
	"<vector id=\"v16u\" type=\"uint8\" count=\"16\"/><vector id=\"v16i\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v1u\" type=\"uint128\" count=\"1\"/><vector id=\"v1i\" type=\"int128\" count=\"1\"/>"
	"<union id=\"vnd\"><field name=\"f\" type=\"v2d\"/><field name=\"u\" type=\"v2u\"/><field name=\"s\" type=\"v2i\"/></union>"
	"<union id=\"vns\"><field name=\"f\" type=\"v4f\"/><field name=\"u\" type=\"v4u\"/><field name=\"s\" type=\"v4i\"/></union>"
	"<union id=\"vnh\"><field name=\"u\" type=\"v8u\"/><field name=\"s\" type=\"v8i\"/></union>"
	"<union id=\"vnb\"><field name=\"u\" type=\"v16u\"/><field name=\"s\" type=\"v16i\"/></union>"
	"<union id=\"vnq\"><field name=\"u\" type=\"v1u\"/><field name=\"s\" type=\"v1i\"/></union>"
	"<union id=\"vector\"><field name=\"d\" type=\"vnd\"/><field name=\"s\" type=\"vns\"/><field name=\"h\" type=\"vnh\"/>"
	"<field name=\"b\" type=\"vnb\"/><field name=\"q\" type=\"vnq\"/></union>"
	V(0) V(1) V(2) V(3) V(4) V(5) V(6) V(7) V(8) V(9) TEN(V, 1) TEN(V, 2) V(30) V(31)
	"<reg name=\"fpsr\" bitsize=\"32\"/><reg name=\"fpcr\" bitsize=\"32\"/></feature></target>";

static long piece(const char *object, size_t all, uint64_t offset, void *to, size_t size)
{
	if (offset >= all)
		return 0;
	size = rm_smaller(size, all - offset);
	memcpy(to, object + offset, size);
	return (long)size;
}

static long auxv(uint64_t offset, void *to, size_t size)
{
	if (offset >= rm_enclave.aux_size)
		return 0;
	return (long)rm_debug_peek(to, rm_enclave.aux_start + offset, rm_smaller(size, rm_enclave.aux_size - offset));
}

/* Names are the program's: what XML could not take is left out. */
static void put_name(struct rm_text *text, const char *name)
{
	for (unsigned i = 0; i < RM_THREAD_NAME && name[i] != 0; i++)
		if (name[i] >= ' ' && name[i] < 127 && !memchr("<>&\"'", name[i], 5))
			rm_text_char(text, name[i]);
}

#define THREAD_TEXT	64u	/* `<thread id="3fffffff" name="123456789012345"/>` */

static long threads(uint64_t offset, void *to, size_t size)
{
	char list[RM_THREAD_MAX * THREAD_TEXT + 32];
	struct rm_text text = { .at = list, .size = sizeof(list) };

	rm_text_string(&text, "<threads>");
	for (uint32_t i = 0; i < RM_THREAD_MAX; i++) {
		if (rm_debug_state(i) == RM_DEBUG_ABSENT)
			continue;
		rm_text_format(&text, "<thread id=\"%x\" name=\"", rm_enclave.pid + i);
		put_name(&text, rm_thread_block(i)->name);
		rm_text_string(&text, "\"/>");
	}
	rm_text_string(&text, "</threads>");
	return piece(list, text.used, offset, to, size);
}

static long siginfo(uint64_t offset, void *to, size_t size)
{
	char bytes[LX_SIGINFO_SIZE] = { 0 };

	memcpy(bytes, &rm_debugger.event_info, sizeof(rm_debugger.event_info));
	return piece(bytes, sizeof(bytes), offset, to, size);
}

long rm_target_read(struct rm_thread *t, const char *object, const char *annex, uint64_t offset, void *to, size_t size)
{
	(void)t;
	if (strcmp(object, "features") == 0 && strcmp(annex, "target.xml") == 0)
		return piece(description, sizeof(description) - 1, offset, to, size);
	if (strcmp(object, "auxv") == 0 && annex[0] == 0)
		return auxv(offset, to, size);
	if (strcmp(object, "threads") == 0 && annex[0] == 0)
		return threads(offset, to, size);
	if (strcmp(object, "siginfo") == 0 && annex[0] == 0)
		return siginfo(offset, to, size);
	return -ENOENT;
}
