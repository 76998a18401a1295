#!/usr/bin/env python3
"""secrets.py CASEMATE: no report shows a credential.

secrets.yaml has credentials of every shape, each with the word hunter2 or its base64. Every format, at every
threshold, also of the same objects as JSON on one line, must find them and print none of them.
"""
import json, os, pathlib, subprocess, sys

casemate = os.path.abspath(sys.argv[1])
given = pathlib.Path(__file__).resolve().parent / "secrets.yaml"
words = ["hunter2", "aHVudGVyM", "h1bnRlcjI", "odW50ZXIy"]
sensitive = {"credentials-in-annotations", "credentials-in-args", "credentials-in-configmap", "credentials-in-env",
             "kubeconfig-embedded-credentials", "kubeconfig-password", "encryption-key-size", "aescbc-provider"}


def scan(*args, stdin=None):
    done = subprocess.run([casemate, "scan", *args], input=stdin, capture_output=True, timeout=120)
    assert done.returncode in (0, 1, 2), f"{args}: exit {done.returncode}: {done.stderr.decode()}"
    return (done.stdout + done.stderr).decode()


found = {f["policy"] for f in json.loads(scan("-f", "json", str(given)))["findings"]}
assert sensitive <= found, f"not found: {sensitive - found}"
tree = subprocess.run([casemate, "read", str(given)], capture_output=True, timeout=60).stdout
assert tree.count(b"hunter2") > 5, "casemate read gives no objects"
objects = [json.loads(line) for line in tree.splitlines() if line.strip()]
line = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()

failed = 0
for name, args, stdin in [("YAML", [str(given)], None), ("JSON on one line", ["-"], line)]:
    for form in (["-f", "text"], ["--compact"], ["-f", "json"], ["-f", "sarif"], ["-f", "junit"]):
        for severity in ("low", "medium", "high", "critical"):
            text = scan(*form, "--severity", severity, *args, stdin=stdin)
            shown = [l for l in text.splitlines() if any(w in l for w in words)]
            failed += bool(shown)
            if shown:
                print(f"FAIL {name}, {' '.join(form)}, from {severity} on:\n  " + "\n  ".join(l[:200] for l in shown[:5]))
    print(f"{'ok  ' if not failed else 'FAIL'} {name}")
text = scan("-f", "text", str(given))
assert "DB_PASSWORD: ***" in text and "env[0].name: ***" in text, "what is there instead of the line is not the key"
sys.exit(failed != 0)
