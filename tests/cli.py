#!/usr/bin/env python3
"""cli.py CASEMATE [BUILD]: the program as a shell's user meets it: completions, the manual page, Ctrl-C, pagers."""
import os, pathlib, shutil, signal, subprocess, sys, tempfile, time

casemate = os.path.abspath(sys.argv[1])
passed, failed = 0, []


def check(name, good, why=""):
    global passed
    if good:
        passed += 1
    else:
        failed.append(name)
        print(f"FAIL {name} {why}")


def run(*args, **more):
    return subprocess.run([casemate, *args], capture_output=True, text=True, timeout=60, **more)


def complete(*words):
    """What bash offers for a command line; the last word is being typed."""
    line = " ".join(f"'{w}'" for w in words)
    script = (f"source <({casemate} completion bash); COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _casemate; "
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


check("bash: commands", {"scan", "read", "cel", "policy"} <= set(complete("casemate", "")))
check("bash: a command", complete("casemate", "sc") == ["scan"])
check("bash: an option", complete("casemate", "scan", "--sev") == ["--severity"])
check("bash: its words", complete("casemate", "scan", "--severity", "h") == ["high"])
check("bash: subcommands", complete("casemate", "policy", "ex") == ["explain", "export"])
check("bash: words of a short option", complete("casemate", "net", "-f", "d") == ["dot"])
check("bash: subcommands of net", complete("casemate", "net", "who") == ["who-can-reach"])
check("bash: subcommands of rbac", complete("casemate", "rbac", "w") == ["who-can", "what-can"])
check("bash: options of net and rbac", complete("casemate", "net", "list", "--c") == ["--cni"] and complete("casemate", "rbac", "paths", "--fr") == ["--from"])
for shell in "zsh", "fish":
    script = run("completion", shell).stdout
    check(f"{shell}: names every option", "severity" in script and "kubernetes-version" in script)
    if shutil.which(shell):
        with tempfile.NamedTemporaryFile("w", suffix=f".{shell}") as f:
            f.write(script)
            f.flush()
            check(f"{shell}: no syntax error", subprocess.run([shell, "-n", f.name]).returncode == 0)

page = run("help", "--man").stdout
if shutil.which("groff"):
    done = subprocess.run(["groff", "-ww", "-man", "-Tutf8"], input=page, capture_output=True, text=True)
    check("manual page: no warnings", done.returncode == 0 and not done.stderr, done.stderr)
    check("manual page: options", "--kubernetes-version" in done.stdout.replace("‐", "-").replace("−", "-"))

with tempfile.TemporaryDirectory() as d:
    folder = pathlib.Path(d)
    if len(sys.argv) > 2:
        done = subprocess.run(["cmake", "--install", sys.argv[2], "--prefix", d + "/usr"], capture_output=True, text=True)
        check("make install", done.returncode == 0, done.stderr)
        for name in "bin/casemate", "share/man/man1/casemate.1", "share/bash-completion/completions/casemate", \
                    "share/zsh/site-functions/_casemate", "share/fish/vendor_completions.d/casemate.fish":
            check(f"installs {name}", (folder / "usr" / name).is_file() and (folder / "usr" / name).stat().st_size > 500)
        shutil.rmtree(folder / "usr", ignore_errors=True)

    # Ctrl-C in the middle: the program ends by it, and no file is left behind, whole or in part
    os.mkfifo(folder / "input.yaml")
    writer = os.open(folder / "input.yaml", os.O_RDWR)  # before the program looks: it does not wait for one, and O_WRONLY waits for a reader
    p = subprocess.Popen([casemate, "scan", "-f", "sarif", "-o", str(folder / "out.sarif"), str(folder / "input.yaml")],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.write(writer, b"apiVersion: v1\n")
    time.sleep(0.2)
    p.send_signal(signal.SIGINT)
    check("Ctrl-C ends it", p.wait(10) == -signal.SIGINT, str(p.returncode))
    os.close(writer)
    check("Ctrl-C leaves no file", sorted(x.name for x in folder.iterdir()) == ["input.yaml"])

    # a pager that is left early is no error worth a word
    many = folder / "many.yaml"
    many.write_text("".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\nspec: {{containers: [{{name: c}}]}}\n" for i in range(3000)))
    done = subprocess.run(f"'{casemate}' scan '{many}' | head -n 1", shell=True, capture_output=True, text=True)
    check("a closed pipe is silent", done.stderr == "", done.stderr)

    # lines are answered as they come
    p = subprocess.Popen([casemate, "cel", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    p.stdin.write('{"expr": "1 + 1"}\n')
    p.stdin.flush()
    check("cel --lines answers at once", '"2"' in p.stdout.readline())
    p.stdin.close()
    check("cel --lines ends with its input", p.wait(10) == 0)

print(f"{passed} passed, {len(failed)} failed")
sys.exit(bool(failed) or passed == 0)
