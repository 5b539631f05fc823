# SPDX-License-Identifier: MIT
"""What is shown of the results: a table, and a picture."""


def heading(common):
    cores, real = common["cores"], common["real_cores"]
    words = f"{common['board']}, {cores} emulated cores on {real} real ones"
    if cores > real:
        words += f"; these are too few, so one thread emulates all {cores} in turns and nothing below says how {cores} free cores do"
    return words + (f"; options {common['options']}" if common["options"] else "")


def number(value):
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def row(r):
    start = f"{r['name']:33} {number(r['native']):>12} {number(r['enclave']):>12} {r['unit']:7}"
    if r["ratio"] is None:
        return start
    count = r.get("instructions_per_op")
    counted = f"{count['native']:12.0f} {count['enclave']:12.0f} {count['ratio']:6.2f}" if count else ""
    return f"{start} {r['ratio']:6.2f} {r['low']:7.2f}-{r['high']:<7.2f} {r['voluntary_exits_per_op'] * 1e6:10.0f} {counted}"


def table(results, common):
    head = f"{'case':33} {'native':>12} {'enclave':>12} {'':7} {'ratio':>6} {'95 %':>15} {'exits/10^6':>10} {'instructions/op':>25} {'ratio':>6}"
    return "\n".join([heading(common), head] + [row(r).rstrip() for r in results])


def picture(results):
    """SVG: a bar a case from 0 to 1.5 of native, with the interval as a line, and where native stands."""
    results = [r for r in results if r["ratio"] is not None]
    row_height, left, width, most = 18, 240, 600, 1.5

    def x(ratio):
        return left + width * min(ratio, most) / most

    height = row_height * (len(results) + 2)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{height}" '
             'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for tick in (0, 0.5, 1, 1.5):
        parts.append(f'<line x1="{x(tick)}" x2="{x(tick)}" y1="{row_height}" y2="{height}" stroke="{"black" if tick == 1 else "#ccc"}"/>'
                     f'<text x="{x(tick)}" y="{row_height - 5}" text-anchor="middle">{tick:g}</text>')
    for i, r in enumerate(results):
        y = row_height * (i + 1.2)
        middle = y + row_height * 0.35
        parts.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{r["name"]}</text>'
                     f'<rect x="{left}" y="{y}" width="{x(r["ratio"]) - left:.1f}" height="{row_height * 0.7:.1f}" fill="#7a9cc6"/>'
                     f'<line x1="{x(r["low"]):.1f}" x2="{x(r["high"]):.1f}" y1="{middle:.1f}" y2="{middle:.1f}" stroke="#c33" '
                     'stroke-width="2"/>'
                     f'<text x="{left + width + 8}" y="{y + 11}">{r["ratio"]:.2f}</text>')
    return "\n".join(parts) + "\n</svg>\n"
