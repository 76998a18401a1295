"""kubectl: the program beside this file as a function: paths in, what kubectl makes of them out."""

import json
import os
import subprocess
import sys

import program


class Answer:
    """What kubectl makes of one file.

    entries, in order: ("object", JSON text), ("error", message), or ("other", texts) for a document that
    is refused for want of a kind or an apiVersion only: a scanner counts it, and `casemate read` prints
    everything in it.
    """

    def __init__(self, raw):
        self.raw = raw
        self.entries = []
        for doc in raw["docs"]:
            if "all" in doc:
                self.entries.append(("other", doc["all"]))
                continue
            self.entries += [("object", o) for o in doc["objects"]]
            if "error" in doc:
                self.entries.append(("error", doc["error"]))
        if "error" in raw:
            self.entries.append(("error", raw["error"]))
        self.others = [Answer(d) for d in raw.get("differs", [])]

    def printed(self):
        """What `casemate read` should print."""
        lines = []
        for what, content in self.entries:
            lines += [content] if what == "object" else content if what == "other" else []
        return lines

    def errors(self):
        return [text for what, text in self.entries if what == "error"]

    def reached(self):
        """The objects before the first refused document: those that kubectl applies."""
        return self.raw["kubectl"]


class Oracle:
    """One process for many files."""

    def __init__(self):
        self.process = subprocess.Popen([program.build("read", "kubectl's reader")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, path):
        self.process.stdin.write(os.fsencode(path) + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the oracle died of {path}")
        return Answer(json.loads(line))
