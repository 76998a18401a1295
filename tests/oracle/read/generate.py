"""generate: manifests of every shape and mutations of them, from a seed.

The same seed and the same base files give the same cases. A case is bytes. Bases are small documents
written here, the example cluster, the hostile files, and where the corpora are present parts of them.
"""

import json
import os
import random
import re

# Scalars on which YAML readers disagree, mostly out of go-yaml v2's resolver.
SCALARS = r"""
y Y yes Yes YES yEs on On ON oN true True TRUE tRue n N no No NO off Off OFF false False FALSE ~ null Null NULL nULL
0 00 0o0 0x0 0b0 -0 +0 -0.0 0.0 .0 0. . - + -- +- .5 5. +.5 -.5 1. 1.0 2.0 1e3 1E3 1e+3 1e-3 1e 1e+ e3 1e3x 1.5e300 1e400 -1e400
1_000 1__0 _1 1_ 0_1 0x_1 0x1_ 0xff 0XFF 0xFg 0b11 0B11 0b12 -0b11 +0b11 0o17 0O17 0o8 017 08 09 -017 -0o17 +0o17 -0x1F +0x1F 0x 0b 0o
9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615
18446744073709551616 99999999999999999999999 0xffffffffffffffff 0x7fffffffffffffff 0x10000000000000000 1e18 1e19 1e20 1e21 1e22 123456789012345680000
0.1 0.000001 0.0000001 1e-7 1.7976931348623157e308 5e-324 2.2250738585072014e-308 3.14159265358979 1.10 100000000000000000000.5
.inf -.inf +.inf .Inf .INF .iNF .nan .NaN .NAN .nAN inf nan Infinity NaN
12:30 12:30:45 1:1 190:20:30 2001-01-01 2001-1-1 2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43Z 2001-12-14 21:59:43 2001-99-99
<< = ! & * | > % @ ` - ? : , [] {} [ ] { } # #a a#b 'a #b' "a" '' "" 'yes' "yes" '1' "1" !!str !!null !!int !!bool !!float !!map !!seq !!omap !!set !!binary
!!str\ 1 !!str\ yes !!str\ ~ !!int\ 1 !!int\ '1' !!int\ x !!int\ 1.0 !!int\ 1.5 !!float\ 1 !!float\ '1' !!float\ x !!bool\ yes !!bool\ 'yes' !!bool\ x !!bool\ 1 !!null\ x !!null\ '' !!null\ ~
!!timestamp\ 2001-01-01 !!binary\ aGVsbG8= !!binary\ a !!binary\ '//79' !!binary\ |\n\ \ aGVs\n\ \ bG8= !!str\ [] !!map\ {} !!seq\ [] !!seq\ {} !!map\ []
!x !x\ yes !\ yes !\ 1 !<tag:yaml.org,2002:int>\ 1 !<tag:yaml.org,2002:str>\ yes !<x>\ 1 !e!x\ 1 !!foo\ 1 !!merge\ << !<!>\ 1
&a &a\ x *a *b &a\ &b\ x *a\ x &-\ x *- &a:\ x &é\ x
a:b a:\ b a\ :b :a ?a -a a- - -\ a a,b a] a} %a @a `a "a\nb" "\x41" "\u0041" "\U00000041" "\U0001F600" "\ud800" "\U00110000" "\/" "\e\0\a\b\t\n\v\f\r\ \_\N\L\P" "\q" "\x4" "a\ b" 'it''s' "a\\\nb" 'a\n\nb' "a\n\n\ b"
|\n\ \ a >\n\ \ a\n\ \ b |-\n\ \ a |+\n\ \ a\n\n |2\n\ \ \ a >-\n\ \ true |-\n\ \ true |0\n\ a |10\n\ a |-2\n\ \ \ a |2-\n\ \ \ a >\n\n\ \ a\n\ \ \ b\n\ \ c |\ #c\n\ \ a |#c\n\ \ a |\ x\n\ \ a
a\nb a\n\ \ b a\n\ \ \n\ \ b a\t a\tb \ta é 日本 😀 a\u00a0b \u00a0 \ufeff \ufeffa a\u2028b a\u2029b a\u0085b a\rb \u200b \ufffe \ud7ff \ue000 \u007f \u0080 \u0001 \ufffd
"""
KEYS = ["on", "y", "no", "1", "01", "1.0", "1.5", "1e3", "0x1", "~", "null", "''", '""', '"true"', "true", "'1'", "<<", '"<<"', "? a", "? [a]", "? {a: b}",
        "[a]", "{a: b}", "-1", "-0", "-0.0", "0", ".inf", ".nan", "9223372036854775808", "18446744073709551616", "!!str 1", "!!int '1'", "!!str <<", "!!merge a", "!!binary YQ==", "!x a",
        "&k a", "*a", "2001-01-01", "12:30", "a b", "a\tb", "é", "kind", "apiVersion", "items", "metadata", "hostNetwork", "spec", "Kind", "a: b", "a:", ":", "?", "-", "- a",
        "0.1", "1e21", "1e-7", "123456789.125", "16777217.0", "16777217.5", "0.30000000000000004", "3.4e38", "3.5e38", "1e300", "true ", "a #b", "#a", "|", ">", "@", "%", "'a", '"a', "\ufeff", "\ufeffa"]
TOKENS = ["- ", ": ", ":", "? ", ", ", ",", "[", "]", "{", "}", "#", " #", "&a ", "*a", "*a ", "!", "!!str ", "!!int ", "!x ", "|", ">", "|-", ">+", "'", '"', "%", "@", "`", "---", "...", "\n---\n", "\n...\n",
          "--- ", "---\n", "--- a\n", "--- # c\n", "---\t\n", "\n--- |\n", "\n ---\n", "---\r\n", "<<: ", "<<: *a\n", "\n", "\n\n", " ", "  ", "\t", "\r", "\r\n", "\u0085", "\u2028", "\u2029", "\u00a0", "\ufeff", "\u0000", "\u007f", "\u0080", "\u001b", "\ufffd", "\ufffe", "😀", "\\", "\\u0041",
          "- - ", "? - ", "a: ", "%YAML 1.1\n", "%YAML 1.2\n---\n", "%YAML 2.0\n---\n", "%TAG ! tag:a,2:\n---\n", "%FOO bar\n---\n", "items: ", "items: []\n", "kind: List\n", "null", "~", "{}", "[]", "!!binary ", "!<tag:yaml.org,2002:str> ", "=", "[a, b]", "{a: b}", "? a\n: b\n", "[a: b]", "[? a : b]", "{a, b: }", "{a: , b}", "[,]", "{? }", "{: a}", "[a, ]", '{"a":b}', '["a":b]', "{a: b,, c}", "[[]", "- {", "}}"]
PIECES = [b"\xff", b"\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xc3", b"\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00", b"\xf0\x9f\x98", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbf\xbe", b"\xf8\x88\x80\x80\x80"]
JSON_TOKENS = ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u", "\\ud83d", "\\ud83d\\ude00", "\\udc00", "\\u0000", "\\/", "\\x", "null", "true", "tru", "1", "-", "01", "1.", ".1", "1e", "1e5", "1E+2", "1e400", "-0", "-0.0", "2.0", "9223372036854775808", "NaN", "'a'",
               "//c\n", "/*c*/", "#c\n", "\n", "\t", "\r", "\f", "\u00a0", "\u2028", "\ufeff", "{}", "[]", '""', '"a":1,', '"a":1,"a":2,', '"items":[],', '"items":null,', '"kind":"List",', "\n---\n", "---", " ", "\u0001", "\x7f", "{}{}", "}{", "}\n{", "]}", ",}", '"Kind":"x",', "x"]

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  hostNetwork: true\n  containers:\n  - name: c\n    image: nginx:1.25\n    securityContext:\n      privileged: true\n      runAsUser: 0\n    args: [\"-c\", 'sleep 1']\n"
SMALL = [
    POD,
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: b\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: |\n    line one\n      line two\n\n    line three\n  b: >-\n    folded\n    text\n  c: \"quoted \\\"text\\\"\"\n  d: 'single'\n",
    "{apiVersion: v1, kind: Pod, metadata: {name: flow}, spec: {hostPID: yes, containers: [{name: c, image: i}]}}\n",
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"json"},"spec":{"hostIPC":true,"containers":[{"name":"c","image":"i"}]}}\n',
    '{\n  "apiVersion": "v1",\n  "kind": "ConfigMap",\n  "metadata": {"name": "json", "labels": {"a": "b"}},\n  "data": {"a": "\\u0041\\n", "n": "1"},\n  "x": [1, 2.5, -3e2, true, false, null, {}]\n}\n',
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec: {hostNetwork: true}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n",
    "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n  spec: {hostPID: on}\n",
    "apiVersion: v1\nkind: A\nmetadata: {name: one}\n---\napiVersion: v1\nkind: B\nmetadata: {name: two}\n---\n# nothing\n---\napiVersion: v1\nkind: C\nmetadata: {name: three}\n",
    "kind: A\nbase: &a\n  x: 1\n  y: [p, q]\nother:\n  <<: *a\n  z: *a\nlist:\n- &b {k: v}\n- *b\n- <<: [*a, *b]\n  x: 2\n",
    "kind: A\nx:\n  - a\n  -\n    - b\n    - - c\n      - d\n  - e: f\n    g: h\n",
    "kind: A\n? complex\n: value\n? - x\n: y\n",
]


def suite_cases(path):
    """The YAML texts of one file of yaml-test-suite. Its own notation for invisible characters is undone."""
    texts, lines, at = [], open(path, encoding="utf-8", newline="\n").read().split("\n"), 0
    while at < len(lines):
        m = re.match(r"^(?:- |  )yaml: \|(\d?)(-?)$", lines[at])
        at += 1
        if not m:
            continue
        body = []
        while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
            body.append(lines[at][4:])
            at += 1
        while body and not body[-1]:
            body.pop()
        text = "\n".join(body) + ("" if m[2] else "\n")
        text = re.sub("—*»", "\t", text).replace("␣", " ").replace("⇔", "\ufeff").replace("↵", "").replace("←", "\r")
        texts.append(re.sub("∎\n?$", "", text))
    return texts


def suite(directory):
    """(name, text) of every case of yaml-test-suite."""
    out = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(".yaml"):
            for i, text in enumerate(suite_cases(os.path.join(directory, name))):
                out.append((f"{name[:-5]}/{i}", text))
    return out


def files(directory, most, suffixes=(".yaml", ".yml", ".json")):
    out = []
    for top, below, names in os.walk(directory):
        below.sort()
        for name in sorted(names):
            path = os.path.join(top, name)
            if name.endswith(suffixes) and os.path.isfile(path) and os.path.getsize(path) <= most:
                with open(path, "rb") as f:
                    out.append(f.read())
    return out


class Generator:
    def __init__(self, seed, root, corpora):
        self.r = random.Random(seed)
        self.scalars = [s.replace("\0", " ").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                        for line in SCALARS.strip("\n").split("\n") for s in self.words(line)]
        self.groups = [(6, [s.encode() for s in SMALL])]
        for weight, directory, most in ((2, os.path.join(root, "examples", "cluster"), 20_000),
                                        (2, os.path.join(root, "tests", "hostile", "bypass"), 20_000),
                                        (3, os.path.join(corpora, "manifests"), 6_000),
                                        (1, os.path.join(corpora, "api-objects"), 6_000)):
            if os.path.isdir(directory) and files(directory, most):
                self.groups.append((weight, files(directory, most)))
        directory = os.path.join(corpora, "yaml-test-suite")
        if os.path.isdir(directory):
            self.groups.append((3, [text.encode() for _, text in suite(directory)]))

    @staticmethod
    def words(line):
        # Blanks separate, `\ ` is a blank within; \n \t \r \uXXXX as in Python, but not inside "...".
        for word in line.replace("\\ ", "\0").split(" "):
            if word.startswith('"'):
                yield word
            else:
                yield re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)),
                             word.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r"))

    def case(self):
        r = self.r
        base = self.base()
        steps = r.choice((0, 1, 1, 1, 1, 2, 2, 3, 4))
        for _ in range(steps):
            base = self.mutate(base)
        return base

    def base(self):
        r = self.r
        total = sum(w for w, _ in self.groups)
        at = r.randrange(total)
        for weight, bases in self.groups:
            if at < weight:
                break
            at -= weight
        base = r.choice(bases)
        if len(base) > 2000 and r.random() < 0.7 and b"\n---" in base:  # one document of many
            base = r.choice(base.split(b"\n---"))
        how = r.random()
        if how < 0.25 and b"kind" not in base:  # inside an object
            base = b"kind: A\nx:\n" + b"".join(b"  " + line + b"\n" for line in base.split(b"\n"))
        elif how < 0.30:
            base = base + r.choice((b"---\n", b"\n---\n", b"", b"...\n", b"\n")) + r.choice(r.choice(self.groups)[1])
        return base

    def mutate(self, data):
        r = self.r
        kind = r.random()
        if kind < 0.12:
            return self.mutate_bytes(data)
        text = data.decode("utf-8", "surrogateescape")
        if text.lstrip().startswith("{") and r.random() < 0.6:
            text = self.mutate_json(text)
        elif kind < 0.35:
            text = self.mutate_lines(text)
        elif kind < 0.60:
            text = self.mutate_scalar(text)
        elif kind < 0.72:
            text = self.mutate_token(text)
        elif kind < 0.90:
            text = self.mutate_structure(text)
        else:
            return self.mutate_encoding(text)
        return text.encode("utf-8", "surrogateescape")

    def mutate_bytes(self, data):
        r = self.r
        at = r.randrange(len(data) + 1)
        how = r.randrange(5)
        if how == 0:
            return data[:at] + bytes([r.randrange(256)]) + data[at + 1:]
        if how == 1:
            return data[:at] + data[at + r.randrange(1, 4):]
        if how == 2:
            return data[:at] + r.choice(PIECES) + data[at:]
        if how == 3:
            return data[:at] + data[max(0, at - r.randrange(1, 30)):]
        return data[:at]

    def mutate_token(self, text):
        r = self.r
        at = r.randrange(len(text) + 1)
        if r.random() < 0.3:  # at a line's start or end
            ends = [i for i, c in enumerate(text) if c == "\n"] or [0]
            at = r.choice(ends) + r.randrange(2)
        return text[:at] + r.choice(TOKENS) + text[at + r.choice((0, 0, 0, 1, 2)):]

    def mutate_lines(self, text):
        r = self.r
        lines = text.split("\n")
        i, j = r.randrange(len(lines)), r.randrange(len(lines))
        how = r.randrange(10)
        if how == 0:
            del lines[i]
        elif how == 1:
            lines.insert(i, lines[i])
        elif how == 2:
            lines.insert(j, lines[i])
        elif how == 3:
            lines[i], lines[j] = lines[j], lines[i]
        elif how == 4:
            lines[i] = " " * r.randrange(1, 4) + lines[i]
        elif how == 5:
            lines[i] = lines[i][r.randrange(1, 3):]
        elif how == 6:
            lines[i] = "\t" + lines[i] if r.random() < 0.5 else lines[i] + r.choice(("\t", "\t# c", " # c", "#c"))
        elif how == 7:
            lines.insert(i, r.choice(("---", "...", "", "# c", "  # c", "--- # c", "---#c", "--- # c\rkind: B\ra: b", "--- # c\u2028kind: B", "----", "--- x", " ---", "... # c", "....", "... x", "\t", "   ")))
        elif how == 8:
            lo, hi = sorted((i, j))
            by = r.choice((1, 2, 4))
            lines[lo:hi] = [" " * by + line for line in lines[lo:hi]]
        else:
            lines[i:i + 2] = ["".join(lines[i:i + 2])]
        return "\n".join(lines)

    def mutate_scalar(self, text):
        """Another value or key on a line of a block mapping or list."""
        r = self.r
        lines = text.split("\n")
        for _ in range(8):
            i = r.randrange(len(lines))
            m = re.match(r"^(\s*(?:- )*)([^\s:#-][^:#]*)(:(?: +|$))(.*)$", lines[i])
            if m:
                break
        else:
            return self.mutate_token(text)
        lead, key, colon, value = m.groups()
        colon = ": "
        scalar = r.choice(self.scalars).replace("\n", "\n" + " " * len(lead))
        how = r.randrange(8)
        if how < 4:
            lines[i] = lead + key + colon + scalar
        elif how == 4:
            lines[i] = lead + r.choice((r.choice(KEYS), scalar)) + colon + value
        elif how == 5:  # one more key, before or after
            new = " " * len(lead) + r.choice((r.choice(KEYS), key, scalar)) + colon + r.choice(("1", "x", "yes", scalar))
            lines.insert(i + 1, new)
        elif how == 6:
            lines[i] = lead + key + colon + r.choice(("[%s]", "[%s, %s]", "{%s: %s}", "{a: %s}", "{%s, %s}", "[%s: %s]", "{%s}", '{"a":%s}')).replace("%s", scalar, 1).replace("%s", r.choice(self.scalars).replace("\n", "\n" + " " * len(lead)))
        else:
            new = " " * len(lead) + "  - " + scalar
            lines[i:i + 1] = [lead + key + ":", new, new.replace(scalar, r.choice(self.scalars).replace("\n", "\n" + " " * len(lead)))]
        return "\n".join(lines)

    def mutate_structure(self, text):
        r = self.r
        lines = text.split("\n")
        how = r.randrange(9)
        values = [i for i, line in enumerate(lines) if re.match(r"^\s*(- )*[\w.-]+: \S", line)]
        parents = [i for i, line in enumerate(lines) if re.match(r"^\s*(- )*[\w.-]+:\s*$", line)]
        if how == 0 and values:  # anchor here, alias there
            i, j = sorted((r.choice(values), r.choice(values)))
            lines[i] = re.sub(r": ", ": &a ", lines[i], count=1)
            if i != j:
                lines[j] = re.sub(r": .*", ": *a", lines[j], count=1)
        elif how == 1 and parents:
            i = r.choice(parents)
            lines[i] = lines[i].rstrip() + r.choice((" &a", " !!map", " !!seq", " !x", " &a !!map", " !x &a", " # c", " |", " >"))
        elif how == 2 and values:  # merge keys
            i = r.choice(values)
            indent = re.match(r"^\s*(?:- )*", lines[i])[0]
            merge = r.choice(("<<: {%s: 1, extra: yes}", "<<: [{%s: 1}, {%s: 2}]", "<<: *a", "<<: 1", "<<: [1]", "<<: ~", "<<: {<<: {%s: 3}}", "'<<': {%s: 1}", "!!str <<: {%s: 1}", "<<: {%s: 1}\nINDENT<<: {%s: 2}", "<<: [{%s: 1}]", "<<: [[{%s: 1}]]", "<<: &a {%s: 4}"))
            key = r.choice(("extra", lines[i].strip(" -").split(":")[0], "kind"))
            lines.insert(i + r.randrange(2), (" " * len(indent) + merge.replace("%s", key)).replace("INDENT", " " * len(indent)))
        elif how == 3 and values:  # a flow collection for a value
            i = r.choice(values)
            key, value = lines[i].split(": ", 1)
            lines[i] = key + ": " + r.choice(("[%s]", "{a: %s}", "[[%s]]", "{? %s : b}", "[a, %s, ]", "{%s: }", "{%s: a, %s: b}", "[%s,\n%s]", "[ # c\n   %s\n  ]", "{a: %s,\n   b: %s\n   }")).replace("%s", value)
        elif how == 4:  # Windows, old Mac, other line ends
            text = text.replace("\n", r.choice(("\r\n", "\r", "\u0085", "\u2028", "\u2029", "\n\n", "\n\r", " \n", "\t\n", " # c\n")), r.choice((1, 3, -1)))
            return text
        elif how == 5:  # a list of everything
            body = "\n".join("  " + line for line in lines)
            return r.choice(("apiVersion: v1\nkind: List\nitems:\n-\n", "kind: PodList\napiVersion: v1\nitems:\n- a: b\n-\n", "kind: X\nitems:\n- null\n-\n", "items:\n-\n", "kind: List\nitems:\n-\n")) + body
        elif how == 6 and values:  # block scalars
            i = r.choice(values)
            key, value = lines[i].split(": ", 1)
            indent = len(re.match(r"^\s*(?:- )*", lines[i])[0])
            lines[i] = key + ": " + r.choice(("|", ">", "|-", ">-", "|+", ">+", "|1", "|2", "|9", "|0", "|-1", "| # c", "|x", "!!str |", "&a |", "!!binary |", "!!int |")) + "\n" + " " * (indent + r.choice((0, 1, 2, 2, 2, 3))) + value + r.choice(("", "\n", "\n\n", "\n" + " " * (indent + 2) + "more", "\n" + " " * (indent + 4) + "deeper", "\n   \n" + " " * (indent + 2) + "more"))
        elif how == 7:  # nothing changes for YAML when a key is explicit
            if values:
                i = r.choice(values)
                m = re.match(r"^(\s*(?:- )*)([\w.-]+): (.*)", lines[i])
                lines[i] = m[1] + "? " + m[2] + "\n" + " " * len(m[1]) + ": " + m[3]
        else:
            i = r.randrange(len(lines) + 1)
            lines.insert(i, r.choice(("---\n%YAML 1.1\n---", "%YAML 1.1", "%TAG ! !x", "--- |\n  text", "--- {a: b}", "---\nnull", "---\n~", "---\n---", "---\n- a", "---\nhello", "---\n{}", "---\n[]", "---\n1", "---\n''", "---\n!!null x", "---\n&a", "---\n*a", "---\n" + SMALL[4], SMALL[4], "---\n" + POD + "...\n" + POD)))
        return "\n".join(lines)

    def mutate_json(self, text):
        r = self.r
        how = r.randrange(7)
        at = r.randrange(len(text) + 1)
        if how < 3:
            return text[:at] + r.choice(JSON_TOKENS) + text[at + r.choice((0, 0, 1)):]
        if how == 3:  # one more of them
            return text + r.choice(("", " ", "\n", "\n---\n", ",", "\n\n", "---\n", "\r", "\u00a0", "\ufeff", "#c\n")) + r.choice((SMALL[4], SMALL[5], POD, "{}", "[]", "null", "1", '"a"', SMALL[3], "{", "}", "garbage", "---\n" + POD))
        if how == 4:
            return r.choice((" ", "\n", "\t", "\r\n", "\f", "\u00a0", "\ufeff", "# c\n", "---\n", "\n---\n", " " * 4096, "\n" * 4095, "\u2028")) + text
        spots = [m for m in re.finditer(r"[\[{,:]\s*|[\]}]", text)]
        if not spots:
            return text
        m = r.choice(spots)
        if how == 5:
            return text[:m.end()] + r.choice(JSON_TOKENS + ['"a"', '"kind":"A",', '{"a":{"a":1}},']) + text[m.end():]
        values = list(re.finditer(r'"[^"]*"|-?\d[\d.e+-]*|true|false|null', text))
        if not values:
            return text
        m = r.choice(values)
        return text[:m.start()] + r.choice((r.choice(JSON_TOKENS), json.dumps(r.choice(self.scalars)), r.choice(self.scalars))) + text[m.end():]

    def mutate_encoding(self, text):
        r = self.r
        how = r.randrange(8)
        clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if how == 0:
            return ("\ufeff" + clean).encode("utf-16-le")
        if how == 1:
            return ("\ufeff" + clean).encode("utf-16-be")
        if how == 2:
            return b"\xef\xbb\xbf" + clean.encode()
        if how == 3:
            return clean.encode(r.choice(("utf-16-le", "utf-16-be", "utf-32-le", "latin-1")), "replace")
        if how == 4:
            data = bytearray(("\ufeff" + clean).encode("utf-16-le"))  # odd length, lone surrogates
            at = 2 + 2 * r.randrange(max(1, len(data) // 2 - 1))
            return bytes(data[:at]) + r.choice((b"\x00\xd8", b"\x00\xdc", b"\x00", b"\xff\xff", b"\x00\x00", b"\x3d\xd8\x00\xde", b"\x28\x20", b"\x85\x00")) + bytes(data[at:])
        if how == 5:
            return b"\xef\xbb\xbf\xef\xbb\xbf" + clean.encode()
        if how == 6:
            return clean.encode() + r.choice(PIECES)
        return clean.replace("\n---", "\n\ufeff---").replace("---\n", "---\n\ufeff").encode()
