"""What `measure.py` and `ours.py` have in common: the command line, the
pictures, and the file of lines that both add to."""

import argparse
import json
import resource
import subprocess
from pathlib import Path

import pictures

ROOT = Path(__file__).resolve().parents[2]


def parser_of(about, draw):
    """What every script takes: the photographs, how many of them, and `lab`."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path, help="a folder")
    parser.add_argument("--draw", type=int, default=draw, help="of how many, as `lab --draw`")
    parser.add_argument("--lab", type=Path, default=ROOT / "target/release/lab")
    return parser


def parse(about, names):
    parser = parser_of(about, 100)
    parser.add_argument("--run", action="append", required=True, metavar="METHOD[:STEPS[:COUNT]]")
    parser.add_argument("--out", type=Path, default=ROOT / "target/peers/lines.jsonl")
    options = parser.parse_args()
    for run in options.run:
        name, *numbers = run.split(":")
        if name not in names:
            parser.error(f"{run} begins with none of {', '.join(names)}")
        if len(numbers) > 2 or not all(number.isdecimal() for number in numbers):
            parser.error(f"{run} is not METHOD:STEPS:COUNT with whole numbers")
    check(parser, options)
    return options


def check(parser, options):
    if not options.photographs.is_dir():
        parser.error(f"there is no folder {options.photographs}")
    if not options.lab.is_file():
        parser.error(f"there is no {options.lab}: build it, or name another with --lab")
    options.out.parent.mkdir(parents=True, exist_ok=True)


def parts(run):
    """A method, how many steps, and on how many pictures at most."""
    name, steps, count, *_ = [*run.split(":"), "", ""]
    return name, int(steps or 0), int(count) if count else None


def squares(options):
    """The files of the photographs that `lab` draws, as the network sees them."""
    drawn = classified(options, "--draw", options.draw, options.photographs.resolve())
    files = [options.photographs / answer["file"] for answer in drawn]
    return pictures.write(files, options.out.parent / "squares")


def classified(options, *arguments):
    """The answers of `lab classify`."""
    return lab(options, "classify", *arguments)["answers"]


def lab(options, *arguments):
    """A report of `lab` on one core."""
    command = [options.lab, "--threads", 1, *arguments, "--json"]
    out = subprocess.run([*map(str, command)], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def earlier(options):
    """What has been measured, so that a command goes on where it stopped."""
    keys = ("picture", "by", "method", "steps")
    return {tuple(line[key] for key in keys) for line in lines(options.out)}


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def add(options, new):
    with options.out.open("a") as out:
        out.writelines(f"{json.dumps(line)}\n" for line in new)


def processor():
    """Seconds that the commands run from here have taken of it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
