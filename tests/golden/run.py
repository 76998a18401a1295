#!/usr/bin/env python3
"""run.py CASEMATE [--update]: what a person sees, compared with the files beside this one.

A case is a .txt file: a first line `$ casemate ARGUMENTS`, then what it prints (standard output and
standard error), then `exit N`. Commands run in the repository's root. Times are not compared.
"""
import os, pathlib, re, shlex, subprocess, sys, difflib

casemate = os.path.abspath(sys.argv[1])
update = "--update" in sys.argv
here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LC_ALL")}
failed = passed = 0
for case in sorted(here.glob("*.txt")):
    lines = case.read_text().splitlines()
    assert lines and lines[0].startswith("$ casemate "), f"{case.name}: the first line is no command"
    done = subprocess.run([casemate, *shlex.split(lines[0])[2:]], cwd=root, env=env, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = re.sub(r" in \d+(\.\d+)? m?s\b", " in 1 ms", done.stdout.decode())
    got = f"{lines[0]}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}exit {done.returncode}\n"
    if update:
        case.write_text(got)
    if got == case.read_text():
        passed += 1
    else:
        failed += 1
        print(f"FAIL {case.name}")
        sys.stdout.writelines(difflib.unified_diff(case.read_text().splitlines(True), got.splitlines(True), "expected", "got"))
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed == 0)
