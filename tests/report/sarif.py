#!/usr/bin/env python3
"""sarif.py CASEMATE: SARIF output against the OASIS schema (from a Go module) and its own regions."""
import json, os, pathlib, re, shutil, subprocess, sys

root = pathlib.Path(__file__).resolve().parent.parent.parent
casemate = os.path.abspath(sys.argv[1])


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


try:
    import jsonschema
except ImportError:
    skip("python3-jsonschema is not installed")
if not shutil.which("go"):
    skip("Go is not installed: the schema comes from a Go module")
done = subprocess.run(["go", "mod", "download", "-json", "github.com/owenrumney/go-sarif/v3"],
                      cwd=root / "tests/oracle/sarif", capture_output=True, text=True)
if done.returncode:
    skip("the Go module with the schema cannot be downloaded")
source = pathlib.Path(json.loads(done.stdout)["Dir"]) / "pkg/report/v210/sarif/schema.go"
schema = json.loads(re.search(r"`(.*)`", source.read_text(), re.S)[1])
validator = jsonschema.Draft4Validator(schema)

broken = "apiVersion: v1\nkind: Pod\nmetadata: {name: \u00e9\u00e9}\nspec: {containers: [{name: \"\u00e9\u00e9\", securityContext: {privileged: true}}]}\n---\na: [\n"
for name, args, stdin in (("examples", ["examples/cluster"], None), ("an error", ["-"], broken.encode())):
    out = subprocess.run([casemate, "scan", "-f", "sarif", *args], cwd=root, input=stdin, capture_output=True, timeout=60)
    log = json.loads(out.stdout)
    errors = sorted(validator.iter_errors(log), key=str)
    for e in errors[:10]:
        print(f"FAIL {name}: {'/'.join(map(str, e.absolute_path))}: {e.message}")
    if errors:
        sys.exit(1)
    run = log["runs"][0]
    assert run["results"], f"{name}: no results"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["casemate/v1"]
    print(f"ok   {name}: {len(run['results'])} results")
text = broken.splitlines()
for result in run["results"]:
    region = result["locations"][0]["physicalLocation"]["region"]
    if result["ruleId"] == "privileged":
        line = text[region["startLine"] - 1]
        shown = line[region["startColumn"] - 1:region["endColumn"] - 1]
        assert shown == "privileged: true", f"the region shows {shown!r}"
        break
else:
    sys.exit("FAIL no finding of `privileged`")
print("ok   regions count code points")
