"""program: builds an oracle that is a Go program: a folder beside this file, with its go.mod."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def skip(reason):
    """Ends the test as skipped, as CTest understands it."""
    print(f"skipped: {reason}")
    sys.exit(77)


def build(name, what):
    """The path of the program in the folder `name`, built into the user's cache: the tree stays clean.

    what: what it is, for the reason of a skip where Go or the modules are not there.
    """
    go = shutil.which("go")
    if not go:
        skip(f"go is not installed, it builds {what}")
    source = os.path.join(HERE, name)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    out = os.path.join(cache, "casemate", f"{name}-oracle")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    mine = f"{out}.{os.getpid()}"  # tests may build side by side
    done = subprocess.run([go, "build", "-p", "2", "-ldflags", "-s -w", "-o", mine, "."], cwd=source,
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        os.replace(mine, out)
        return out
    if subprocess.run([go, "mod", "download"], cwd=source, capture_output=True, check=False).returncode != 0:
        skip("the oracle's Go modules are not there and could not be downloaded: " + done.stderr.strip().splitlines()[-1])
    sys.exit("the oracle does not build:\n" + done.stderr)
