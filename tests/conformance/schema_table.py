#!/usr/bin/env python3
"""schema_table.py CASEMATE: src/kube/schema.def is what tools/schema-table makes of the OpenAPI documents.

And the program takes every object of ../shared/corpora/api-objects as it is, where its kind is in the table:
those objects have every field. Skipped (exit status 77) where the corpora are not there.
"""
import difflib
import json
import os
import pathlib
import subprocess
import sys

casemate = os.path.abspath(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent.parent
corpora = root.parent / "shared" / "corpora"
openapi, objects = corpora / "openapi-1.35", corpora / "api-objects"
if not openapi.is_dir():
    print(f"skipped: {openapi} is not there")
    sys.exit(77)

made = subprocess.run([sys.executable, root / "tools/schema-table", openapi], capture_output=True, text=True, check=True).stdout
kept = (root / "src/kube/schema.def").read_text()
failed = 0
if made != kept:
    failed += 1
    print("src/kube/schema.def is not what tools/schema-table makes:")
    sys.stdout.writelines(list(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), "schema.def", "made"))[:60])
print(", ".join(f"{made.count(chr(10) + 'SCHEMA_' + what + '(')} {what.lower()}s" for what in ("KIND", "TYPE", "FIELD")))

if objects.is_dir():
    done = subprocess.run([casemate, "scan", "-f", "json", "--severity", "high", objects], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    report = json.loads(done.stdout)
    checked = {p["policy"]: p["passed"] + p["failed"] for p in report["summary"]["policies"]}["unknown-field"]
    wrong = [f for f in report["findings"] if f["policy"] in ("unknown-field", "wrong-type")]
    for f in wrong:
        print(f"{f['location']['file']}:{f['location']['line']}: {f['message']}")
    failed += len(wrong) + (checked < 150)
    print(f"{checked} API objects of the table's kinds, {len(wrong)} findings")
sys.exit(failed != 0)
