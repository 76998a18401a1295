#!/usr/bin/env python3
"""kubehound.py CASEMATE [-v]: `casemate rbac paths` on the manifests of KubeHound's own test cluster: each has an attack, which is its file's
name, and it must be found from the object that is made for it; what is made to fail must not be found.

A file's name is KubeHound's name of the attack, ours is that in lower case: CE_PRIV_MOUNT is ce-priv-mount. ROLE_BIND_* are read
together, since one has the roles that another binds.
"""
import argparse, json, pathlib, subprocess, sys

CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared/corpora/kubehound"
# Files with more than one attack, or whose attack is named otherwise.
NAMES = {"EXPLOIT_HOST_READ_TRAVERSE": ["exploit-host-read", "exploit-host-traverse"], "CE_NET_MITM": ["ce-net-mitm"]}


def attacks_of(stem):
    if stem.startswith("ROLE_BIND"):
        return ["role-bind"]
    return NAMES.get(stem) or [stem.lower().replace("_", "-")]


def expected_at(attack, text):
    """The Pods and accounts of a manifest that the attack may be found from."""
    names = {word.split(":")[-1].strip() for word in text.splitlines() if word.strip().startswith("name:")}
    return {"its Node", "any Node", "Group:system:nodes"} | {f"{kind}:default/{n}" for n in names for kind in ("Pod", "ServiceAccount")}


def run(casemate, *paths):
    done = subprocess.run([casemate, "rbac", "paths", "-f", "json", *map(str, paths)], capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("-v", action="store_true")
    o = parser.parse_args()
    if not CORPUS.is_dir():
        print(f"skipped: {CORPUS} is not there")
        return 77
    files, found_n, failed = sorted(CORPUS.glob("*.yaml")), 0, []
    for path in files:
        stem, text = path.stem, path.read_text()
        beside = [f for f in files if f.stem.startswith("ROLE_BIND")] if stem.startswith("ROLE_BIND") else [path]
        report = run(o.casemate, *beside)
        whole = [a for a in report["attacks"] if not a.get("part")]
        steps = [s for p in report["paths"] for s in p["steps"]]
        at = expected_at("", "".join(f.read_text() for f in beside))
        missing = [a for a in attacks_of(stem) if not any(x["attack"] == a and x["from"] in at for x in whole + steps)]
        # accounts named ...-fail are bound so that the attack does not work
        wrong = sorted({x["from"] for x in whole + steps if x["from"].endswith("-fail") and x["attack"] not in ("identity-assume", "imds", "endpoint-exploit")})
        found_n += not missing and not wrong
        for a in missing:
            failed.append(f"{stem}: {a} is not found")
        for w in wrong:
            failed.append(f"{stem}: {w} is made to fail, and is found")
        if o.v:
            print(f"{stem:<30} {' '.join(attacks_of(stem)):<45} {'missing' if missing else 'found'}")
    for line in failed:
        print("FAIL", line)
    print(f"kubehound: {found_n} of {len(files)} manifests' attacks are found")
    return int(bool(failed) or not files)


if __name__ == "__main__":
    sys.exit(main())
