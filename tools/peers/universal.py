"""One noise for all pictures, as ART makes it and as `lab` does, from the same
photographs; `lab` measures each on the same others. What was made stays in
--out, so that the same command goes on where it was stopped; at the end it
writes www/results/universal-peers.json.

    python tools/peers/universal.py PHOTOGRAPHS --learn-from 32 --passes 10
"""

import json
import platform
import random
import time
from pathlib import Path

import numpy

import setting
from table import NETWORK, SEED, TITLE, made, written

TABLE = setting.ROOT / "www/results/universal-peers.json"
# In grey levels: those of the paper.
RADII = {"linf": 10, "l2": 2000}
# The algorithm ends where so many of its own pictures are not fooled: the paper's.
DELTA = 0.2
# Pictures that one asks PyTorch about at a time.
BATCH = 8
# By whom, and by which method. The stochastic one makes as many passes as it would.
WAYS = [("ART", "original"), ("lab", "original"), ("lab", "stochastic")]


def main():
    parser = setting.parser_of(__doc__, 232)
    parser.add_argument("--learn-from", type=int, default=32, metavar="COUNT")
    parser.add_argument("--passes", type=int, default=10, metavar="COUNT")
    parser.add_argument("--out", type=Path, default=setting.ROOT / "target/peers/universal")
    options = parser.parse_args()
    setting.check(parser, options)
    options.out.mkdir(exist_ok=True)
    if not 0 < options.learn_from < options.draw:
        parser.error("--learn-from takes a part of the photographs that are drawn")
    files = numpy.random.default_rng(SEED).permutation(setting.squares(options))
    own, others = files[: options.learn_from], files[options.learn_from :]
    found = [
        needed(options, norm, by, method, own, others)
        for norm in RADII
        for by, method in WAYS
    ]
    write(options, found, len(own))


def needed(options, norm, by, method, own, others):
    """What a noise took, and how often it fools; as it was found, if it was."""
    passes = options.passes if method == "original" else None
    of = f"{len(own)}-of-{options.draw}"
    name = "-".join([by, method, norm, of, str(passes or "own")])
    kept = options.out / f"{name}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    v = options.out / f"{name}.npy"
    make = by_art if by == "ART" else by_lab
    took = make(options, v, norm, method, passes, own)
    rates = {what: rate(options, v, of) for what, of in (("own", own), ("others", others))}
    found = {"norm": norm, "by": by, "method": method, **took, **rates}
    kept.write_text(json.dumps(found))
    print(f"{name}: fools {rates['others']['value']:.1%} of others", flush=True)
    return found


def by_lab(options, v, norm, method, passes, own):
    limit = ["--passes", passes, "--delta", DELTA] if passes else []
    begun = setting.processor()
    said = setting.lab(
        options, "universal", *own, "--out", v, "--method", method,
        "--norm", norm, "--radius", RADII[norm], *limit,
    )  # fmt: skip
    seconds = setting.processor() - begun
    return {"passes": said["passes"], "gradients": said["gradientEvaluations"], "seconds": seconds}


def by_art(options, v, norm, _, passes, own):
    # Here, so that who has no PyTorch can look at what the script takes.
    import torch
    from art.attacks.evasion import UniversalPerturbation

    import agreement
    import methods
    import network as networks

    torch.set_num_threads(1)
    random.seed(SEED)
    network = networks.load(setting.ROOT)
    x = networks.read(own)
    agreement.labels(network, x, setting.classified(options, *own), BATCH)
    attack = UniversalPerturbation(
        methods.art_classifier(network),
        attacker="deepfool",
        # The overshoot of the paper: ART's own is a millionth.
        attacker_params={"epsilon": 0.02, "verbose": False},
        delta=DELTA,
        max_iter=passes,
        eps=RADII[norm] / 255,
        norm={"linf": numpy.inf, "l2": 2}[norm],
        batch_size=BATCH,
        verbose=False,
    )
    network.start()
    begun = time.process_time()
    attack.generate(numpy.ascontiguousarray(x.numpy()))
    seconds = time.process_time() - begun
    numpy.save(v, attack.noise[0].astype(numpy.float32))
    return {"passes": passes, "gradients": network.gradients, "seconds": seconds}


def rate(options, v, files):
    """The fooling rate by `lab`, whoever made the noise."""
    network = ["--network", NETWORK]
    found = setting.lab(options, "transfer", *files, "--perturbation", v, *network)
    return {key: found["rates"][0][0][key] for key in ("value", "low", "high", "count")}


def write(options, found, own):
    before = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    table = {
        "table": "universal-peers",
        "title": "One noise, beside another program",
        "made": made(before.get("made", {}), [{"build": options.lab.resolve().parent.name}]),
        "entries": [entry for each in found for entry in entries(options, each, own)],
        "published": [],
    }
    TABLE.write_text(f"{written(table)}\n")
    print(f"{len(found)} rows: {TABLE}")


def entries(options, found, own):
    """The figures of a row."""
    row = ", ".join([found["norm"], found["by"], found["method"], str(found["passes"]), str(own)])
    of = {"network": NETWORK, "title": TITLE}
    how = {
        "command": "python tools/peers/universal.py ../shared/data/imagenet-sample "
        f"--draw {options.draw} --learn-from {own} --passes {options.passes}",
        "machine": f"{platform.system().lower()} {platform.machine()}, 1 thread",
        "seed": SEED,
    }
    for what in ("own", "others"):
        yield {**of, "measure": f"fooling rate on {what}, {row}", **found[what], **how}
    for what in ("gradients", "seconds"):
        yield {**of, "measure": f"{what}, {row}", "value": round(found[what], 2), **how}


main()
