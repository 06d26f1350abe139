"""Runs `lab`'s own attacks on the same pictures and adds what each needed to
the same file.

    python tools/peers/ours.py PHOTOGRAPHS --run deepfool --run super-deepfool
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import setting

# By the names that they have beside their peers: what `lab robustness` calls
# them, the norm that each makes small, and whether steps are its gradients.
METHODS = {
    "deepfool": ("deepfool", "l2", False),
    "deepfool-linf": ("deepfool-linf", "linf", False),
    "super-deepfool": ("super-deepfool", "l2", False),
    "lbfgs": ("lbfgs", "l2", False),
    "fmn-l2": ("fmn", "l2", True),
    "fmn-linf": ("fmn-linf", "linf", True),
    "ddn-8bit": ("ddn", "l2", True),
    "smallest": ("smallest", "l2", True),
    "smallest-unbounded": ("smallest-unbounded", "l2", True),
    "smallest-linf": ("smallest-linf", "linf", True),
    "smallest-8bit": ("smallest-eight-bit", "l2", True),
}


def main():
    options = setting.parse(__doc__, METHODS)
    for run in options.run:
        name, steps, _ = setting.parts(run)
        if METHODS[name][2] and not steps:
            raise SystemExit(f"{run}: say how many gradients, as in {name}:100")
    files = setting.squares(options)
    done = setting.earlier(options)
    for run in options.run:
        name, steps, count = setting.parts(run)
        left = [it for it in files[:count] if (it.stem, "lab", name, steps) not in done]
        # A few at a time, so that little is lost when it is stopped.
        for start in range(0, len(left), 10):
            setting.add(options, attacked(options, name, steps, left[start : start + 10]))
        print(f"{run}: {len(left)} pictures", flush=True)


def attacked(options, name, steps, files):
    """What each picture needed. Seconds are those of the processor, opening the
    network included: `lab` itself says how long it took by the clock, whatever
    else ran."""
    attack, norm, has_budget = METHODS[name]
    budget = ["--gradients", steps] if has_budget else []
    begun = setting.processor()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "lab.jsonl"
        paths = [file.resolve() for file in files]
        setting.lab(options, "robustness", *paths, "--attacks", attack, *budget, "--out", out)
        # Beside what it needed, the file says of what it is and where it ends.
        found = [line for line in setting.lines(out) if "attack" in line]
    seconds = round((setting.processor() - begun) / len(files), 4)
    what = {"method": name, "by": "lab", "norm": norm, "steps": steps}
    for line in found:
        yield {
            "picture": Path(line["file"]).stem,
            **what,
            **{key: line[key] for key in ("l2", "linf", "fooled", "survivesRounding")},
            "gradients": line["gradientEvaluations"],
            "seconds": seconds,
            # The profile of cargo: how fast it is hangs on that.
            "build": options.lab.resolve().parent.name,
        }


main()
