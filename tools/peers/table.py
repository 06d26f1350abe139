"""What the tables in www/results have in common."""

import datetime
import json
import platform
import re
from importlib.metadata import PackageNotFoundError, version

NETWORK, TITLE = "efficientnet-lite0", "EfficientNet-Lite0 (ImageNet)"
PACKAGES = ["foolbox", "adv-lib", "adversarial-robustness-toolbox", "torch"]
SEED = 0


def made(before, lines):
    """When, and by which programs, as far as they are at hand."""
    builds = {line["build"] for line in lines if "build" in line}
    builds.update(before.get("build", "").split(" and "))
    versions = before.get("versions", {})
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            # Only its earlier rows are here.
            continue
    return {
        "date": str(datetime.date.today()),
        "build": " and ".join(sorted(builds - {""})),
        "python": platform.python_version(),
        "versions": versions,
    }


def written(table):
    """JSON that a person can read, with each list of figures on one line."""
    text = json.dumps(table, indent=2, ensure_ascii=False)
    return re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
