"""Runs peers' attacks and writes what each picture needed, a line of JSON a
picture and method. The same command goes on where it was stopped.

    python tools/peers/measure.py PHOTOGRAPHS --run fmn-l2:100 --run alma:1000:16
"""

import time

import torch

import agreement
import network as networks
import setting
from methods import METHODS

# Of pictures walked at a time: more are no faster on one core.
BATCH = 8


def main():
    options = setting.parse(__doc__, METHODS)
    # So that seconds are those of one core.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = networks.load(setting.ROOT)
    files = setting.squares(options)
    names = [file.stem for file in files]
    x = networks.read(files)
    answers = setting.classified(options, *(file.resolve() for file in files))
    labels = agreement.labels(network, x, answers, BATCH)
    done = setting.earlier(options)
    for run in options.run:
        name, steps, count = setting.parts(run)
        method = METHODS[name]
        what = {"by": method.package, "method": name, "steps": steps}
        left = [at for at, it in enumerate(names[:count]) if (it, *what.values()) not in done]
        size = 1 if method.ends_early else BATCH
        for batch in [left[start : start + size] for start in range(0, len(left), size)]:
            needed = attacked(network, method, x[batch], labels[batch], steps)
            line = {**what, "norm": method.norm}
            new = [{"picture": names[at], **line, **each} for at, each in zip(batch, needed)]
            setting.add(options, new)
        print(f"{run}: {len(left)} pictures", flush=True)


def attacked(network, method, x, labels, steps):
    """What each picture of a batch needed. Norms are in grey levels, seconds
    those of the processor, so that what else ran does not count."""
    network.start()
    begun = time.process_time()
    found = method.run(network, x, labels, steps).detach()
    seconds = (time.process_time() - begun) / len(x)
    gradients, forwards = (count / len(x) for count in (network.gradients, network.forwards))
    r = (found - x).flatten(1) * 255
    saved = found.mul(255).round().clamp(0, 255).div(255)
    with torch.no_grad():
        fooled, survives = (network(each).argmax(1) != labels for each in (found, saved))
    return [
        {
            "l2": r_each.norm().item(),
            "linf": r_each.abs().max().item(),
            "fooled": is_fooled,
            "survivesRounding": is_saved,
            "gradients": gradients,
            "forwards": forwards,
            "seconds": round(seconds, 4),
        }
        for r_each, is_fooled, is_saved in zip(r, fooled.tolist(), survives.tolist())
    ]


main()
