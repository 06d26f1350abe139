"""Makes www/results/peers.json of the lines that were measured.

    python tools/peers/report.py
"""

import argparse
import datetime
import json
import platform
import re
from importlib.metadata import version
from pathlib import Path

import numpy

import setting

NETWORK, TITLE = "efficientnet-lite0", "EfficientNet-Lite0 (ImageNet)"
PACKAGES = ["foolbox", "adv-lib", "adversarial-robustness-toolbox", "torch"]
# Rows are of the first 16 pictures, on which every method was run, and of as many
# more as a method was run on: rows of one count are of the same pictures. The
# curves are of the 16.
FIRST, MORE = 16, 32
# Bootstrap samples, as `lab` has them.
DRAWS, SEED = 2000, 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=Path, default=setting.ROOT / "target/peers/lines.jsonl")
    options = parser.parse_args()
    lines = setting.lines(options.lines)
    pictures = sorted({line["picture"] for line in lines})
    runs = {}
    for line in lines:
        what = (line["norm"], line["by"], line["method"], line["steps"])
        runs.setdefault(what, {})[line["picture"]] = line
    runs = {what: runs[what] for what in sorted(runs, key=lambda what: order(what, runs[what]))}
    table = {
        "table": "peers",
        "title": "Beside other programs",
        "made": {
            "date": str(datetime.date.today()),
            "build": " and ".join(sorted({line["build"] for line in lines if "build" in line})),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in PACKAGES},
        },
        "entries": list(rows(runs, pictures)),
        "published": [],
        "series": series(runs, pictures[:FIRST]),
        "pictures": pictures,
        "runs": [per_picture(what, of, pictures) for what, of in runs.items()],
    }
    out = setting.ROOT / "www/results/peers.json"
    out.write_text(f"{written(table)}\n")
    print(f"{len(runs)} rows, {len(pictures)} pictures: {out}")


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
    keys = {"l2": 3, "linf": 4, "gradients": 1, "fooled": None, "survivesRounding": None}
    values = {key: [of[it][key] if it in of else None for it in pictures] for key in keys}
    for key, digits in keys.items():
        if digits:
            values[key] = [v if v is None else round(v, digits) for v in values[key]]
    return {**dict(zip(("norm", "by", "method", "steps"), what)), **values}


def written(table):
    """JSON that a person can read, with each list of figures on one line."""
    text = json.dumps(table, indent=2, ensure_ascii=False)
    return re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)


main()
