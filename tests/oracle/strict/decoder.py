"""decoder: the program beside this file as a function: objects in, what the API server's strict decoder says out."""

import json
import subprocess
import sys

import program


class Decoder:
    def __init__(self):
        self.program = program.build("strict", "the API server's decoder")

    def ask(self, lines):
        """One answer for each line, see main.go."""
        done = subprocess.run([self.program], input="".join(x + "\n" for x in lines).encode("utf-8", "surrogatepass"), capture_output=True, check=False)
        answers = [json.loads(x) for x in done.stdout.splitlines()]
        if done.returncode or len(answers) != len(lines):
            sys.exit(f"the oracle died after {len(answers)} of {len(lines)} objects:\n{done.stderr.decode()[-2000:]}")
        return answers
