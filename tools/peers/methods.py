"""What is compared: each method of a peer, by name. A method takes the network,
pictures in [0, 1], the labels that the network gives them and a number of
steps, and returns the pictures changed. Everything else is as its package has
it, but for what is said here.
"""

from dataclasses import dataclass
from math import inf
from typing import Callable

import foolbox
import numpy
import torch
from adv_lib.attacks import alma, ddn, fmn, pdgd, pdpgd
from art.attacks.evasion import DeepFool
from art.estimators.classification import PyTorchClassifier

CLASSES, SHAPE = 1000, (3, 224, 224)
# Wide enough that foolbox's clipping changes nothing: the published DeepFool
# does not clip.
UNBOUNDED = (-1e3, 1e3)


@dataclass(frozen=True)
class Method:
    package: str
    norm: str
    run: Callable
    # Whether a picture ends before the others, so that a batch would go on
    # computing what nobody asked for.
    ends_early: bool = False


def fast_minimum_norm(norm):
    return lambda network, x, labels, steps: fmn(network, x, labels, norm=norm, steps=steps)


def decoupled(levels):
    return lambda network, x, labels, steps: ddn(network, x, labels, steps=steps, levels=levels)


def lagrangian(network, x, labels, steps):
    # Both as in the paper's experiments, whose few steps forget faster.
    forget = 0.9 if steps >= 1000 else 0.5
    return alma(network, x, labels, num_steps=steps, init_lr_distance=0.1, α=forget)


def primal_dual(network, x, labels, steps):
    return pdgd(network, x, labels, num_steps=steps)


def primal_dual_proximal(network, x, labels, steps):
    return pdpgd(network, x, labels, norm=inf, num_steps=steps)


def foolbox_method(attack, bounds=(0, 1)):
    def run(network, x, labels, steps):
        model = foolbox.PyTorchModel(network, bounds=bounds, device="cpu")
        return attack(steps=steps).run(model, x, labels)

    return run


def art_classifier(network):
    """Without clip values, so that it changes pixels beyond [0, 1] as the
    published DeepFool does. It gives logits, which ART asks for here."""
    return PyTorchClassifier(
        network, torch.nn.CrossEntropyLoss(), SHAPE, CLASSES, device_type="cpu"
    )


def art_deepfool(network, x, labels, steps):
    # The overshoot of the paper: ART's own is a millionth.
    attack = DeepFool(art_classifier(network), max_iter=steps, epsilon=0.02, verbose=False)
    return torch.from_numpy(attack.generate(numpy.ascontiguousarray(x.numpy())))


METHODS = {
    "fmn-l2": Method("adv-lib", "l2", fast_minimum_norm(2)),
    "fmn-linf": Method("adv-lib", "linf", fast_minimum_norm(inf)),
    "ddn": Method("adv-lib", "l2", decoupled(None)),
    "ddn-8bit": Method("adv-lib", "l2", decoupled(256)),
    "alma": Method("adv-lib", "l2", lagrangian),
    "pdgd": Method("adv-lib", "l2", primal_dual),
    "pdpgd-linf": Method("adv-lib", "linf", primal_dual_proximal),
    "foolbox-fmn-l2": Method("foolbox", "l2", foolbox_method(foolbox.attacks.L2FMNAttack)),
    "foolbox-deepfool": Method(
        "foolbox", "l2", foolbox_method(foolbox.attacks.L2DeepFoolAttack, UNBOUNDED), True
    ),
    "foolbox-deepfool-linf": Method(
        "foolbox", "linf", foolbox_method(foolbox.attacks.LinfDeepFoolAttack, UNBOUNDED), True
    ),
    "art-deepfool": Method("ART", "l2", art_deepfool, True),
}
