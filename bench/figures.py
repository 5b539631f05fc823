# SPDX-License-Identifier: MIT
"""From samples to figures: medians with the bounds of their 95 % bootstrap intervals."""

import random
import statistics

RESAMPLES = 4000


def bounds(statistic):
    """Of a statistic that is drawn again each time it is called."""
    drawn = sorted(statistic() for _ in range(RESAMPLES))
    return drawn[RESAMPLES // 40], drawn[-RESAMPLES // 40 - 1]


def interval(values):
    """Median, lower and upper bound."""
    chance = random.Random(1)
    return statistics.median(values), *bounds(lambda: statistics.median(chance.choices(values, k=len(values))))


def quotient(above, below):
    """The median of one by that of another, which are no pairs, with its bounds."""
    chance = random.Random(1)

    def draw():
        return statistics.median(chance.choices(above, k=len(above))) / statistics.median(chance.choices(below, k=len(below)))
    return statistics.median(above) / statistics.median(below), *bounds(draw)


def median_of(case, side):
    return statistics.median(pair[side] for pair in case["pairs"])


def summarise_fact(case):
    value, low, high = interval([enclave for _, enclave in case["pairs"]])
    return {"unit": case["unit"], "native": median_of(case, 0), "enclave": value, "enclave_low": low, "enclave_high": high,
            "ratio": None, "low": None, "high": None}


def summarise_times(case, counted):
    ratio, low, high = interval([native / enclave for native, enclave, _ in case["pairs"]])
    per_second = case["bytes"] * 1000 if case["bytes"] else 1e9
    result = {
        "unit": "MB/s" if case["bytes"] else "op/s",
        "native": per_second / median_of(case, 0), "enclave": per_second / median_of(case, 1),
        "ratio": ratio, "low": low, "high": high,
        "voluntary_exits_per_op": median_of(case, 2),
    }
    if counted:
        native, enclave = median_of(counted, 0), median_of(counted, 1)
        result["instructions_per_op"] = {"native": native, "enclave": enclave, "ratio": native / enclave}
    return result


def summarise(name, case, counted, common):
    """One object of results.json; `common` is what all of them have."""
    figures = summarise_fact(case) if "unit" in case else summarise_times(case, counted)
    return {"name": name, **figures, **common, "pairs": len(case["pairs"])}
