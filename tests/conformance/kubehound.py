#!/usr/bin/env python3
"""kubehound.py CASEMATE [-v]: `casemate rbac paths` on the manifests of KubeHound's own test cluster: each has an attack, which is its file's
name, and it must be found from an object that the file makes; what is made to fail must not be found.

A file's name is KubeHound's name of the attack, perhaps with more after it (ROLE_BIND_RB_CR-SA); ours is that in lower case: CE_PRIV_MOUNT is
ce-priv-mount. A file that is named after none of its attacks is a control: nothing that leads to a node may be found from its Pods.
ROLE_BIND_* are read together, since one has the roles that another binds.
"""
import argparse, json, pathlib, re, subprocess, sys

CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared/corpora/kubehound"
IDS = """CE_MODULE_LOAD CE_NSENTER CE_PRIV_MOUNT CE_SYS_PTRACE CE_UMH_CORE_PATTERN CE_VAR_LOG_SYMLINK CE_NET_MITM CONTAINER_ATTACH ENDPOINT_EXPLOIT
    EXPLOIT_CONTAINERD_SOCK EXPLOIT_HOST_READ EXPLOIT_HOST_TRAVERSE EXPLOIT_HOST_WRITE IDENTITY_ASSUME IDENTITY_IMPERSONATE PERMISSION_DISCOVER
    POD_ATTACH POD_CREATE POD_EXEC POD_PATCH ROLE_BIND SHARE_PS_NAMESPACE TOKEN_BRUTEFORCE TOKEN_LIST TOKEN_STEAL VOLUME_ACCESS
    VOLUME_DISCOVER""".split()
# Files with more than one attack.
NAMES = {"EXPLOIT_HOST_READ_TRAVERSE": ["exploit-host-read", "exploit-host-traverse"]}
# What everybody has who is in a Pod, or root on a node: not what a file is made to show, or to refuse.
COMMON = {"identity-assume", "imds", "endpoint-exploit", "container-attach", "volume-discover", "volume-access", "token-steal"}
KINDS = {"Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "ServiceAccount"}


def attacks_of(stem):
    """[]: a control."""
    for known, attacks in NAMES.items():
        if stem == known or stem.startswith(known + "_"):
            return attacks
    found = [i for i in IDS if stem == i or re.match(re.escape(i) + "[_-]", stem)]
    return [max(found, key=len).lower().replace("_", "-")] if found else []


def field(lines, name):
    return next((m[1].strip("'\"") for line in lines if (m := re.match(r"\s+(?:- )?" + name + r":\s*(\S+)", line))), None)


def block(lines, name):
    """The lines below a key at the left margin."""
    at = next((i for i, line in enumerate(lines) if re.match(name + r":\s*$", line)), None)
    if at is None:
        return []
    end = next((i for i, line in enumerate(lines[at + 1:], at + 1) if re.match(r"[a-zA-Z]", line)), len(lines))
    return lines[at + 1:end]


def whom(text):
    """Who the attack may be found from, as we name them: the Pods, workloads and accounts of the file, and whom its bindings name."""
    found, bound = set(), set()
    for document in re.split(r"(?m)^---.*$", text):
        lines = document.splitlines()
        kind = next((m[1] for line in lines if (m := re.match(r"kind:\s*(\S+)", line))), None)
        meta = block(lines, "metadata")
        ns = field(meta, "namespace") or "default"
        if kind in KINDS and field(meta, "name"):
            found.add(f"{kind}:{ns}/{field(meta, 'name')}")
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            for subject in re.split(r"(?m)^\s*- ", "\n".join(block(lines, "subjects"))):
                of = [" " + line.strip() for line in subject.splitlines()]
                if field(of, "kind") == "ServiceAccount":
                    bound.add(f"ServiceAccount:{field(of, 'namespace') or ns}/{field(of, 'name')}")
                elif field(of, "kind"):
                    bound.add(f"{field(of, 'kind')}:{field(of, 'name')}")
    return found | bound, bound


def is_node(who):
    return who in ("its Node", "any Node") or who.startswith("Node:")


def run(casemate, *words):
    done = subprocess.run([casemate, "rbac", *map(str, words)], capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


class File:
    def __init__(self, casemate, path, beside):
        self.stem, self.wanted = path.stem, attacks_of(path.stem)
        self.at, self.bound = whom(path.read_text())
        report = run(casemate, "paths", "-f", "json", *beside)
        self.seen = {(a["attack"], a["from"]) for a in report["attacks"] if not a.get("part")}
        self.seen |= {(s["attack"], s["from"]) for p in report["paths"] for s in p["steps"]}
        self.roles_only = not self.bound and "role-bind" in self.wanted
        self.may = any(run(casemate, "what-can", who, "-f", "json", path)["grants"] for who in self.bound) if "permission-discover" in self.wanted else False

    def is_found(self, attack):
        if attack == "permission-discover": # what one may do is asked for, not a step of a way
            return self.may
        return any(a == attack and (self.roles_only or who in self.at or is_node(who)) for a, who in self.seen)

    def faults(self):
        for attack in self.wanted:
            if not self.is_found(attack):
                yield f"{attack} is not found"
        for attack, who in sorted(self.seen):
            if attack in COMMON or who not in self.at:
                continue
            if who.endswith("-fail"): # such accounts are bound so that the attack does not work
                yield f"{who} is made to fail, and {attack} is found"
            elif not self.wanted and re.match("ce-|exploit-", attack):
                yield f"a control, and {attack} is found from {who}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("casemate")
    parser.add_argument("-v", action="store_true")
    o = parser.parse_args()
    if not CORPUS.is_dir():
        print(f"skipped: {CORPUS} is not there")
        return 77
    files, found_n, failed = sorted(CORPUS.glob("*.y*ml")), 0, []
    for path in files:
        beside = [f for f in files if f.stem.startswith("ROLE_BIND")] if path.stem.startswith("ROLE_BIND") else [path]
        file = File(o.casemate, path, beside)
        faults = list(file.faults())
        found_n += not faults
        failed += [f"{path.stem}: {f}" for f in faults]
        if o.v:
            print(f"{path.stem:<30} {' '.join(file.wanted) or 'control':<45} {'; '.join(faults) or 'found'}")
            for who in sorted(w for w in file.bound if file.wanted == ["role-bind"] and not w.endswith("-fail")):
                if ("role-bind", who) not in file.seen:
                    print(f"{'':<30} not from {who}")
    for line in failed:
        print("FAIL", line)
    print(f"kubehound: {found_n} of {len(files)} manifests' attacks are found")
    return int(bool(failed) or not files)


if __name__ == "__main__":
    sys.exit(main())
