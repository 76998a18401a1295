"""The programs of a Kubernetes control plane, built by Go from the module apiserver/ and kept in the user's cache.

    folder = binaries.folder()      # has etcd, kube-apiserver, kube-controller-manager, kubectl and pki
    binaries.version()              # "v1.36.3", from apiserver/go.mod

Builds once for each key, the hash of all that decides what comes out; afterwards Go is not asked to do anything.
Raises Unavailable, with the reason, where there is no Go and nothing in the cache, or modules cannot be fetched.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODULE = pathlib.Path(__file__).resolve().parent / "apiserver"
PROGRAMS = {"etcd": "go.etcd.io/etcd/server/v3", "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl", "pki": "./pki"}
STAMPED = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
BUILD_DATE = "2026-07-22T18:07:38Z"  # fixed, or each build would differ


class Unavailable(Exception):
    """There is no API server to test with; the text says why."""


def version():
    return re.search(r"^\s*(?:require )?k8s\.io/kubernetes (v\S+)", (MODULE / "go.mod").read_text(), re.M)[1]


def linker_flags():
    major, minor = version()[1:].split(".")[:2]
    stamp = {"gitMajor": major, "gitMinor": minor, "gitVersion": version(), "gitCommit": "unknown",
             "gitTreeState": "clean", "buildDate": BUILD_DATE}
    return "-s -w " + " ".join(f"-X {package}.{name}={value}" for package in STAMPED for name, value in stamp.items())


def inputs():
    """What decides the result, but for Go and its flags."""
    files = [MODULE / "go.mod", MODULE / "go.sum", *sorted(MODULE.glob("pki/*.go"))]
    return {"files": {str(f.relative_to(MODULE)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files},
            "ldflags": linker_flags(), "cgo": "0"}


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "casemate" / "apiserver"


def complete(folder):
    return (folder / "inputs.json").is_file()


def folder():
    go = shutil.which("go")
    if not go:
        return without_go()
    asked = subprocess.run([go, "env", "GOVERSION", "GOFLAGS"], cwd=MODULE, capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        raise Unavailable("Go does not take tests/e2e/apiserver: " + last_line(asked.stderr))
    key = dict(inputs(), go=asked.stdout.splitlines())
    found = cache() / hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    if not complete(found):
        found.parent.mkdir(parents=True, exist_ok=True)
        with open(found.parent / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete(found):
                build(go, found, key)
    return found


def without_go():
    wanted = inputs()
    for known in cache().glob("*/inputs.json"):
        if {k: v for k, v in json.loads(known.read_text()).items() if k != "go"} == wanted:
            return known.parent
    raise Unavailable("go is not installed, it builds kube-apiserver and etcd")


def build(go, target, key):
    """Compiles into a folder beside the target and renames it, so that what is in the cache is whole."""
    print(f"building Kubernetes {version()}: minutes the first time, then never again", file=sys.stderr, flush=True)
    fetched = subprocess.run([go, "mod", "download"], cwd=MODULE, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        raise Unavailable("the Go modules of kube-apiserver could not be downloaded: " + last_line(fetched.stderr))
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="building-") as work:
        for name, package in PROGRAMS.items():
            command = [go, "build", "-p", "2", "-mod=readonly", "-trimpath", "-ldflags", key["ldflags"],
                       "-o", os.path.join(work, "bin", name), package]
            done = subprocess.run(command, cwd=MODULE, env=dict(os.environ, CGO_ENABLED=key["cgo"]), capture_output=True, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"{package} does not build:\n{done.stderr}")
        ready = pathlib.Path(work, "bin")
        (ready / "inputs.json").write_text(json.dumps(key, indent=1))
        ready.rename(target)


def last_line(text):
    return (text.strip().splitlines() or ["no reason given"])[-1]


if __name__ == "__main__":
    try:
        print(folder())
    except Unavailable as why:
        print(f"skipped: {why}")
        sys.exit(77)
