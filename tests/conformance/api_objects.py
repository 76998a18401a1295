#!/usr/bin/env python3
"""api_objects.py CASEMATE: every object that Kubernetes' own tests keep as YAML and as JSON must come
out of `casemate read` the same from both."""
import pathlib, subprocess, sys

corpus = pathlib.Path(__file__).resolve().parents[2].parent / "shared/corpora/api-objects"
if not corpus.is_dir():
    print(f"skipped: {corpus} is not there")
    sys.exit(77)
pairs = failed = 0


def read(path):
    done = subprocess.run([sys.argv[1], "read", str(path)], capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


for yaml in sorted(corpus.rglob("*.yaml")):
    json = yaml.with_suffix(".json")
    if not json.exists():
        continue
    pairs += 1
    from_yaml, from_json = read(yaml), read(json)
    if from_yaml != (0, from_json[1], b"") or from_json[0] != 0 or from_json[2] or not from_yaml[1]:
        failed += 1
        print(f"FAIL {yaml.name}: {from_yaml[0]} {from_yaml[2][:200]} / {from_json[0]} {from_json[2][:200]}")
print(f"{pairs - failed} of {pairs} pairs are equal")
sys.exit(failed != 0 or pairs == 0)
