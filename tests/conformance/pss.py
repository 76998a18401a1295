#!/usr/bin/env python3
"""pss.py CASEMATE [-v]: the Pod Security Standards' own examples, at every level and version.

A Pod in `pass` has no finding at its level and version; one in `fail` has a finding from the check that
its file is named after (hostports2.yaml: host-ports), or from one that stands in for it at that level.
-v also says which other checks the failing Pods fail.
"""
import collections, json, os, pathlib, re, subprocess, sys

casemate = os.path.abspath(sys.argv[1])
verbose = "-v" in sys.argv
root = pathlib.Path(__file__).resolve().parents[2]
corpus = root.parent / "shared/corpora/pod-security-standards"
policies = root / "policies/pod-security-standards"


def plain(name):
    return re.sub(r"[^a-z]", "", name.lower())


def stand_ins():
    """check -> the policies whose finding counts for it, both in plain letters."""
    ret = collections.defaultdict(set)
    for f in sorted(policies.glob("*/policy.yaml")):
        ret[plain(f.parent.name)].add(f.parent.name)
        over = re.search(r"^ *casemate\.dev/(?:pss-)?overrides: *\"?([^\"\n]*)", f.read_text(), re.M)
        for weaker in over.group(1).split(",") if over else []:
            ret[plain(weaker)].add(f.parent.name)
    return ret


def scan(level, version, folder):
    done = subprocess.run([casemate, "scan", "--pss", level, "--kubernetes-version", version, "-f", "json", folder],
                          capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        sys.exit(f"{folder}: exit {done.returncode}\n{done.stderr}{done.stdout[:2000]}")
    report = json.loads(done.stdout)
    by_file = collections.defaultdict(list)
    for finding in report["findings"]:  # of the standards' policies; others say more
        if (policies / finding["policy"]).is_dir():
            by_file[pathlib.Path(finding["location"]["file"]).name].append(finding)
    return report, by_file


def judge(folder, by_file, checks):
    """-> number of files, complaints, other checks that failed."""
    files, wrong, others = sorted(folder.glob("*.yaml")), [], collections.Counter()
    for f in files:
        found = {x["policy"]: x for x in by_file[f.name]}
        if folder.name == "pass":
            wrong += [f"{f}: {x['policy']}: {x['message']}" for x in found.values()]
            continue
        check = plain(f.stem)
        expected = checks.get(check)
        failed = {name for name, x in found.items() if x["status"] == "fail"}
        if not expected:
            wrong.append(f"{f}: no policy is called {check}")
        elif not failed & expected:
            wrong.append(f"{f}: no finding from {' or '.join(sorted(expected))}, but {sorted(found) or 'none at all'}")
        others.update((check, name) for name in failed - (expected or set()))
    bad = {line.split(": ")[0] for line in wrong}
    return len(files), len(files) - len(bad), wrong, others


def main():
    if not corpus.is_dir():
        print(f"skipped: {os.path.relpath(corpus, root)} is not there")
        sys.exit(77)
    checks, wrong, others = stand_ins(), [], collections.Counter()
    total = good = 0
    versions = sorted({d.name for d in corpus.glob("*/v1.*")}, key=lambda v: int(v[3:]))
    print(f"{'version':<9}{'baseline pass':>16}{'fail':>10}{'restricted pass':>18}{'fail':>10}")
    for version in versions:
        row = [version]
        for level in "baseline", "restricted":
            for kind in "pass", "fail":
                folder = corpus / level / version / kind
                if not folder.is_dir():
                    row.append("-")
                    continue
                report, by_file = scan(level, version[1:], folder)
                n, ok, complaints, also = judge(folder, by_file, checks)
                if report["errors"] or report["summary"]["objects"] != n:
                    complaints.append(f"{folder}: {report['summary']['objects']} of {n} objects judged, {len(report['errors'])} errors")
                total, good, wrong = total + n, good + ok, wrong + complaints
                others.update(also)
                row.append(f"{ok}/{n}")
        print("{:<9}{:>16}{:>10}{:>18}{:>10}".format(*row))
    print("\n".join(wrong))
    if verbose:
        print("".join(f"{check} also fails {name}: {n} files\n" for (check, name), n in sorted(others.items())))
    print(f"{good} of {total} files as they should be; failing Pods fail {sum(others.values())} other checks besides")
    sys.exit(good != total or total == 0 or bool(wrong))


main()
