# SPDX-License-Identifier: MIT
"""
Compares what was seen with bench/targets, whose lines are WHAT | FIGURE | WANTED | CASE... FIGURE is one of

    wall             native time by enclave time; the lower bound counts
    instructions     the same of instructions
    exits            exits that the enclave asked for, per million operations
    enclave          what the enclave's side of a case is that has no times; the bound that is worse counts
    wall of CASE     how many times as fast as the enclave does another case, per byte or operation; the lower bound counts
    instructions of CASE    the same by instructions
"""

import fnmatch
import os

from figures import interval, median_of, quotient

PAIRS = 15      # as many as a verdict by the wall clock wants
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "targets")


def read_table():
    with open(TABLE) as lines:
        rows = [[field.strip() for field in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]
    for what, figure, wanted, cases in rows:
        relation, number = wanted.split()
        yield what, figure, relation, float(number), cases.split()


def per_unit(case, side):
    return [pair[side] / (case["bytes"] or 1) for pair in case["pairs"]]


def times_of(figure, case, other):
    """How many times as fast a case is as another one, in the enclave: median and bounds."""
    if figure == "instructions":
        value = median_of(other, 1) / (other["bytes"] or 1) / (median_of(case, 1) / (case["bytes"] or 1))
        return value, value, value
    return quotient(per_unit(other, 1), per_unit(case, 1))


def look(figure, name, cases, counted):
    """(seen, lower bound, upper bound), or None if it was not measured."""
    kind, _, other = figure.partition(" of ")
    samples = counted if kind == "instructions" else cases
    if name not in samples or (other and other not in samples):
        return None
    case = samples[name]
    if other:
        return times_of(kind, case, samples[other])
    if kind == "wall":
        return interval([native / enclave for native, enclave, _ in case["pairs"]])
    if kind == "instructions":
        return (median_of(case, 0) / median_of(case, 1),) * 3
    if kind == "exits":
        return (median_of(case, 2) * 1e6,) * 3
    assert kind == "enclave", f"{TABLE}: {figure}"
    return interval([enclave for _, enclave in case["pairs"]])


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def judge(seen, relation, wanted):
    """What is written about a target, and whether it is met."""
    value, low, high = seen
    worse = low if relation == ">=" else high
    missing = wanted - worse if relation == ">=" else worse - wanted
    shown = number(value) if low == high else f"{number(value)} ({number(low)}-{number(high)})"
    return shown, "**met**" if missing <= 0 else f"missed by {number(missing)}"


def compare(patterns, cases, counted):
    """The table in Markdown, of the targets whose cases were selected."""
    rows = ["| | figure | case | wanted | seen | |", "|---|---|---|---|---|---|"]
    for what, figure, relation, wanted, names in read_table():
        for name in names:
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                continue
            seen = look(figure, name, cases, counted)
            shown, verdict = judge(seen, relation, wanted) if seen else ("", "not measured")
            if seen and figure.startswith("wall") and len(cases[name]["pairs"]) < PAIRS:
                shown += f", only {len(cases[name]['pairs'])} pairs"
            rows.append(f"| {what} | {figure} | {name} | {relation} {wanted:g} | {shown} | {verdict} |")
    return "\n".join(rows) + "\n"
