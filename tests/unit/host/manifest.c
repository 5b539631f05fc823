/* SPDX-License-Identifier: MIT */
/* Manifests: what is accepted, what it becomes, and what is said about the rest; images and keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <p256-m.h>

#include "../../../runtime/load/manifest.h"
#include "admission.h"
#include "manifest/manifest.h"

static struct manifest manifest;

static void accept(const char *text)
{
	char error[512] = "";

	if (manifest_compile(text, strlen(text), "prog", &manifest, error, sizeof(error)) != 0)
		fail_msg("refused: %s", error);
	assert_int_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
}

static void refuse(const char *text, const char *words)
{
	char error[512] = "";

	assert_int_equal(manifest_compile(text, strlen(text), "prog", &manifest, error, sizeof(error)), -1);
	if (strstr(error, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, error);
}

static const struct rm_manifest *head(void)
{
	return manifest_head(&manifest);
}

static void assert_list(enum rm_manifest_list list, const char *expected)
{
	const char *string = rm_manifest_strings(head(), list);
	char all[256] = "";

	for (uint32_t i = 0; i < head()->count[list]; i++, string = rm_manifest_next(string))
		strcat(strcat(all, string), ";");
	assert_string_equal(all, expected);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_empty(void **state)
{
	(void)state;
	accept("");
	assert_int_equal(head()->flags, 0);
	assert_int_equal(head()->threads, 64);
	assert_int_equal(head()->memory, 0);
	manifest_default(&manifest, false);
	assert_int_equal(head()->flags, 0);
	manifest_default(&manifest, true);
	assert_int_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	assert_true(head()->flags & RM_MANIFEST_DEBUG);
}

static void test_all(void **state)
{
	(void)state;
	accept("memory = \"64M\"\nthreads = 8\ndebug = true\narguments = [\"-x\", \"\"]\n"
	       "[environment]\npass = [\"LANG\", \"HOME\"]\nset = { PATH = \"/bin\", A = \"\" }\n"
	       "[[files]]\npath = \"/etc/\"\n[[files]]\npath = \"/var/db\"\naccess = \"write\"\n[[files]]\npath = \"/dev/null\"\naccess = \"read\"\n");
	assert_int_equal(head()->memory, 64 << 20);
	assert_int_equal(head()->threads, 8);
	assert_int_equal(head()->flags, RM_MANIFEST_DEBUG | RM_MANIFEST_ARGUMENTS | RM_MANIFEST_ENVIRONMENT | RM_MANIFEST_FILES);
	assert_list(RM_LIST_ARGUMENTS, "prog;-x;;");
	assert_list(RM_LIST_PASS, "HOME;LANG;");
	assert_list(RM_LIST_SET, "A=;PATH=/bin;");
	assert_list(RM_LIST_READ, "/dev/null;/etc/;");
	assert_list(RM_LIST_WRITE, "/var/db;");
	accept("arguments = []\n[environment]\n");
	assert_list(RM_LIST_ARGUMENTS, "prog;");
	assert_int_equal(head()->flags, RM_MANIFEST_ARGUMENTS | RM_MANIFEST_ENVIRONMENT);
	accept("spawn = [\"/bin/sh\", \"/bin/\"]\nsignals = [\"TERM\", \"SIGHUP\", 64]\ndeadline = 2000\n");
	assert_int_equal(head()->flags, RM_MANIFEST_SPAWN | RM_MANIFEST_SIGNALS);
	assert_list(RM_LIST_SPAWN, "/bin/;/bin/sh;");
	assert_int_equal(head()->signals, 1ul << 14 | 1ul << 0 | 1ul << 63);
	assert_int_equal(head()->deadline, 2000);
	accept("spawn = []\nsignals = []\n");
	assert_int_equal(head()->flags, RM_MANIFEST_SPAWN | RM_MANIFEST_SIGNALS);
	accept("files = []\n");
	assert_int_equal(head()->flags, RM_MANIFEST_FILES);
	accept("[environment.set]\nB = \"1\"\nAB = \"2\"\nA = \"3\"\n");
	assert_list(RM_LIST_SET, "A=3;AB=2;B=1;");
}

static void test_refused(void **state)
{
	(void)state;
	refuse("debug = true\nmemroy = \"64M\"\n", "line 2: 'memroy' is unknown; there are memory");
	refuse("\n\nthreads = 65\n", "line 3: threads must be a number from 1 to 64");
	refuse("threads = 0\n", "line 1");
	refuse("threads = \"8\"\n", "from 1 to 64");
	refuse("memory = \"lots\"\n", "write \"512K\"");
	refuse("memory = 0\n", "above 0");
	refuse("memory = -1\n", "above 0");
	refuse("debug = 1\n", "debug must be true or false");
	refuse("cores = true\n", "'cores' is unknown");
	refuse("arguments = \"x\"\n", "must be a list");
	refuse("arguments = [1]\n", "in quotes");
	refuse("arguments = [\"a\\u0000b\"]\n", "character 0");
	refuse("environment = []\n", "must be a table");
	refuse("[environment]\nkeep = []\n", "line 2: environment.keep is unknown");
	refuse("[environment]\npass = [\"A=b\"]\n", "environment.set");
	refuse("[environment]\npass = [\"A\", \"A\"]\n", "'A' is listed twice");
	refuse("[environment]\nset = { \"\" = \"1\" }\n", "not a variable's name");
	refuse("[environment]\nset = { A = 1 }\n", "in quotes");
	refuse("files = \"x\"\n", "[[files]]");
	refuse("[[files]]\naccess = \"read\"\n", "path is missing");
	refuse("[[files]]\npath = \"etc\"\n", "must be absolute");
	refuse("[[files]]\npath = \"/a/../b\"\n", "without '.'");
	refuse("[[files]]\npath = \"/a\"\naccess = \"rw\"\n", "line 3: files.access must be");
	refuse("[[files]]\npath = \"/a\"\nsha256 = \"0\"\n", "line 3: sha256 must be 64 hexadecimal digits");
	refuse("[[files]]\npath = \"/a\"\nsha256 = 1\n", "line 3: sha256 must be 64 hexadecimal digits");
	refuse("[[files]]\npath = \"/a/\"\nsha256 = \"" HASH "\"\n", "is a folder");
	refuse("[[files]]\npath = \"/a\"\naccess = \"write\"\nsha256 = \"" HASH "\"\n", "line 4: files: what may be written has no sha256");
	refuse("[[files]]\npath = \"/a\"\n[[files]]\npath = \"/a\"\nsha256 = \"" HASH "\"\n", "'/a' is listed twice");
	refuse("spawn = [{ sha256 = \"" HASH "\" }]\n", "path is missing");
	refuse("spawn = [{ path = \"/a\", hash = \"" HASH "\" }]\n", "spawn.hash is unknown");
	refuse("signals = \"TERM\"\n", "must be a list");
	refuse("signals = [\"STOP\"]\n", "no program can have");
	refuse("signals = [65]\n", "no such signal");
	refuse("signals = [true]\n", "no such signal");
	refuse("\n[environment]\npass = \"HOME\"\n", "line 3: environment.pass must be a list of names");
	refuse("[environment]\npass = [1]\n", "names in environment.pass must be strings");
	refuse("[environment]\nset = [\"A=1\"]\n", "line 2: environment.set must be a table");
	refuse("[[files]]\npath = 1\n", "files.path must be strings");
	refuse("files = [\"/etc\"]\n", "line 1: files must be tables");
	refuse("signals = [\"RTMIN\"]\n", "no such signal");
	refuse("\ndeadline = 3600001\n", "line 2: deadline must be a number of milliseconds from 1 to 3600000");
	refuse("deadline = \"1s\"\n", "milliseconds");
	refuse("spawn = \"/bin/sh\"\n", "must be a list");
	refuse("spawn = [\"sh\"]\n", "must be absolute");
	refuse("spawn = [\"/bin/sh\", \"/bin/sh\"]\n", "listed twice");
	refuse("threads = \n", "line 1");
	refuse("a\n= 1\n", "line 1");
	refuse("debug = true\ndebug = false\n", "line");
	refuse("# \001\ndebug = true\n", "newline (LF / CRLF) or EOF is expected");
	refuse("\nspawn = [ 1 # \001\n", "line 2");
	refuse("spawn = [[a=1\n", "line 1");
}

#define ONE "memory = \"1M\"\ndeadline = 100\n[[reservation]]\npriority = 50\nperiod = \"1ms\"\nbudget = \"200us\"\n"

static void test_resident(void **state)
{
	const struct rm_resident *resident = &head()->resident;

	(void)state;
	accept(ONE);
	assert_int_equal(head()->flags, RM_MANIFEST_RESIDENT);
	assert_int_equal(resident->core, RM_CORE_ANY);
	assert_int_equal(resident->count, 1);
	assert_int_equal(resident->deadline, 100);
	assert_int_equal(resident->devices, 0);
	assert_int_equal(resident->attach, RM_ATTACH_NOBODY);
	assert_string_equal(resident->name, "prog");
	assert_int_equal(resident->reservation[0].priority, 50);
	assert_int_equal(resident->reservation[0].period, 1000);
	assert_int_equal(resident->reservation[0].budget, 200);
	accept("attach = \"root\"\n" ONE);
	assert_int_equal(resident->attach, RM_ATTACH_ROOT);
	accept("attach = \"user\"\n" ONE);
	assert_int_equal(resident->attach, RM_ATTACH_USER);
	accept("core = 1\ndevices = [\"gpio0\", \"uart0\"]\n" ONE "[[reservation]]\npriority = 1\nperiod = \"1s\"\nbudget = \"2ms\"\n");
	assert_int_equal(resident->core, 1);
	assert_int_equal(resident->devices, RM_DEVICE_UART0 | RM_DEVICE_GPIO0);
	assert_int_equal(resident->count, 2);
	assert_int_equal(resident->reservation[1].period, 1000000);
	assert_int_equal(resident->reservation[1].budget, 2000);
}

static void test_resident_refused(void **state)
{
	char text[1024] = "deadline = 1\n";

	(void)state;
	refuse("\ncore = 0\n", "line 2: core, devices and attach are for resident enclaves");
	refuse("devices = [\"uart0\"]\n", "[[reservation]]");
	refuse("attach = \"user\"\n", "[[reservation]]");
	refuse("attach = \"all\"\n" ONE, "line 1: attach must be \"user\"");
	refuse("attach = 1\n" ONE, "line 1: attach must be \"user\"");
	refuse("reservation = []\n", "[[reservation]]");
	refuse("core = -1\n", "from 0 to 1023");
	refuse("core = \"any\"\n", "from 0 to 1023");
	refuse("devices = \"uart0\"\n", "must be a list");
	refuse("devices = [\"uart1\"]\n", "no such device");
	refuse("devices = [\"uart0\", \"uart0\"]\n", "'uart0' is listed twice");
	refuse("[[reservation]]\npriority = 50\nperiod = \"1ms\"\nbudget = \"200us\"\n", "line 1: a resident enclave needs a deadline");
	refuse("deadline = 1\n[[reservation]]\npriority = 50\nperiod = \"1ms\"\nbudget = \"200us\"\n", "line 2: a resident enclave needs a limit of memory");
	refuse("debug = true\n" ONE, "line 4: a resident enclave cannot be debugged");
	refuse("deadline = 1\nreservation = 5\n", "line 2: reservation must be a list");
	refuse("deadline = 1\nreservation = [5]\n", "line 2: reservation must be tables");
	assert_null(manifest_device(1u << 31));
	refuse("deadline = 1\n[[reservation]]\npriority = 100\n", "line 3: reservation.priority must be a number from 1 to 99");
	refuse("deadline = 1\n[[reservation]]\npriority = 0\n", "from 1 to 99");
	refuse("deadline = 1\n[[reservation]]\nperiod = 1000\n", "line 3: reservation.period must be a time from 200 us to 10000000 us; write \"200us\"");
	refuse("deadline = 1\n[[reservation]]\nperiod = \"199us\"\n", "from 200 us");
	refuse("deadline = 1\n[[reservation]]\nperiod = \"11s\"\n", "to 10000000 us");
	refuse("deadline = 1\n[[reservation]]\nperiod = \"1.5ms\"\n", "without a fraction");
	refuse("deadline = 1\n[[reservation]]\nperiod = \"1\"\n", "write");
	refuse("deadline = 1\n[[reservation]]\nperiod = \"-1s\"\n", "write");
	refuse("deadline = 1\n[[reservation]]\nbudget = \"19us\"\n", "reservation.budget must be a time from 20 us");
	refuse("deadline = 1\n[[reservation]]\nlimit = 1\n", "reservation.limit is unknown; there are priority, period and budget");
	refuse("deadline = 1\n[[reservation]]\npriority = 1\nperiod = \"1ms\"\n", "line 2: reservation: budget is missing");
	refuse("deadline = 1\n[[reservation]]\npriority = 1\nperiod = \"1ms\"\nbudget = \"2ms\"\n", "a budget of 2000 us is more than its period of 1000 us");
	refuse(ONE "[[reservation]]\npriority = 50\nperiod = \"2ms\"\nbudget = \"100us\"\n", "line 7: two reservations of priority 50");
	/* What the admission test says, with its numbers. */
	refuse(ONE "[[reservation]]\npriority = 49\nperiod = \"2ms\"\nbudget = \"1200us\"\n",
	       "line 3: the reservations take 81.5 % (200+10 of 1000 us, 1200+10 of 2000 us) of a core; all that it has may take 75 %");
	refuse(ONE "[[reservation]]\npriority = 49\nperiod = \"300us\"\nbudget = \"90us\"\n",
	       "line 7: priority 49 may have its 90 us only after 360 us, and its period is 300 us: give it a higher priority");
	refuse("memory = 1\ndeadline = 1\n[[reservation]]\npriority = 1\nperiod = \"1s\"\nbudget = \"11ms\"\n", "for 22020 us at a stretch");
	refuse("memory = 1\ndeadline = 1\n[[reservation]]\npriority = 1\nperiod = \"1s\"\nbudget = \"8ms\"\n", "may take 16020 us of 100000 us");
	for (int i = 0; i < 9; i++)
		sprintf(text + strlen(text), "[[reservation]]\npriority = %d\nperiod = \"10ms\"\nbudget = \"20us\"\n", i + 1);
	refuse(text, "line 34: more than 8 reservations");
}

static char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	manifest_print(out, head());
	fclose(out);
	return text;
}

/* What is printed can be packed again, and is the same then. */
static void test_printed(void **state)
{
	static const char *const texts[] = {
		"core = 0\nattach = \"user\"\ndevices = [\"uart0\", \"gpio0\"]\nfiles = []\n" ONE "[[reservation]]\npriority = 9\nperiod = \"20ms\"\nbudget = \"1ms\"\n",
		"signals = [\"TERM\", 40, 64]\narguments = [\"a\\\"b\\\\c\", \"\\u0001\\n\"]\n[[files]]\npath = \"/b\"\nsha256 = \"" HASH "\"\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct manifest first;
		char *text;

		accept(texts[i]);
		first = manifest;
		text = printed();
		accept(text);
		assert_int_equal(manifest.size, first.size);
		assert_memory_equal(manifest.bytes, first.bytes, first.size);
		free(text);
	}
}

static void assert_text(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("'%s' is not in '%s'", words, text);
}

/* What is said of a kernel that refuses: each error has its reason and its remedy. */
static void test_not_resident(void **state)
{
	static const struct { uint64_t error; const char *words; } said[] = {
		{ ENOMEM, "secure memory" }, { EBUSY, "another enclave's" }, { ENODEV, "no such core" }, { EPERM, "ringmaster pack" }, { EOPNOTSUPP, "--poll" },
		{ EINVAL, "(error 22); install" },
	};
	const struct rm_resident asked = { .count = 2, .reservation = { { 9, 1000, 190 }, { 8, 10000, 990 } } };
	struct rm_admission why = { .limit = RM_ADMISSION_COUNT };
	char text[512], small[8];

	(void)state;
	for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_text(manifest_not_resident(&asked, said[i].error, 0, text, sizeof(text)), said[i].words);
	assert_text(manifest_not_resident(&asked, EDQUOT, 500000, text, sizeof(text)), "30.0 % (190+10 of 1000 us, 990+10 of 10000 us) of a core, and 50.0 %");
	assert_text(text, "80.0 % together; all may take 75 %");
	assert_text(manifest_not_resident(&asked, EDQUOT, 0, text, sizeof(text)), "not all of them would have their budgets in time");
	assert_text(manifest_refusal(asked.reservation, 33, &why, text, sizeof(text)), "33 reservations cannot be");
	/* Cut off where there is no more room, and nothing behind it. */
	memset(small, 'x', sizeof(small));
	manifest_sum(asked.reservation, 2, small, sizeof(small) - 1);
	assert_string_equal(small, "30.0 %");
	assert_int_equal(small[7], 'x');
}

static char *repeat(char *at, const char *format, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		at += sprintf(at, format, i);
	return at;
}

/* More strings than can be counted, of one list and of all together. */
static void test_many(void **state)
{
	static char text[1 << 20];
	char *at;

	(void)state;
	at = repeat(stpcpy(text, "arguments = ["), "\"\", ", 4096);
	strcpy(at, "]\n");
	refuse(text, "line 1: arguments: more than 4096");
	at = repeat(stpcpy(text, "[environment]\nset = { "), "A%u = \"\", ", 4095);
	strcpy(at, "B = \"\" }\n[[files]]\npath = \"/a\"\nsha256 = \"" HASH "\"\n");
	refuse(text, ": too many");	/* in the order of the parser, which is its own */
}

static int read_file(const char *path, char *error, size_t size)
{
	memset(&manifest, 0, sizeof(manifest));
	return manifest_read(path, "prog", &manifest, error, size);
}

static void test_file(void **state)
{
	char path[] = "/tmp/ringmaster-manifest-XXXXXX", error[512], *large = calloc(1, (1 << 20) + 1);
	const int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "threads = 3\n", 12), 12);
	assert_int_equal(read_file(path, error, sizeof(error)), 0);
	assert_int_equal(head()->threads, 3);
	assert_int_equal(write(fd, "threads = 3\n", 12), 12);
	assert_int_equal(read_file(path, error, sizeof(error)), -EINVAL);
	assert_memory_equal(error, path, strlen(path));
	assert_text(error, ": line ");
	memset(large, '\n', 1 << 20);
	assert_int_equal(write(fd, large, 1 << 20), 1 << 20);
	assert_int_equal(read_file(path, error, sizeof(error)), -EIO);
	assert_text(error, "larger than 1 MiB");
	assert_int_equal(read_file("/", error, sizeof(error)), -EIO);
	assert_text(error, "cannot be read");
	close(fd);
	unlink(path);
	assert_int_equal(read_file(path, error, sizeof(error)), -ENOENT);
	assert_text(error, "No such file");
	free(large);
}

/* Each byte of what only some manifests have. */
static void test_resident_binary(void **state)
{
	struct rm_manifest *m = (struct rm_manifest *)(void *)manifest.bytes;
	struct manifest good;

	(void)state;
	accept(ONE);
	good = manifest;
	for (size_t i = offsetof(struct rm_manifest, resident.count); i < sizeof(*m); i++) {
		manifest = good;
		manifest.bytes[i] ^= 0x80;
		/* Other times that are as good. */
		if (i == offsetof(struct rm_manifest, resident.reservation[0].budget) ||
		    (i >= offsetof(struct rm_manifest, resident.reservation[0].period) && i < offsetof(struct rm_manifest, resident.reservation[0].period) + 3))
			continue;
		assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	}
	manifest = good;
	m->flags &= ~RM_MANIFEST_RESIDENT;
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest = good;
	m->flags |= RM_MANIFEST_DEBUG;
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest = good;
	m->deadline = m->resident.deadline = 0;
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest = good;
	m->resident.count = 2;
	m->resident.reservation[1] = m->resident.reservation[0];
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	m->resident.reservation[1].priority--;
	assert_int_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
}

static void test_order(void **state)
{
	struct rm_manifest *m = (struct rm_manifest *)(void *)manifest.bytes;
	struct manifest good;
	char *text;

	(void)state;
	manifest_shutdown(&manifest, (const uint64_t[]){ 1, ~0ul });
	assert_int_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	text = printed();
	assert_text(text, "# an order to end all resident enclaves of the kernel 0000000000000001ffffffffffffffff\n");
	free(text);
	good = manifest;
	for (size_t i = 0; i < offsetof(struct rm_manifest, nonce); i++) {
		manifest = good;
		manifest.bytes[i] ^= 2;
		assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	}
	manifest = good;
	m->flags = 0;
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
}

static void test_long(void **state)
{
	char text[20000] = "arguments = [\"";

	(void)state;
	memset(text + strlen(text), 'x', 17000);
	strcat(text, "\"]\n");
	refuse(text, "16384");
}

static void test_deep(void **state)
{
	static char text[1 << 18] = "arguments = ";

	(void)state;
	memset(text + strlen(text), '[', sizeof(text) - strlen(text) - 1);
	refuse(text, "line 1: values lie deeper than 16 in one another");
}

static void test_binary(void **state)
{
	struct manifest good;
	struct rm_manifest *m = (struct rm_manifest *)(void *)manifest.bytes;

	(void)state;
	accept("[environment]\npass = [\"A\", \"B\"]\n[[files]]\npath = \"/x\"\n");
	good = manifest;
	for (size_t size = 0; size < good.size; size++)
		assert_int_not_equal(rm_manifest_check(good.bytes, size), 0);
	for (size_t i = 0; i < sizeof(*m); i++) {
		manifest = good;
		manifest.bytes[i] ^= 0x40;
		/* All fields but the limits, where other values are as good. */
		if (i >= offsetof(struct rm_manifest, memory) && i < offsetof(struct rm_manifest, count))
			continue;
		if (i >= offsetof(struct rm_manifest, deadline) && i < offsetof(struct rm_manifest, reserved))
			continue;
		assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	}
	manifest = good;
	memcpy(manifest.bytes + sizeof(*m), "B\0A", 3);
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	memcpy(manifest.bytes + sizeof(*m), "A\0A", 3);
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest = good;
	manifest.bytes[good.size - 1] = 'y';
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest = good;
	manifest.bytes[good.size - 3] = 'x';
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
}

static void test_hashes(void **state)
{
	struct rm_manifest *m = (struct rm_manifest *)(void *)manifest.bytes;

	(void)state;
	accept("[[files]]\npath = \"/b\"\nsha256 = \"" HASH "\"\n[[files]]\npath = \"/a/\"\n[[files]]\npath = \"/c\"\n");
	assert_list(RM_LIST_READ, "/a/;" HASH "/b;/c;");
	assert_true(rm_manifest_allows(head(), RM_LIST_READ, "/b"));
	assert_false(rm_manifest_allows(head(), RM_LIST_READ, "/b/c"));
	assert_memory_equal(rm_manifest_hash(head(), RM_LIST_READ, "/b"), HASH, 64);
	assert_null(rm_manifest_hash(head(), RM_LIST_READ, "/c"));
	assert_null(rm_manifest_hash(head(), RM_LIST_READ, "/a/b"));
	accept("spawn = [{ path = \"/bin/sh\", sha256 = \"0123456789ABCDEF" "0123456789abcdef0123456789abcdef0123456789abcdef\" }, \"/bin/a\"]\n");
	assert_list(RM_LIST_SPAWN, "/bin/a;" HASH "/bin/sh;");
	/* Digits that are not small, or too few; a folder. */
	manifest.bytes[sizeof(*m) + 7 + 10] = 'A';
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest.bytes[sizeof(*m) + 7 + 10] = '/';
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest.bytes[sizeof(*m) + 7 + 10] = 'a';
	assert_int_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
	manifest.bytes[manifest.size - 2] = '/';
	assert_int_not_equal(rm_manifest_check(manifest.bytes, manifest.size), 0);
}

static void test_paths(void **state)
{
	(void)state;
	accept("[[files]]\npath = \"/etc/\"\n[[files]]\npath = \"/var/db\"\naccess = \"write\"\n");
	assert_true(rm_manifest_allows(head(), RM_LIST_READ, "/etc/passwd"));
	assert_true(rm_manifest_allows(head(), RM_LIST_READ, "/etc"));
	assert_false(rm_manifest_allows(head(), RM_LIST_READ, "/etcx"));
	assert_false(rm_manifest_allows(head(), RM_LIST_READ, "/et"));
	assert_false(rm_manifest_allows(head(), RM_LIST_READ, "/"));
	assert_true(rm_manifest_allows(head(), RM_LIST_WRITE, "/var/db"));
	assert_false(rm_manifest_allows(head(), RM_LIST_WRITE, "/var/db/x"));
	assert_false(rm_manifest_allows(head(), RM_LIST_WRITE, "/var/dbx"));
	assert_true(rm_path_is_normal("/"));
	assert_true(rm_path_is_normal("/a/b/"));
	assert_true(rm_path_is_normal("/..a/.b"));
	assert_false(rm_path_is_normal(""));
	assert_false(rm_path_is_normal("//a"));
	assert_false(rm_path_is_normal("/a/."));
	assert_false(rm_path_is_normal("/a/../b"));
}

static void test_image(void **state)
{
	static const char program[] = "not really a program";
	struct rm_image image, changed;
	struct key key, other;
	uint8_t hash[RM_HASH_SIZE];

	(void)state;
	accept("");
	key_development(&key);
	assert_true(key_is_development(key.name));
	assert_int_equal(image_sign(&image, &manifest, program, sizeof(program), &key), 0);
	assert_int_equal(rm_image_check(&image, image.program_offset + sizeof(program)), 0);
	assert_int_not_equal(rm_image_check(&image, image.program_offset + sizeof(program) + 1), 0);
	key_hash(hash, &image, RM_IMAGE_SIGNED);
	assert_int_equal(p256_ecdsa_verify(image.signature, key.public, hash, sizeof(hash)), 0);
	assert_int_equal(key_make(&other), 0);
	assert_false(key_is_development(other.name));
	assert_int_not_equal(p256_ecdsa_verify(image.signature, other.public, hash, sizeof(hash)), 0);
	for (size_t i = 0; i < RM_IMAGE_SIGNED; i++) {
		changed = image;
		((uint8_t *)&changed)[i] ^= 1;
		key_hash(hash, &changed, RM_IMAGE_SIGNED);
		if (i % 16 == 0)
			assert_int_not_equal(p256_ecdsa_verify(image.signature, key.public, hash, sizeof(hash)), 0);
	}
	changed = image;
	changed.program_offset += RM_IMAGE_ALIGN;
	assert_int_not_equal(rm_image_check(&changed, ~0ul), 0);
	changed = image;
	changed.manifest_size = RM_MANIFEST_MAX + 1;
	assert_int_not_equal(rm_image_check(&changed, ~0ul), 0);
	changed = image;
	changed.program_size = ~0ul;
	assert_int_not_equal(rm_image_check(&changed, ~0ul), 0);
}

static void test_key_file(void **state)
{
	char path[] = "/tmp/ringmaster-key-XXXXXX", error[256];
	struct key key;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "64 hexadecimal digits"));
	assert_int_equal(write(fd, "00000000000000000000000000000000000000000000000000000000000000aB\n", 65), 65);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), 0);
	assert_int_equal(key.private[31], 0xab);
	assert_int_equal(pwrite(fd, "g", 1, 3), 1);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	/* No private keys: 0, and what is not below the curve's order. */
	assert_int_equal(pwrite(fd, "0000000000000000000000000000000000000000000000000000000000000000", 64, 0), 64);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	assert_int_equal(pwrite(fd, "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 64, 0), 64);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	close(fd);
	unlink(path);
	assert_int_equal(key_read(path, &key, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty), cmocka_unit_test(test_all), cmocka_unit_test(test_refused), cmocka_unit_test(test_long),
		cmocka_unit_test(test_deep), cmocka_unit_test(test_resident), cmocka_unit_test(test_resident_refused), cmocka_unit_test(test_printed),
		cmocka_unit_test(test_resident_binary), cmocka_unit_test(test_order),
		cmocka_unit_test(test_not_resident), cmocka_unit_test(test_many), cmocka_unit_test(test_file),
		cmocka_unit_test(test_binary), cmocka_unit_test(test_paths), cmocka_unit_test(test_hashes), cmocka_unit_test(test_image), cmocka_unit_test(test_key_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
