"""kubectl: the program beside this file as a function: paths in, what kubectl makes of them out."""

import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def build():
    """The oracle's path; built into the user's cache, the tree stays clean."""
    go = shutil.which("go")
    if not go:
        skip("go is not installed, it builds kubectl's reader")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    out = os.path.join(cache, "casemate", "read-oracle")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    mine = f"{out}.{os.getpid()}"  # tests may build side by side
    done = subprocess.run([go, "build", "-p", "2", "-ldflags", "-s -w", "-o", mine, "."], cwd=HERE,
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        os.replace(mine, out)
        return out
    if subprocess.run([go, "mod", "download"], cwd=HERE, capture_output=True, check=False).returncode != 0:
        skip("the oracle's Go modules are not there and could not be downloaded: " + done.stderr.strip().splitlines()[-1])
    sys.exit("the oracle does not build:\n" + done.stderr)


class Answer:
    """What kubectl makes of one file.

    entries, in order: ("object", JSON text), ("error", message), or ("other", texts) for a document that
    is refused for want of a kind or an apiVersion only: a scanner counts it, and `casemate read` prints
    everything in it.
    """

    def __init__(self, raw):
        self.raw = raw
        self.entries = []
        for doc in raw["docs"]:
            if "all" in doc:
                self.entries.append(("other", doc["all"]))
                continue
            self.entries += [("object", o) for o in doc["objects"]]
            if "error" in doc:
                self.entries.append(("error", doc["error"]))
        if "error" in raw:
            self.entries.append(("error", raw["error"]))
        self.others = [Answer(d) for d in raw.get("differs", [])]

    def printed(self):
        """What `casemate read` should print."""
        lines = []
        for what, content in self.entries:
            lines += [content] if what == "object" else content if what == "other" else []
        return lines

    def errors(self):
        return [text for what, text in self.entries if what == "error"]

    def reached(self):
        """The objects before the first refused document: those that kubectl applies."""
        return self.raw["kubectl"]


class Oracle:
    """One process for many files."""

    def __init__(self):
        self.process = subprocess.Popen([build()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, path):
        self.process.stdin.write(os.fsencode(path) + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the oracle died of {path}")
        return Answer(json.loads(line))
