#!/usr/bin/env python3
"""Compares `casemate read` with kubectl's own reader, see docs/read-differential.md.

    read.py path/to/casemate [--count N] [--seed S] [--show N] [--keep DIR] [--no-shrink]

Mutates N manifests (read/generate.py), has both sides read each, and prints the table of agreement and
every difference that is not explained, cut down to the smallest part that still differs.
Exit status 1 where such a difference is left; 77 where the oracle cannot be built.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CORPORA = os.path.join(os.path.dirname(ROOT), "shared", "corpora")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "read"))

from explained import explain  # noqa: E402
from generate import Generator  # noqa: E402
from kubectl import Oracle  # noqa: E402

SECONDS = 20        # for one file of a few KB
SHRINK_STEPS = 400

# What can come of a case, worst first.
CLASSES = {
    "crash": "casemate died, hung or gave an unknown exit status",
    "hidden": "kubectl applies an object, casemate neither prints it nor fails",
    "tree": "both read it, the objects differ",
    "accepts": "kubectl refuses something that casemate reads",
    "refuses": "casemate refuses (exit status 2) something that kubectl reads",
    "spelling": "the same objects, written differently",
    "same": "the same objects, and both or neither refuse something",
}


class Got:
    """What `casemate read` makes of one file."""

    def __init__(self, casemate, path):
        try:
            done = subprocess.run([casemate, "read", path], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=SECONDS, check=False)
            self.status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.status, out, err = -99, b"", b"did not end"
        self.lines = out.decode("utf-8", "replace").split("\n")[:-1]
        self.errors = err.decode("utf-8", "replace")


def same_value(a, b):
    """Equal as JSON with numbers by value."""
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


def classify_one(want, got):
    if got.status not in (0, 2):
        return "crash"
    objects = want.printed()
    refused, failed = bool(want.errors()), got.status == 2
    if objects == got.lines:
        return "same" if refused == failed else "refuses" if failed else "accepts"
    if not failed and any(o not in got.lines and not any(same_value(o, g) for g in got.lines) for o in want.reached()):
        return "hidden" if len(got.lines) < len(objects) else "tree"
    if len(objects) == len(got.lines) and all(same_value(a, b) for a, b in zip(objects, got.lines)):
        return "spelling"
    if len(objects) == len(got.lines):
        return "tree"
    if failed and len(got.lines) < len(objects):
        return "refuses"
    return "accepts" if len(got.lines) > len(objects) else "tree"


def classify(want, got):
    """The best of kubectl's possible answers: where a Go map's order decides, any is right."""
    order = list(CLASSES)
    return max((classify_one(w, got) for w in [want] + want.others), key=order.index)


class Bench:
    def __init__(self, casemate, directory):
        self.casemate, self.oracle, self.path = casemate, Oracle(), os.path.join(directory, "shrink.yaml")

    def judge(self, data):
        with open(self.path, "wb") as f:
            f.write(data)
        want, got = self.oracle.ask(self.path), Got(self.casemate, self.path)
        kind = classify(want, got)
        return kind, (explain(kind, data, want, got) if kind != "same" else None), want, got

    def shrink(self, data, kind):
        """The smallest part that is still unexplained and of the same class: by lines, then by bytes."""
        steps = SHRINK_STEPS
        for parts in ("lines", "bytes"):
            units = data.splitlines(True) if parts == "lines" else [data[i:i + 1] for i in range(len(data))]
            size = max(1, len(units) // 2)
            while size and steps > 0:
                at, shorter = 0, False
                while at < len(units) and steps > 0:
                    less = units[:at] + units[at + size:]
                    steps -= 1
                    now, why, _, _ = self.judge(b"".join(less))
                    if now == kind and not why:
                        units, shorter = less, True
                    else:
                        at += size
                if not shorter or size > len(units):
                    size //= 2
            data = b"".join(units)
        return data


def report(bench, number, data, kind, shrink):
    if shrink:
        data = bench.shrink(data, kind)
    _, _, want, got = bench.judge(data)
    print(f"--- case {number}: {kind}: {CLASSES[kind]}")
    print("    " + repr(data)[1:])
    for what, text in want.entries:
        print(f"    kubectl   {what}: {str(text)[:300]}")
    for line in got.lines:
        print(f"    casemate  object: {line[:300]}")
    print(f"    casemate  exit {got.status}: " + got.errors.strip().replace("\n", "\n              ")[:600])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("casemate")
    p.add_argument("--count", type=int, default=5000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--show", type=int, default=20)
    p.add_argument("--keep", help="write the unexplained cases there, shrunk")
    p.add_argument("--no-shrink", action="store_true")
    o = p.parse_args()
    o.casemate = os.path.abspath(o.casemate)
    generator = Generator(o.seed, ROOT, CORPORA)
    counts, reasons, bad, objects = collections.Counter(), collections.Counter(), [], 0
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shm) as directory, concurrent.futures.ThreadPoolExecutor(2) as pool:
        bench = Bench(o.casemate, directory)
        for start in range(0, o.count, 500):
            cases = []
            for i in range(start, min(o.count, start + 500)):
                path = os.path.join(directory, f"{i}.yaml")
                data = generator.case()
                with open(path, "wb") as f:
                    f.write(data)
                cases.append((i, path, data, pool.submit(Got, o.casemate, path)))
            for i, path, data, future in cases:
                want, got = bench.oracle.ask(path), future.result()
                os.unlink(path)
                objects += len(want.printed())
                kind = classify(want, got)
                counts[kind] += 1
                if kind == "same":
                    continue
                why = explain(kind, data, want, got) if kind not in ("crash", "hidden") else None
                if why:
                    reasons[kind, why] += 1
                else:
                    bad.append((list(CLASSES).index(kind), i, data, kind))
        print(f"{o.count} cases, seed {o.seed}: {objects} objects from {sum(len(b) for _, b in generator.groups)} base files"
              + ("" if os.path.isdir(CORPORA) else " (the corpora are not there: built-in bases only)"))
        for kind in reversed(CLASSES):
            if counts[kind]:
                print(f"{counts[kind]:7}  {kind}: {CLASSES[kind]}")
                for (k, why), n in sorted(reasons.items()):
                    if k == kind:
                        print(f"           {n:5}  {why}")
        bad.sort()
        for _, i, data, kind in bad[:o.show]:
            report(bench, i, data, kind, not o.no_shrink)
        if o.keep:
            os.makedirs(o.keep, exist_ok=True)
            for _, i, data, kind in bad:
                with open(os.path.join(o.keep, f"{kind}-{o.seed}-{i}.yaml"), "wb") as f:
                    f.write(data)
        print(f"{len(bad)} unexplained")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
