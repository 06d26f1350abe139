"""Puts the lines that were measured into www/results/peers.json. What is there of
other pictures and methods stays: lines need not be kept for good.

    python tools/peers/report.py
"""

import argparse
import json
import platform
from pathlib import Path

import numpy

import setting
from table import NETWORK, SEED, TITLE, made, written

# Rows are of the first 16 pictures by name, on which every method that is shown was
# run, and of as many more as it was run on: rows of one count are of the same
# pictures. The curves are of the 16.
FIRST, MORE = 16, 32
TABLE = setting.ROOT / "www/results/peers.json"
# Of a picture and a run, with the digits that are kept.
KEPT = {
    "l2": 3,
    "linf": 4,
    "gradients": 1,
    "seconds": 4,
    "fooled": None,
    "survivesRounding": None,
}
# Bootstrap samples, as `lab` has them.
DRAWS = 2000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=Path, default=setting.ROOT / "target/peers/lines.jsonl")
    options = parser.parse_args()
    before = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    lines = setting.lines(options.lines)
    runs = {}
    for line in [*kept(before), *lines]:
        what = (line["norm"], line["by"], line["method"], line["steps"])
        runs.setdefault(what, {})[line["picture"]] = line
    pictures = sorted({picture for of in runs.values() for picture in of})
    runs = {what: runs[what] for what in sorted(runs, key=lambda what: order(what, runs[what]))}
    table = {
        "table": "peers",
        "title": "Beside other programs",
        "made": made(before.get("made", {}), lines),
        "entries": list(rows(runs, pictures)),
        "published": [],
        "series": series(runs, pictures[:FIRST]),
        "pictures": pictures,
        "runs": [per_picture(what, of, pictures) for what, of in runs.items()],
    }
    TABLE.write_text(f"{written(table)}\n")
    print(f"{len(runs)} rows, {len(pictures)} pictures: {TABLE}")


def kept(before):
    """The lines of the table as it is."""
    for run in before.get("runs", []):
        what = {key: run[key] for key in ("norm", "by", "method", "steps")}
        for at, picture in enumerate(before["pictures"]):
            if run["fooled"][at] is not None:
                yield {**what, "picture": picture, **{key: run[key][at] for key in KEPT}}


def order(what, of):
    """By norm, and by what it costs."""
    return what[0], numpy.mean([line["gradients"] for line in of.values()]), what


def rows(runs, pictures):
    """Of all pictures, then of fewer: a method is in the first set that it was run on, and in the last."""
    counts = sorted({min(count, len(pictures)) for count in (len(pictures), MORE, FIRST)})
    shown = set()
    for count in reversed(counts):
        some = pictures[:count]
        for what, of in runs.items():
            is_wanted = count == counts[0] or what not in shown
            if is_wanted and all(picture in of for picture in some):
                shown.add(what)
                yield from figures_of(what, [of[picture] for picture in some])


def figures_of(what, lines):
    """The figures of a row of the table, each over the pictures behind it."""
    norm, by, method, steps = what
    figures = {
        "fooled": ([line["fooled"] for line in lines], numpy.mean),
        "median norm": ([line[norm] for line in lines if line["fooled"]], numpy.median),
        "fooled saved": ([line["survivesRounding"] for line in lines], numpy.mean),
        "gradients": ([line["gradients"] for line in lines], numpy.mean),
        "seconds": ([line["seconds"] for line in lines], numpy.mean),
    }
    for measure, (values, statistic) in figures.items():
        if values:
            yield {
                "network": NETWORK,
                "title": TITLE,
                "measure": ", ".join([measure, norm, by, method, str(steps), str(len(lines))]),
                **estimate(numpy.array(values, float), statistic),
                "count": len(values),
                "command": command(what, len(lines)),
                "machine": f"{platform.system().lower()} {platform.machine()}, 1 thread",
                "seed": SEED,
            }


def estimate(values, statistic):
    """With its 95 % interval by bootstrap where it is a norm."""
    found = {"value": round(float(statistic(values)), 6)}
    if statistic is numpy.median:
        draws = numpy.random.default_rng(SEED).integers(len(values), size=(DRAWS, len(values)))
        ends = numpy.quantile(statistic(values[draws], axis=1), [0.025, 0.975])
        found.update(zip(("low", "high"), (round(float(end), 6) for end in ends)))
    return found


def command(what, count):
    _, by, method, steps = what
    script = "ours" if by == "lab" else "measure"
    run = f"{method}:{steps}:{count}"
    return f"python tools/peers/{script}.py ../shared/data/imagenet-sample --run {run}"


def series(runs, pictures):
    """The curves: median norm against gradients, over the same pictures."""
    found = {}
    for (norm, by, method, _), of in runs.items():
        lines = [of[picture] for picture in pictures if picture in of]
        if len(lines) == len(pictures) and all(line["fooled"] for line in lines):
            gradients = numpy.mean([line["gradients"] for line in lines])
            median = numpy.median([line[norm] for line in lines])
            point = (round(float(gradients), 2), round(float(median), 4))
            found.setdefault((norm, by, method), []).append(point)
    return [
        {
            **dict(zip(("norm", "by", "method"), what)),
            "pictures": len(pictures),
            "gradients": [gradients for gradients, _ in sorted(points)],
            "medians": [median for _, median in sorted(points)],
        }
        for what, points in found.items()
    ]


def per_picture(what, of, pictures):
    """In the order of the pictures; null where one was not attacked."""
    values = {key: [of[it][key] if it in of else None for it in pictures] for key in KEPT}
    for key, digits in KEPT.items():
        if digits:
            values[key] = [v if v is None else round(v, digits) for v in values[key]]
    return {**dict(zip(("norm", "by", "method", "steps"), what)), **values}


main()
