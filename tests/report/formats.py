#!/usr/bin/env python3
"""formats.py CASEMATE: every report format against its standard, and against the thread count.

JSON against docs/report.schema.json, JUnit as XML, all formats byte for byte the same with 1, 2 and 7
threads and on a second run.
"""
import json, os, pathlib, subprocess, sys, tempfile, xml.etree.ElementTree as xml

try:
    import jsonschema
except ImportError:
    print("SKIP: python3-jsonschema is not installed")
    sys.exit(77)

casemate = os.path.abspath(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent.parent
schema = json.loads((root / "docs/report.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)


def scan(*args, stdin=None):
    done = subprocess.run([casemate, "scan", *args], input=stdin, capture_output=True, timeout=120, cwd=root)
    assert done.returncode in (0, 1, 2), f"{args}: exit {done.returncode}: {done.stderr.decode()}"
    return done.stdout


def inputs(folder):
    yield "the example cluster", ["examples/cluster"]
    odd = pathlib.Path(folder) / "odd & strange <name>.yaml"
    odd.write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\u0001<&>\\\"\u00e9\"}\nspec:\n  hostPID: true\n  hostPID: true\n"
                   "  containers: [{name: x, image: \u00e9}]\n---\na: [\n---\nno: object\n")
    yield "odd names, an error, a warning", [str(odd)]
    many = pathlib.Path(folder) / "many.yaml"
    many.write_text("".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec: {{hostIPC: {'true' if i % 3 else 'false'}, containers: [{{name: c}}]}}\n"
                            for i in range(3000)))
    yield "3,000 objects in one file", [str(many)]


def check_json(report):
    jsonschema.Draft202012Validator(schema).validate(report)
    n = sum(report["summary"]["bySeverity"].values())
    fails = [f for f in report["findings"] if f["status"] == "fail"]
    assert len(fails) >= n, "fewer findings than the summary counts"


def check_junit(text):
    suites = xml.fromstring(text)
    assert suites.tag == "testsuites"
    for suite in suites:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.get("tests")), "tests= does not count the test cases"
        assert sum(c.find("failure") is not None for c in cases) == int(suite.get("failures"))
        assert sum(c.find("error") is not None for c in cases) == int(suite.get("errors"))


with tempfile.TemporaryDirectory() as folder:
    for name, args in inputs(folder):
        for form in ("json", "sarif", "junit"):
            first = scan("-f", form, "--threads", "1", *args)
            for threads in ("1", "2", "7"):
                assert scan("-f", form, "--threads", threads, *args) == first, f"{name}: {form} differs with {threads} threads"
            if form == "json":
                check_json(json.loads(first))
            elif form == "junit":
                check_junit(first)
            else:
                json.loads(first)
        compact = scan("--compact", *args)
        assert compact == scan("--compact", "--threads", "3", *args)
        print(f"ok   {name}")
    one = json.loads(scan("-f", "json", "examples/cluster/api.yaml"))
    moved = ("# a line more\n" * 3 + (root / "examples/cluster/api.yaml").read_text()).encode()
    two = json.loads(scan("-f", "json", "-", stdin=moved))
    assert [f["fingerprint"] for f in one["findings"]] == [f["fingerprint"] for f in two["findings"]], "fingerprints moved with the lines"
    assert [f["location"]["line"] + 3 for f in one["findings"]] == [f["location"]["line"] for f in two["findings"]]
    print("ok   fingerprints stay when lines move")
