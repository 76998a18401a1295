#!/usr/bin/env python3
"""json_suite.py CASEMATE JSON_CHECK: the JSON reader against JSONTestSuite, whose y_ files every reader
must take and whose n_ files none may take."""
import pathlib, subprocess, sys

suite = pathlib.Path(__file__).resolve().parents[2].parent / "shared/corpora/json-test-suite"
if not suite.is_dir():
    print(f"skipped: {suite} is not there")
    sys.exit(77)
files = sorted(suite.glob("[yni]_*.json"))
done = subprocess.run([sys.argv[2], *map(str, files)], capture_output=True, text=True, timeout=60)
answers = done.stdout.split()
if done.returncode != 0 or len(answers) != len(files):
    sys.exit(f"ended with {done.returncode} after {len(answers)} of {len(files)} files: {done.stderr}")
right, total, wrong = {"y": 0, "n": 0}, {"y": 0, "n": 0}, []
for file, answer in zip(files, answers):
    kind = file.name[0]
    if kind == "i":
        continue
    total[kind] += 1
    if answer == ("accepted" if kind == "y" else "refused"):
        right[kind] += 1
    else:
        wrong.append(f"{file.name}: {answer}")
print("\n".join(wrong))
print(f"accepted {right['y']}/{total['y']}, refused {right['n']}/{total['n']}")
sys.exit(bool(wrong) or not total["y"] or not total["n"])
