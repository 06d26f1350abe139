"""Whether `lab` and PyTorch see the same pictures and have the same weights."""

import torch

# Logits of the same pictures by both, in single precision.
MOST = 1e-3


def labels(network, x, answers, batch):
    """What the network says of some pictures, once it is sure that its logits
    are those of `lab classify`."""
    with torch.no_grad():
        logits = torch.cat([network(part) for part in x.split(batch)])
    for row, answer in zip(logits, answers, strict=True):
        far = max(abs(row[top["label"]].item() - top["logit"]) for top in answer["top"])
        if far > MOST or row.argmax() != answer["top"][0]["label"]:
            raise SystemExit(
                f"{answer['file']}: logits are {far:.2g} from those of lab; "
                "see that both have the same weights (npm start imports them)."
            )
    return logits.argmax(1)
