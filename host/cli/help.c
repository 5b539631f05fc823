/* SPDX-License-Identifier: MIT */
/* ringmaster help. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "message.h"

static const struct {
	const char *command;
	const char *text;
} topics[] = {
	{ "run",
	  "usage: ringmaster run [OPTION...] PROGRAM [ARGUMENT...]\n"
	  "Runs PROGRAM as an enclave in the Secure world. Its input, output, exit status and signals are those it would\n"
	  "have without 'ringmaster run'.\n"
	  "\n"
	  "      --memory SIZE     secure memory it may use at most (512K, 64M, 1G); all the board has if not given\n"
	  "      --poll[=CPU]      let a thread of Linux on CPU (the last one if not given) serve its system calls, so that\n"
	  "                        none leaves the Secure world; takes two CPUs\n"
	  "      --host-calls=HOW  'auto' (so it is if not given): while system calls take much of the time and a core is free, a\n"
	  "                        thread there does them without leaving the Secure world; 'exit': they always leave; 'sync':\n"
	  "                        each leaves on its own, also those that are submitted together, for comparison\n"
	  "      --manifest FILE   what it may do, as ringmaster-manifest(5) describes; PROGRAM.toml if there is one\n"
	  "      --name NAME       name shown by 'ringmaster ps'\n"
	  "      --argv0 NAME      the program's argument 0, instead of PROGRAM\n"
	  "      --no-host-programs  posix_spawn() and system() start enclave programs only\n"
	  "      --windows=on|off  read files that are in Linux's memory from there, without a call (on)\n"
	  "      --core FILE       write a core file if a signal such as SIGSEGV or SIGABRT ends it: all its memory, in the clear\n"
	  "      --gdb[=PORT|PATH] wait for gdb before the first instruction, at 127.0.0.1:PORT (a free one if not given) or at\n"
	  "                        the socket PATH, and let it debug the program: 'target remote 127.0.0.1:PORT'\n"
	  "      --stats           print counters on standard error at the end\n"
	  "  -v, --verbose         say what is set up\n"
	  "  -h, --help            this text\n"
	  "\n"
	  "Exit status: the program's; 128+n if signal n ended it (137: out of memory); 125 ringmaster failed; 126 PROGRAM\n"
	  "cannot be run; 127 there is no PROGRAM.\n" },
	{ "trace",
	  "usage: ringmaster trace [-o FILE] [-e EXPR] [-s SIZE] [-c] [-f] [RUN-OPTION...] PROGRAM [ARGUMENT...]\n"
	  "Runs PROGRAM as 'ringmaster run' does and prints each system call: arguments, result, time, who answered it (secure\n"
	  "kernel, runtime, io_uring operation, host call) and how often it left the Secure world.\n"
	  "\n"
	  "  -o FILE   write to FILE instead of standard error\n"
	  "  -e EXPR   only these calls: NAME,... or %file %desc %network %memory %signal %process; ! in front: all but these\n"
	  "  -s SIZE   show at most SIZE bytes of a string (32; at most 512)\n"
	  "  -c        print a table of calls, errors, time and exits at the end instead\n"
	  "  -f        all threads, not only the first\n"
	  "  -h        this text\n"
	  "\n"
	  "RUN-OPTIONs are the long options of 'ringmaster run'. Exit status: as 'ringmaster run'.\n" },
	{ "pack",
	  "usage: ringmaster pack [--manifest FILE] [--key FILE] PROGRAM -o IMAGE\n"
	  "Makes a signed image of a program and its manifest, which 'ringmaster run IMAGE' runs.\n"
	  "\n"
	  "      --manifest FILE   what the program may do; PROGRAM.toml if there is one, else all that Linux offers\n"
	  "      --key FILE        private key of 'ringmaster keygen'; the development key if not given\n"
	  "  -o, --output IMAGE    where it goes\n"
	  "\n"
	  "Exit status: 0, or 125 and nothing is written.\n" },
	{ "inspect",
	  "usage: ringmaster inspect IMAGE\n"
	  "Prints what an image holds: its key, its hashes, its manifest; and whether the hashes are right. Whether the signature is, the\n"
	  "enclave decides, which knows the keys.\n"
	  "\n"
	  "Exit status: 0; 1 the image is damaged; 125 it cannot be read.\n" },
	{ "keygen",
	  "usage: ringmaster keygen FILE\n"
	  "Makes a key that signs images: the private key in FILE (mode 0600), the public key in FILE.pub, for firmware built with\n"
	  "'make IMAGE_KEYS=FILE.pub'.\n" },
	{ "logs",
	  "usage: ringmaster logs [-f] [ID|NAME]\n"
	  "Prints what happened to enclaves: starts, ends, unsupported system calls, violations by the host, refusals.\n"
	  "\n"
	  "  -f   go on, and print lines as they come\n"
	  "\n"
	  "The newest 1024 lines are kept, also of enclaves that are gone.\n" },
	{ "info",
	  "usage: ringmaster info\n"
	  "Prints versions, memory and counters of the secure kernel of this board.\n" },
	{ "ps",
	  "usage: ringmaster ps\n"
	  "Lists the enclaves: number, process, user, threads, secure memory in use and its limit, entries, CPU time, name.\n" },
	{ "top",
	  "usage: ringmaster top [-b] [-d SECONDS] [-n TURNS]\n"
	  "Shows what the enclaves do, and again after SECONDS (2); q or Ctrl-C ends it. EXITS are those that an enclave asked for, IRQS those\n"
	  "by interrupts, CALLS system calls by the proxy, RING operations of io_uring, IN and OUT bytes copied; each in a second.\n"
	  "\n"
	  "  -b   print table after table, as for a file (so it is if the output is none)\n"
	  "  -n   end after that many\n" },
	{ "attach",
	  "usage: ringmaster attach [--stats] [--verbose] ID|NAME\n"
	  "Becomes the process of a resident enclave that has none: its old one is gone, or it began before Linux. ID and NAME are those of\n"
	  "'ringmaster ps'. Its standard streams are those of this command from then on; other files that it had open stay closed to it. Its\n"
	  "manifest says who may attach. A signal that ends this command leaves the enclave alone again.\n"
	  "\n"
	  "      --stats           print counters on standard error at the end\n"
	  "  -v, --verbose         say what is set up\n"
	  "\n"
	  "Exit status: the program's; 128+n if signal n ended it; 125 it could not be attached.\n" },
	{ "shutdown",
	  "usage: ringmaster shutdown [--key FILE] [--nonce DIGITS] [--output FILE]\n"
	  "Ends all resident enclaves, which nothing else that Linux does can, so that the machine can be turned off. The order is signed with\n"
	  "the private key FILE, which has to be one whose images the firmware runs, and is good for the secure kernel that runs now, once.\n"
	  "\n"
	  "      --key FILE        a private key that 'ringmaster keygen' made; the development key if not given\n"
	  "  -o, --output FILE     do not give the order but write it; 'ringmaster run FILE' gives it\n"
	  "      --nonce DIGITS    the order is for the machine on which 'ringmaster info' prints them; with --output\n"
	  "      --help            print this\n"
	  "\n"
	  "Exit status: 0, or 126 if the order was refused.\n" },
	{ "kill",
	  "usage: ringmaster kill [-SIGNAL] ID...\n"
	  "Sends a signal (TERM if not given) to the processes that run enclaves; ID is their number in 'ringmaster ps'.\n"
	  "A resident enclave goes on without its process; 'ringmaster shutdown' ends it.\n" },
};

static void print_all(void)
{
	fputs("usage: ringmaster COMMAND ...\n"
	      "Runs programs as enclaves in the Arm TrustZone Secure world, with Linux's files and devices.\n"
	      "\n"
	      "  run [OPTION...] PROGRAM [ARGUMENT...]   run PROGRAM as an enclave\n"
	      "  trace [OPTION...] PROGRAM [ARGUMENT...] run it and print its system calls\n"
	      "  pack PROGRAM -o IMAGE                   make a signed image of a program and its manifest\n"
	      "  inspect IMAGE                           what an image holds\n"
	      "  keygen FILE                             make a key that signs images\n"
	      "  logs [-f] [ID|NAME]                     what happened to enclaves\n"
	      "  info                                    what this board has\n"
	      "  ps                                      list the enclaves\n"
	      "  top                                     what they do, live\n"
	      "  kill [-SIGNAL] ID...                    send them a signal\n"
	      "  attach ID|NAME                          become the process of a resident enclave that has none\n"
	      "  shutdown                                end all resident enclaves, by a signed order\n"
	      "  help [COMMAND]                          how to use a command\n"
	      "\n"
	      "  --version                               print the version\n",
	      stdout);
}

int cli_help_print(const char *command)
{
	if (command == NULL) {
		print_all();
		return 0;
	}
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (strcmp(topics[i].command, command) == 0) {
			fputs(topics[i].text, stdout);
			return 0;
		}
	}
	return -1;
}

int cli_help(int argc, char **argv)
{
	if (cli_help_print(argc > 1 ? argv[1] : NULL) != 0)
		die(STATUS_ERROR, "help: there is no command '%s'; 'ringmaster help' lists them", argv[1]);
	return 0;
}
