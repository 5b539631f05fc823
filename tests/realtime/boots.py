# SPDX-License-Identifier: MIT
"""Kinds of boots: attacks that Linux survives, attacks that it does not, and the ways in which resident enclaves end."""

import fnmatch
import os
import re

import lines
from emulator import Guest
from results import MASKED_US

VIRTUAL = ["--smp", "1", "--icount", "shift=3,sleep=off"]
CORES = ["--smp", "2"]
# Programs that are resident (tests/realtime/enclave), and the periods of all of their threads and of the kernel's own.
RATES, CREWS = "rate beacon", "crew beacon"
PERIODS_NS = [1000000, 4000000, 10000000, 50000000, lines.UART_NS, 100000000]
CREW_THREADS = 6


class Suite:
    """What the boots of a run have in common. A `name` is a boot's, and of its results."""

    def __init__(self, ms, patterns, share, results):
        self.ms, self.patterns, self.share, self.results = ms, patterns, share, results

    def selected(self, names, prefix=""):
        """Of attacks, or of boots: what a pattern means with or without the prefix."""
        return [n for n in names if not self.patterns or any(fnmatch.fnmatch(n, p) or fnmatch.fnmatch(prefix + n, p) for p in self.patterns)]

    def guest(self, name, words, residents, attacks, last):
        # An attack that loops inside of the emulator takes several seconds of this machine for one of the guest's; what follows the last one, too.
        timeout = 300 + (len(attacks) + 1) * (30 + self.ms / 1000 * 8)
        command = f"{residents} sh /mnt/host/bin/onslaught {self.ms} {' '.join(attacks)}; status=$?; [ -e /tmp/work/started ] || exit $status; {last}"
        return Guest(name, words, command, self.share, timeout)

    def residents(self, judged):
        return f"RESIDENTS='{RATES if judged else CREWS}' BEACON={lines.UART_NS // 1000}"

    def survived(self, name, words, attacks, prefix="", judged=True):
        """Attacks in one boot. In the end an order shuts the resident enclaves down, and the machine turns itself off."""
        attacks = self.selected(attacks, prefix)
        if not attacks:
            return
        tell = "" if judged else f"sh /mnt/host/bin/crews {CREW_THREADS}; "
        guest = self.guest(name, words, self.residents(judged), attacks, f"{tell}ringmaster shutdown && ringmaster info && [ $status = 0 ]")
        status = guest.finish()
        for attack, fields in guest.results:
            self.results.attack(prefix + attack, fields, PERIODS_NS if judged else [])
        if status or len(guest.results) != len(attacks):
            print(guest.trouble(), end="")
            after = f", during {guest.begun}" if guest.begun else ""
            self.results.report(f"{name}.boot", [f"status {status}, {len(guest.results)} of {len(attacks)} attacks came to an end{after}"], guest.log)
        if not judged:
            self.crews(name, guest)
        self.serial(f"{name}.console", *lines.console(guest.log))
        self.serial(f"{name}.uart", *lines.uart(guest.log, self.expected(guest), judged))
        self.shut_down(name, guest, judged)

    @staticmethod
    def expected(guest):
        """Lines of the UART that were due from the first attack to the last, but for those of a second."""
        if not guest.results:
            return 2
        return max(2, (guest.results[-1][1]["to"] - guest.results[0][1]["from"] - 1000000000) // lines.UART_NS)

    def serial(self, name, text, good):
        self.results.report(name, [] if good else ["the line lost its rhythm"], text)

    def shut_down(self, name, guest, judged):
        off = guest.consoles_show("shut down by order", 1) and guest.consoles_show(r"^system off\r?$", 1)
        faults = [] if off else ["the machine did not turn itself off"]
        masked = [float(match[1]) for match in (re.match(r"interrupts masked +([0-9.]+) us", line) for line in guest.rest) if match]
        if judged and (not masked or masked[-1] >= MASKED_US):
            faults.append(f"masked too long, {MASKED_US} us are allowed")
        self.results.report(f"{name}.shutdown", faults, f"by order; masked {masked[-1] if masked else '?'} us since the boot")

    def crews(self, name, guest):
        """Where this machine stops the emulated one, enclaves are late, but each release waits until it is served: in the end, all are."""
        lost = sum(max(0, crew["due"] - crew["done"] - 1) for crew in guest.crews.values())
        skipped = sum(crew["skipped"] for crew in guest.crews.values())
        early = sum(crew["early"] for crew in guest.crews.values())
        faults = [f"{lost} releases lost"] if lost else []
        faults += [f"{skipped} times another than the next"] if skipped else []
        faults += [f"{early} releases before their time"] if early else []
        faults += [f"{len(guest.crews)} threads told of themselves"] if len(guest.crews) != CREW_THREADS else []
        self.results.crews += [crew["late"] for crew in guest.crews.values()]
        note = ", ".join(f"{who}.{priority} {crew['done']} of {crew['due']}" for (who, priority), crew in sorted(guest.crews.items()))
        self.results.report(f"{name}.releases", faults, note)

    def deadly(self, name, words, ending, proof, judged=True):
        """Linux does not come back from this: from then on both lines must go on. `proof`, on a console, says when."""
        if not self.selected([name]):
            return
        guest = self.guest(name, [*words, "--allow-panic", "100000"], self.residents(judged), [], ending)
        seconds = max(3, self.ms // 1000)
        if not guest.consoles_show(proof):
            guest.stop()
            print(guest.trouble(), end="")
            self.results.report(name, ["the attack did nothing"], "Linux did not come so far")
            return
        grows = lines.uart_grows(guest.log, seconds * 1000000000 // lines.UART_NS)
        text, good = lines.console(guest.log, seconds + 1)
        grown, alive = grows.result()
        faults = [] if good else ["the console lost its rhythm"]
        if guest.results or guest.process.poll() is not None:
            faults.append("the attack came to an end")
        note, more, misses = lines.told(guest.log, seconds + 1, PERIODS_NS if judged else [])
        with self.results.lock:
            self.results.misses += misses if judged else 0
        guest.stop()
        faults += more if judged else []
        if faults:
            print(guest.trouble(), end="")
        self.results.report(name, faults, f"{text}; {note}")
        whole, kept = lines.uart(guest.log, 2, judged)
        self.serial(f"{name}.uart", f"{whole}; after it {grown}", alive and kept)

    def lied_to(self, name, words, kinds):
        """A resident enclave whose own proxy lies: its time does not suffer."""
        kinds = self.selected(kinds, f"{name}.")
        if not kinds:
            return
        guest = Guest(name, words, f"sh /mnt/host/bin/lies {max(100, self.ms // 20)} {' '.join(kinds)}", self.share, 300 + 60 * len(kinds))
        guest.finish()
        for kind, fields in guest.lies:
            faults = [] if fields["status"] in (40, 41) else [f"status {fields['status']}"]
            faults += [] if fields["lies"] else ["the attack did nothing"]
            with self.results.lock:
                self.results.misses += fields["status"] in (42, 43)
            self.results.report(f"{name}.{kind}", faults, f"{fields['lies']} lies" + (", found out" if fields["status"] == 41 else ""))
        if len(guest.lies) != len(kinds):
            self.results.report(name, [f"{len(guest.lies)} of {len(kinds)} kinds came to an end"], guest.log)
        if any(fields["status"] not in (40, 41) for _, fields in guest.lies) or len(guest.lies) != len(kinds):
            print(guest.trouble(), end="")

    def ended(self, name, words, command, count=0):
        """Power off waits for a beacon that is the last resident enclave, until it ends by itself, after `count` lines, or by an order that the command gives."""
        if not self.selected([name]):
            return
        if os.path.exists(f"{self.share}/held"):
            os.unlink(f"{self.share}/held")
        pinned = "taskset -p 1 $$ >/dev/null; " if words == CORES else ""     # what is on a core that is given up is gone
        residents = f"{pinned}RESIDENTS=beacon BEACON='{lines.UART_NS // 1000}{f' {count}' if count else ''}'"
        guest = self.guest(name, words, residents, [], command)
        held = guest.consoles_show("system off waits")
        with open(f"{guest.log}/device.log", "rb") as log:
            before = log.read().count(b"\n")
        open(f"{self.share}/held", "wb").close()
        done = guest.consoles_show(r"^system off\r?$")
        guest.finish()
        with open(f"{guest.log}/device.log", "rb") as log:
            ends = log.read().endswith(b"beacon end %d\n" % count)
        faults = [] if held and done else ["power off did not wait" if not held else "the machine did not turn itself off"]
        faults += ["the beacon did not come to its end"] if count and not ends else []
        faults += ["the attack came to an end"] if guest.results else []
        text, good = lines.uart(guest.log, count or before + 2, words == VIRTUAL)
        faults += [] if good else ["the line lost its rhythm"]
        if faults:
            print(guest.trouble(), end="")
        self.results.report(f"{name}.uart", faults, f"{text}; {before} of them before power off")
