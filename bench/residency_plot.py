# SPDX-License-Identifier: Apache-2.0
"""Draws what bench_zipf wrote down: memory and hit rate over the time of one run.

    residency_plot.py TIMELINE.jsonl BUDGET_BYTES OUT.svg
"""
import json
import math
import pathlib
import sys

WIDTH, LEFT, RIGHT = 760, 64, 16
TOP, PANEL, GAP, BOTTOM = 56, 190, 56, 44
MIB = 1 << 20
WINDOW = 200  # requests that a hit rate is of

STYLE = """
svg { font: 12px system-ui, sans-serif; }
text { fill: #333; } .quiet { fill: #666; } .grid { stroke: #ccc; stroke-width: 1; }
.one { stroke: #0b62a8; fill: none; stroke-width: 1.6; } .one-text { fill: #0b62a8; }
.two { stroke: #b35300; fill: none; stroke-width: 1.6; } .two-text { fill: #b35300; }
.three { stroke: #3f7d20; fill: none; stroke-width: 1.6; } .three-text { fill: #3f7d20; }
.limit { stroke: #8a1c1c; stroke-dasharray: 5 4; } .limit-text { fill: #8a1c1c; }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd; } .quiet { fill: #aaa; } .grid { stroke: #444; }
  .one { stroke: #6cb6ff; } .one-text { fill: #6cb6ff; }
  .two { stroke: #f0a050; } .two-text { fill: #f0a050; }
  .three { stroke: #7ccf5f; } .three-text { fill: #7ccf5f; }
  .limit { stroke: #ff7b72; } .limit-text { fill: #ff7b72; }
}"""


def nice_step(top, lines=4):
    """The largest of 1, 2 and 5 times a power of ten that gives at least so many lines."""
    power = 10.0 ** math.floor(math.log10(top / lines))
    return max(step * power for step in (1, 2, 5) if step * power * lines <= top * 1.0001)


class Panel:
    def __init__(self, top, seconds, highest, title, label):
        self.top, self.seconds, self.highest = top, seconds, highest
        self.out = [f'<text x="{LEFT}" y="{top - 10}" font-weight="600">{title}</text>']
        step = nice_step(highest)
        value = 0
        while value <= highest * 1.0001:
            y = self.y(value)
            self.out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                            f'y1="{y:.1f}" y2="{y:.1f}"/>')
            self.out.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" '
                            f'text-anchor="end">{label(value)}</text>')
            value += step

    def x(self, second):
        return LEFT + (WIDTH - LEFT - RIGHT) * second / self.seconds

    def y(self, value):
        return self.top + PANEL * (1 - value / self.highest)

    def line(self, points, kind):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.out.append(f'<polyline class="{kind}" points="{path}"/>')

    def limit(self, value, text):
        y = self.y(value)
        self.out.append(f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                        f'y1="{y:.1f}" y2="{y:.1f}"/>')
        self.out.append(f'<text class="limit-text" x="{WIDTH - RIGHT}" y="{y - 5:.1f}" '
                        f'text-anchor="end">{text}</text>')

    def name(self, text, kind, x):
        self.out.append(f'<text class="{kind}-text" x="{x}" y="{self.top - 10}">{text}</text>')


def hit_rates(rows):
    first = 0
    for row in rows:
        while row["requests"] - rows[first + 1]["requests"] >= WINDOW:
            first += 1
        requests = row["requests"] - rows[first]["requests"]
        if requests >= WINDOW / 4:
            yield row["s"], 1 - (row["loads"] - rows[first]["loads"]) / requests


def main(timeline, budget_text, out):
    rows = [json.loads(line) for line in pathlib.Path(timeline).read_text().splitlines()]
    budget = int(budget_text)
    seconds = rows[-1]["s"]
    highest = max(max(row["process_bytes"] for row in rows), budget) * 1.1 / MIB
    memory = Panel(TOP, seconds, highest, "Memory, MiB", lambda value: f"{value:g}")
    memory.line([(row["s"], row["process_bytes"] / MIB) for row in rows], "two")
    memory.line([(row["s"], row["charged_bytes"] / MIB) for row in rows], "one")
    memory.line([(row["s"], row["parked_bytes"] / MIB) for row in rows], "three")
    memory.limit(budget / MIB, "budget")
    memory.name("charged to the budget", "one", LEFT + 110)
    memory.name("of that, parked skills", "three", LEFT + 260)
    memory.name("the whole process", "two", LEFT + 410)
    hits = Panel(TOP + PANEL + GAP, seconds, 1,
                 f"Requests answered without a load, of the last {WINDOW}",
                 lambda value: f"{value:.0%}")
    hits.line(list(hit_rates(rows)), "one")
    bottom = TOP + 2 * PANEL + GAP
    ticks = []
    step = nice_step(seconds, 5)
    second = 0
    while second <= seconds:
        ticks.append(f'<text class="quiet" x="{hits.x(second):.1f}" y="{bottom + 18}" '
                     f'text-anchor="middle">{second:g} s</text>')
        second += step
    title = (f"{rows[-1]['requests']} requests, Zipf 1.0 over 64 skills, "
             f"memory for a quarter of them")
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" '
           f'role="img" aria-label="{title}">', f"<style>{STYLE}</style>",
           f'<text x="{LEFT}" y="20" font-size="14" font-weight="600">{title}</text>',
           *memory.out, *hits.out, *ticks, "</svg>"]
    pathlib.Path(out).write_text("\n".join(svg) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
