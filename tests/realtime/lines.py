# SPDX-License-Identifier: MIT
"""The board's two serial lines, as who sits outside sees them: the kernel's console, and the UART that an enclave has to itself."""

import concurrent.futures
import os
import re
import subprocess

from results import LATE_US, MASKED_US, lost

RHYTHM = f"{os.path.dirname(os.path.abspath(__file__))}/rhythm"

# On the secure console, once a second, by the built-in resident thread, which has the lowest priority of all.
CONSOLE = r"^heartbeat (?P<number>\d+), (?P<releases>\d+) releases, (?P<misses>\d+) missed, latest (?P<late>\d+) ns, masked (?P<masked>\d+) ns"
CONSOLE_STEP, CONSOLE_NS = 10, 1000000000
# On the UART, by the enclave beacon.
UART = r"^beacon (?P<number>\d+) (?P<ns>\d+)$"
UART_NS, TOLERANCE_NS = 10000000, 100000

watchers = concurrent.futures.ThreadPoolExecutor()


def rhythm(path, words):
    done = subprocess.run([RHYTHM, *words, path], stdout=subprocess.PIPE, text=True, check=False)
    return "; ".join(done.stdout.splitlines()), done.returncode == 0


def console(log, lines=None):
    """What the program outside says of it, and whether it is content: with what the log has, or with so many more."""
    return rhythm(f"{log}/secure.log", ["--line", CONSOLE, "--step", str(CONSOLE_STEP)] + (["--follow", str(lines)] if lines else []))


def uart_grows(log, lines):
    """The same, of the next lines of the UART; watched from now on."""
    return watchers.submit(rhythm, f"{log}/device.log", ["--line", UART, "--follow", str(lines)])


def uart(log, least, judged):
    """The same, of all that came from the UART. Its sender's clock is `judged` where time is virtual."""
    stamps = ["--period", str(UART_NS)] + (["--tolerance", str(TOLERANCE_NS)] if judged else [])
    return rhythm(f"{log}/device.log", ["--line", UART, "--least", str(least), "--only", r"^beacon end \d+$", *stamps])


def told(log, lines, periods):
    """What the last lines on the console say of the time between them, and since the boot: note, faults and misses."""
    with open(f"{log}/secure.log", errors="replace") as file:
        seen = [{key: int(value) for key, value in match.groupdict().items()} for match in re.finditer(CONSOLE, file.read(), re.M)][-lines:]
    if len(seen) < 2:
        return "", ["the console is silent"], 1
    between = {key: seen[-1][key] - seen[0][key] for key in seen[0]}
    missing = lost(between["releases"] + between["misses"], (len(seen) - 1) * CONSOLE_NS, periods, True) + between["misses"]
    late, masked = seen[-1]["late"] / 1000, seen[-1]["masked"] / 1000
    faults = [f"{missing} deadlines missed"] if missing else []
    faults += [f"released too late, {LATE_US} us are allowed"] if late >= LATE_US else []
    faults += [f"masked too long, {MASKED_US} us are allowed"] if masked >= MASKED_US else []
    return f"{between['releases']} releases, latest {late:.1f} us, masked {masked:.1f} us", faults, missing
