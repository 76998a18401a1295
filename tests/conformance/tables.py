#!/usr/bin/env python3
"""tables.py CASEMATE [--write]: checks.tsv and judged.tsv are in order, and docs/conformance.md lists every judged label.

--write makes the list in docs/conformance.md, between its two comments, from judged.tsv.
"""
import csv, json, os, re, subprocess, sys
import labelled

PAGE = labelled.ROOT / "docs/conformance.md"
BEGIN, END = "<!-- from tests/conformance/judged.tsv -->\n", "<!-- end -->\n"
SUITES = ["kubescape", "polaris", "checkov", "kube-linter"]


def rows(name):
    with (labelled.HERE / name).open(newline="") as f:
        for n, r in enumerate(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE), 2):
            yield f"{name}:{n}", r


def check_checks(policies):
    seen, last = set(), ("", "")
    for where, r in rows("checks.tsv"):
        key = (r["suite"], r["check"].lower())
        if key < last:
            yield f"{where}: {r['suite']} {r['check']} is not in order"
        last = key
        if tuple(r.values()) in seen:
            yield f"{where}: the same row twice"
        seen.add(tuple(r.values()))
        if r["suite"] not in SUITES or r["claimed"] not in ("yes", "no") or None in r.values():
            yield f"{where}: not a row of checks.tsv"
            continue
        if r["claimed"] == "yes":
            if not r["policies"] or r["reason"]:
                yield f"{where}: a claimed check has policies and no reason"
            for name in re.split(r"[ +]", r["policies"]):
                if name not in policies:
                    yield f"{where}: casemate has no policy {name}"
        elif r["policies"] or r["message"] or r["path"] or not r["reason"]:
            yield f"{where}: a check that is not claimed has a reason and nothing else"
        for pattern in r["message"], r["path"]:
            re.compile(pattern)


def check_judged():
    last = (-1, "")
    for where, r in rows("judged.tsv"):
        if r["suite"] not in SUITES or r["verdict"] not in ("fires", "silent") or not r["why"]:
            yield f"{where}: not a row of judged.tsv"
        elif (SUITES.index(r["suite"]), r["case"]) <= last:
            yield f"{where}: {r['case']} is not in order"
        last = (SUITES.index(r["suite"]), r["case"])


def page_list():
    """The judged labels as the page has them: one reason once, its cases below."""
    text, by = "", {}
    for _, r in rows("judged.tsv"):
        by.setdefault((r["suite"], r["verdict"], r["why"]), []).append(r["case"])
    for suite in SUITES:
        some = [(v, why, cases) for (s, v, why), cases in by.items() if s == suite]
        if some:
            text += f"\n### {suite}\n\n"
        for v, why, cases in some:
            text += f"- {why} We say: {v}.\n" + "".join(f"  - `{c}`\n" for c in cases)
    return text + "\n"


def main():
    done = subprocess.run([os.path.abspath(sys.argv[1]), "policy", "list", "-f", "json"], capture_output=True, text=True, timeout=60, check=True)
    policies = {p["policy"] for p in json.loads(done.stdout)["policies"]}
    bad = [*check_checks(policies), *check_judged()]
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    new = head + BEGIN + page_list() + END + rest.split(END)[1]
    if "--write" in sys.argv:
        PAGE.write_text(new)
    elif new != page:
        bad.append("docs/conformance.md does not list what judged.tsv says: tests/conformance/tables.py CASEMATE --write")
    print("\n".join(bad) or "checks.tsv, judged.tsv and docs/conformance.md are in order")
    sys.exit(bool(bad))


main()
