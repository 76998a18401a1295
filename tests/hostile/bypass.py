#!/usr/bin/env python3
"""bypass.py CASEMATE: one file a known way to hide something from a scanner, read as kubectl reads it.

Beside bypass/NAME stands bypass/NAME.want:

    # what the file tries
    object {...}     what kubectl sends, in order, as `casemate read` prints it
    or {...}         another answer to the object above: kubectl itself picks at random
    exit N           the exit status of `casemate read`
    says TEXT        is part of what is said on standard error
"""
import os, pathlib, subprocess, sys

casemate = os.path.abspath(sys.argv[1])
here = pathlib.Path(__file__).resolve().parent / "bypass"
passed = failed = 0
for want in sorted(here.glob("*.want")):
    objects, status, says = [], None, []
    for line in want.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "object":
            objects.append([rest])
        elif word == "or":
            objects[-1].append(rest)
        elif word == "exit":
            status = int(rest)
        elif word == "says":
            says.append(rest)
        else:
            assert word == "#", f"{want.name}: {line}"
    done = subprocess.run([casemate, "read", str(want.with_suffix(""))], capture_output=True, timeout=20)
    lines, said = done.stdout.decode().splitlines(), done.stderr.decode("utf-8", "replace")
    wrong = []
    if done.returncode != status:
        wrong.append(f"exit status {done.returncode}, not {status}")
    if len(lines) != len(objects) or any(line not in choice for line, choice in zip(lines, objects)):
        wrong.append("objects\n    " + "\n    ".join(lines) + "\n  instead of\n    " + "\n    ".join(c[0] for c in objects))
    wrong += [f"says nothing of {text!r}" for text in says if text not in said]
    if wrong:
        failed += 1
        print(f"FAIL {want.stem}: " + "; ".join(wrong) + ("\n  " + said.strip().replace("\n", "\n  ") if said else ""))
    else:
        passed += 1
left = [p.name for p in here.iterdir() if p.suffix != ".want" and not p.with_name(p.name + ".want").exists()]
assert not left, f"without a .want: {left}"
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed == 0)
