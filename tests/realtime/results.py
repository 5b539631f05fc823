# SPDX-License-Identifier: MIT
"""What is said of each attack and in the end, and whether it is good."""

import threading

LATE_US, MASKED_US = 100, 50
WORK_MASKED_US = 45         # of enclaves at work, where the next change needs room
BUCKET_US = 5               # RM_HISTOGRAM_NS


def lost(served, ns, periods, sure):
    """Releases that should have been in that time, in time or not, and were not. Between reading two counters there may be one of each, where nothing is `sure`."""
    return max(0, sum(ns // period - (not sure) for period in periods) - served)


def bars(title, rows):
    """A histogram: (range, count)."""
    print(f"{title}:")
    for span, count in rows:
        if count:
            print(f"  {span} {count:10} {'#' * max(1, round(40 * count / max(c for _, c in rows)))}")


def histogram(title, lists):
    """Sums of lists of counts by ranges of BUCKET_US; nothing where nobody counted."""
    sums = [sum(column) for column in zip(*(counts for counts in lists if counts))]
    if any(sums):
        ends = [f"{(i + 1) * BUCKET_US:3}" for i in range(len(sums) - 1)] + ["  -"]
        bars(title, [(f"{i * BUCKET_US:3} to {end} us", count) for i, (end, count) in enumerate(zip(ends, sums))])


def longest(counts):
    """The end of the last range of a histogram that has something, in us."""
    return BUCKET_US * max((i + 1 for i, count in enumerate(counts) if count), default=0)


class Results:
    """Everything that the lines at the end are made of. Boots report from threads of their own."""

    def __init__(self):
        self.passed, self.failed, self.misses = 0, 0, 0
        self.worst, self.release, self.mask, self.shares, self.crews = [], [], [], [], []
        self.lock = threading.RLock()

    def report(self, name, faults, note):
        with self.lock:
            self.passed += not faults
            self.failed += bool(faults)
            print(f"{'FAIL' if faults else 'ok  '} realtime.{name} ({'; '.join(faults + [note])})", flush=True)

    def attack(self, name, fields, periods):
        """One attack's counters, judged by the periods of what is resident; told only, where there are none."""
        with self.lock:
            self.take(name, fields, periods)

    def take(self, name, fields, periods):
        ns = fields["to"] - fields["from"]
        missing = lost(fields["releases"] + fields["misses"], ns, periods, False)
        misses = missing + (fields["misses"] + fields["throttled"] if periods else 0)
        faults = [] if fields["proof"] else ["the attack did nothing"]
        if missing:
            faults.append(f"{missing} releases lost")
        if misses > missing:
            faults.append(f"{fields['misses']} deadlines missed, {fields['throttled']} times out of budget")
        late, masked = longest(fields["release"]), longest(fields["mask"])
        limit = WORK_MASKED_US if name == "enclaves.work" else MASKED_US
        if periods and late > LATE_US:
            faults.append(f"released too late, {LATE_US} us are allowed")
        if periods and masked > limit:
            faults.append(f"masked too long, {limit} us are allowed")
        note = f"{ns / 1e9:.1f} s, {fields['releases']} releases, latest < {late} us, masked < {masked} us"
        if periods and fields["worst"]:
            share, promised = 1 - fields["worst"] / 1e8, 0.95 - fields["reserved"] / 1e6
            note += f", Linux had {100 * share:.2f} % of each 100 ms, {100 * promised:.2f} % were promised"
            if share < promised:
                faults.append("Linux had too little")
            self.shares.append((share - promised, share, promised))
        self.misses += misses
        if periods:
            self.worst.append((fields["late"], fields["masked"]))
            self.release.append(fields["release"])
            self.mask.append(fields["mask"])
        elif not fields["releases"]:
            faults.append("nothing was released")
        self.report(name, faults, note)

    def finish(self):
        histogram("release latency", self.release)
        histogram("interrupts of Linux masked", self.mask)
        self.finish_crews()
        if self.worst:
            print(f"worst release latency: {max(late for late, _ in self.worst) / 1000:.1f} us, {LATE_US} are allowed")
            print(f"worst masked time: {max(masked for _, masked in self.worst) / 1000:.1f} us, {MASKED_US} are allowed")
        if self.shares:
            _, share, promised = min(self.shares)
            print(f"Linux's share: at least {100 * share:.2f} % of each 100 ms; {100 * promised:.2f} % were promised")
        print(f"deadline misses: {self.misses}")
        print(f"{self.passed} passed, {self.failed} failed")
        return self.failed == 0 and self.misses == 0

    def finish_crews(self):
        """Ranges of twice the length each, in microseconds of this machine."""
        sums = [sum(column) for column in zip(*self.crews)]
        if sums:
            ends = [f"{1 << i:7}" for i in range(len(sums) - 1)] + ["      -"]
            bars("release latency on two cores, with all that stops the emulator",
                 [(f"{(1 << i) // 2:7} to {end} us", count) for i, (end, count) in enumerate(zip(ends, sums))])
