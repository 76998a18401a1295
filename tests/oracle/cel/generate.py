"""Type-directed random expressions, each a tree of text so that a difference can be cut down to its smallest part.

    for line, node in Generator(seed, objects).lines(count): ...

One seed gives the same lines on every machine: only random.Random's own integers are used.
"""

import random
import re

from overloads import GOOD, LITERALS, OBJECTS, OVERLOADS, POOL_BASE, POOLS, SHAPES, VARIABLES

SCALARS = ["int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"]
OPAQUE = ["quantity", "ip", "cidr", "url", "semver", "format"]
NUMBERS = ["int", "uint", "double"]
ORDERED = ["int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration"]
KEYWORDS = {"in", "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "let", "loop", "namespace",
            "null", "package", "return", "true", "var", "void", "while"}


# How tightly an expression binds, loosest first.
TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, PRIMARY = range(8)


class Node:
    """Text with children in it. type: what it was made for; dyn: the checker will not know its type."""
    __slots__ = ("parts", "type", "dyn", "level")

    def __init__(self, parts, type_, dyn=False, level=PRIMARY):
        self.parts, self.type, self.dyn, self.level = parts, type_, dyn, level

    def text(self):
        return "".join(p if isinstance(p, str) else p.text() for p in self.parts)

    def walk(self):
        yield self
        for p in self.parts:
            if not isinstance(p, str):
                yield from p.walk()


def parse_type(s):
    """'map<string,list<A>>' -> ('map', 'string', ('list', 'A')); scalars stay text."""
    m = re.fullmatch(r"(\w+)<(.*)>", s)
    if not m:
        return s
    args, depth, start = [], 0, 0
    for i, c in enumerate(m[2] + ","):
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            args.append(m[2][start:i])
            start = i + 1
    return (m[1], *map(parse_type, args))


def split_arguments(s):
    return [] if not s else list(parse_type("f<" + s + ">")[1:])


def parse_overloads(text):
    known = {"string", "bytes", "timestamp", "duration", "quantity", "ip", "cidr", "url", "semver", "format"}
    for row in text.strip().splitlines():
        head, result = row.rsplit(") ", 1)
        name, arguments = head.split("(", 1)
        receiver = None
        if "." in name:
            before, after = name.rsplit(".", 1)
            if "<" in before or (before in known and not is_namespace(before, after)):
                receiver, name = parse_type(before), after
        yield name, receiver, split_arguments(arguments), parse_type(result)


def parse_shapes(text):
    """type -> templates, each a list of text and, at odd places, types to fill in."""
    shapes = {}
    for row in text.strip().splitlines():
        want, template = row.split(": ", 1)
        shapes.setdefault(parse_type(want), []).append(re.split(r"\{([~\w<>,]+)\}", template))
    return shapes


def shape_level(text):
    while "(" in text:
        text = re.sub(r"\([^()]*\)", "", text)
    for level, sign in ((TERNARY, " ? "), (OR, " || "), (AND, " && "), (RELATION, " == "), (RELATION, " < "), (RELATION, " > "), (RELATION, " in ")):
        if sign in text:
            return level
    return UNARY if text[0] == "!" else PRIMARY


def is_namespace(before, after):
    return (before == "ip" and after == "isCanonical") or (before == "format" and after != "validate")


def bind(pattern, actual, names):
    """Unifies an overload's result with the wanted type."""
    if pattern == "A":
        return names.setdefault("A", actual) == actual
    if isinstance(pattern, tuple) and isinstance(actual, tuple) and len(pattern) == len(actual) and pattern[0] == actual[0]:
        return all(bind(p, a, names) for p, a in zip(pattern[1:], actual[1:]))
    return pattern == actual


def substitute(pattern, names):
    if isinstance(pattern, tuple):
        return (pattern[0], *(substitute(p, names) for p in pattern[1:]))
    return names.get(pattern, pattern)


def json_type(x):
    if isinstance(x, bool):
        return "bool"
    if x is None:
        return "null"
    return {int: "int", float: "double", str: "string", list: "list", dict: "map"}[type(x)]


def quote(s):
    out = "".join({"'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(c, c) for c in s)
    return f"'{out}'"


class Generator:
    def __init__(self, seed, objects=()):
        self.rng = random.Random(seed)
        self.objects = list(OBJECTS) + list(objects)
        self.overloads = {}
        self.all = list(parse_overloads(OVERLOADS))
        self.shapes = parse_shapes(SHAPES)
        self.ill = 0.008
        self.loose = 0.05
        self.fresh = 0

    # ---- choices

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, items):
        return items[self.rng.randrange(len(items))]

    def weighted(self, pairs):
        total = sum(w for w, _ in pairs)
        at = self.rng.random() * total
        for w, x in pairs:
            at -= w
            if at < 0:
                return x
        return pairs[-1][1]

    def any_type(self, depth=2):
        kind = self.weighted([(20, "scalar"), (2, "opaque"), (4, "list"), (3, "map"), (1, "optional"), (1, "null"), (1, "type")])
        if kind == "scalar" or depth <= 0:
            return self.weighted([(8, "int"), (8, "string"), (7, "bool"), (3, "double"), (2, "uint"), (1, "bytes"), (1, "timestamp"), (1, "duration")])
        if kind == "opaque":
            return self.pick(OPAQUE)
        if kind == "list":
            return ("list", self.any_type(depth - 1))
        if kind == "map":
            return ("map", self.weighted([(8, "string"), (2, "int"), (1, "bool"), (1, "uint")]), self.any_type(depth - 1))
        if kind == "optional":
            return ("optional", self.any_type(depth - 1))
        return kind

    # ---- lines

    def lines(self, count):
        for number in range(count):
            yield self.line(number)

    def line(self, number):
        self.object = self.pick(self.objects)
        self.old = self.pick(self.objects)
        self.scope = []
        self.fresh = 0
        depth = self.weighted([(2, 1), (5, 2), (6, 3), (3, 4)])
        want = "bool" if self.chance(0.4) else self.any_type()
        node = self.expr(want, depth)
        expr = self.noise(node.text())
        names = set(re.findall(r"[A-Za-z_]\w*", expr))
        line = {"id": number, "expr": expr, "bindings": {}, "type_env": []}
        if "object" in names:
            line["bindings"]["object"] = {"json": self.object}
        if "oldObject" in names:
            line["bindings"]["oldObject"] = {"json": self.old}
        for name, (type_, values) in VARIABLES.items():
            value = self.pick(values)
            if name in names:
                line["bindings"][name] = value
                if type_ != "dyn":
                    line["type_env"].append({"name": name, "ident": {"type": declared(parse_type(type_))}})
        if line["type_env"] and self.chance(0.04):  # unknown: declared, no value
            line["bindings"].pop(self.pick(line["type_env"])["name"])
        for part in ("bindings", "type_env"):
            if not line[part]:
                del line[part]
        return line, node

    def noise(self, expr):
        """Now and then white space and comments, or a slip of the keyboard."""
        if self.chance(0.02):
            expr = expr.replace(" && ", self.pick(["&&", "\n  && ", " // why\n && ", "\t&&\r\n"])).replace(", ", " ,  ")
        if not self.chance(0.015):
            return expr
        at = self.rng.randrange(len(expr))
        slip = self.pick(["", expr[at] * 2, self.pick(list("()[]{}.,?:'\"+-!&|=<>0a \\`@#$%;"))])
        return expr[:at] + slip + expr[at + 1:]

    # ---- expressions

    def expr(self, want, depth):
        if isinstance(want, str) and want.startswith("~"):
            return self.pooled(want, depth)
        if self.chance(self.ill):
            want = self.any_type(1)
        elif self.chance(self.loose):
            return self.loose_expr(want, depth)
        if depth <= 0:
            return self.leaf(want)
        ways = [(3, self.leaf), (9, self.call)]
        if isinstance(want, tuple):
            ways += [(6, self.literal), (5, self.comprehension)] if want[0] != "optional" else [(6, self.optional)]
        ways += [(1.2, self.ternary), (1.2, self.access)]
        if want in NUMBERS or want in ("string", "bytes", "timestamp", "duration") or isinstance(want, tuple):
            ways.append((3, self.arithmetic))
        if want == "bool":
            ways += [(8, self.logic), (8, self.compare), (3, self.has), (3, self.membership), (7, self.comprehension)]
        if want == "string":
            ways.append((2, self.format))
        if want in self.shapes:
            ways.append((1.5, self.shape))
        if want == "int":
            ways.append((0.015, self.costly))
        for _ in range(8):
            way = self.weighted(ways)
            node = way(want, depth) if way != self.leaf else self.leaf(want)
            if node:
                return node
        return self.leaf(want)

    def loose_expr(self, want, depth):
        """The right type behind dyn, or the wrong one."""
        if want != "null" and self.chance(0.5):
            return Node(["dyn(", self.expr(want, depth - 1), ")"], want, True)
        if self.chance(0.4):
            return Node(["dyn(", self.expr(self.any_type(1), depth - 1), ")"], want, True)
        return self.path(want, strict=False) or self.leaf(want)

    def pooled(self, want, depth):
        base = POOL_BASE[want]
        if depth > 0 and self.chance(0.15):
            return self.expr(base, depth - 1)
        pool = POOLS[want]
        good = GOOD.get(want, len(pool))
        s = self.pick(pool[:good] if self.chance(0.85) else pool)
        if base == "int":
            return Node([s], base)
        if want == "~regex":
            return Node(["'" + s + "'"], base)
        return Node([quote(s)], base)

    def leaf(self, want):
        choices = []
        local = [n for n, t, _ in self.scope if t == want]
        variables = [n for n, (t, _) in VARIABLES.items() if parse_type(t) == want]
        if local:
            choices.append((6, lambda: Node([self.pick(local)], want)))
        if variables:
            choices.append((2, lambda: Node([self.pick(variables)], want)))
        if want in LITERALS:
            choices.append((4, lambda: self.constant(want)))
        if isinstance(want, tuple):
            choices.append((2, lambda: self.literal(want, 0)))
        if want in ("int", "string", "bool", "double") or (isinstance(want, tuple) and want[0] in ("list", "map")):
            choices.append((3, lambda: self.path(want, strict=True) or self.constant(want)))
        if want == "dyn":
            choices.append((1, lambda: self.path("int", strict=False)))
        if not choices:
            return self.constant(want)
        return self.weighted(choices)()

    def constant(self, want):
        if isinstance(want, tuple):
            return self.literal(want, 0)
        if want not in LITERALS:
            return Node(["null"], "null")
        # the odd ones are at the end of the pools
        return self.number(Node([self.pick(LITERALS[want][:14] if self.chance(0.85) else LITERALS[want])], want))

    @staticmethod
    def number(node):
        if node.parts[0].startswith("-"):
            node.level = UNARY
        return node

    def static(self, want, depth):
        """An aggregate's element: dyn beside static is refused, so mostly avoided."""
        node = self.expr(want, depth)
        if node.dyn and self.chance(0.94):
            node = self.constant(want)
        return node

    def literal(self, want, depth):
        if want[0] == "optional":
            return self.optional(want, depth)
        n = self.weighted([(1, 0), (3, 1), (4, 2), (3, 3)])
        if want[0] == "list":
            parts = ["["]
            for k in range(n):
                parts += ([", "] if k else []) + self.element(want[1], depth)
            return Node(parts + [",]" if n and self.chance(0.03) else "]"], want)
        parts = ["{"]
        for k in range(n):
            optional = self.chance(0.04)
            value = self.expr(("optional", want[2]), depth - 1) if optional else self.static(want[2], depth - 1)
            parts += ([", "] if k else []) + (["?"] if optional else []) + [self.constant(want[1]), ": ", value]
        return Node(parts + ["}"], want)

    def element(self, want, depth):
        if self.chance(0.03):
            return ["?", self.expr(("optional", want), depth - 1)]
        return [self.static(want, depth - 1)]

    def call(self, want, depth):
        key = want
        if key not in self.overloads:
            self.overloads[key] = [(o, n) for o in self.all for n in [{}] if bind(o[3], want, n)]
        fits = self.overloads[key]
        if not fits:
            return None
        special = [f for f in fits if f[0][3] != "A"]
        (name, receiver, arguments, _), names = self.pick(special if special and self.chance(0.9) else fits)
        names = dict(names)
        if "A" not in names:
            names["A"] = self.any_type(0) if self.chance(0.8) else self.any_type(1)
        args = [self.expr(substitute(t, names), depth - 1) for t in arguments]
        parts = []
        if receiver:
            on = self.expr(substitute(receiver, names), depth - 1)
            parts += wrap(on) + [f".{name}("]
        else:
            parts.append(f"{name}(")
        for k, a in enumerate(args):
            parts += ([", "] if k else []) + [a]
        return Node(parts + [")"], want)

    def shape(self, want, depth):
        template = self.pick(self.shapes[want])
        parts = [p if k % 2 == 0 else None for k, p in enumerate(template)]
        for k in range(1, len(template), 2):
            t = self.any_type(1) if template[k] == "any" else template[k] if template[k][0] == "~" else parse_type(template[k])
            node = self.expr(t, depth - 1)
            bare = parts[k - 1].endswith(("(", "[", ", ")) and parts[k + 1].startswith((")", "]", ","))
            parts[k] = [node] if bare else wrap(node)
        flat = [q for p in parts for q in (p if isinstance(p, list) else [p]) if q != ""]
        return Node(flat, want, False, shape_level("x".join(template[::2])))

    def ternary(self, want, depth):
        condition, a, b = self.expr("bool", depth - 1), self.expr(want, depth - 1), self.expr(want, depth - 1)
        return Node(wrap(condition, OR) + [" ? "] + wrap(a, OR) + [" : "] + wrap(b, TERNARY), want, a.dyn or b.dyn, TERNARY)

    def access(self, want, depth):
        """An element of a list or a map of the wanted type."""
        if self.chance(0.5):
            on = self.expr(("list", want), depth - 1)
            return Node(wrap(on) + ["[", self.expr("~index", depth - 1), "]"], want)
        key = self.pick(["string", "string", "int", "bool"])
        on = self.literal(("map", key, want), depth - 1)
        keys = [p for p, q in zip(on.parts, on.parts[1:]) if q == ": " and not isinstance(p, str)]
        if not keys or self.chance(0.2):
            return Node([on, "[", self.expr(key, depth - 1), "]"], want)
        return Node([on, "[", self.pick(keys), "]"], want)

    def arithmetic(self, want, depth):
        def pair(a, op, b):
            a, b = self.expr(a, depth - 1), self.expr(b, depth - 1)
            level = SUM if op in (" + ", " - ") else PRODUCT
            return Node(wrap(a, level) + [op] + wrap(b, level + 1), want, a.dyn and b.dyn, level)
        if want in NUMBERS:
            if want != "uint" and self.chance(0.1):
                return Node(["-"] + wrap(self.expr(want, depth - 1)), want, False, UNARY)
            return pair(want, self.pick([" + ", " - ", " * ", " / ", " % "] if want != "double" else [" + ", " - ", " * ", " / "]), want)
        if want == "timestamp":
            return pair(*self.pick([("timestamp", " + ", "duration"), ("duration", " + ", "timestamp"), ("timestamp", " - ", "duration")]))
        if want == "duration":
            return pair(*self.pick([("timestamp", " - ", "timestamp"), ("duration", " + ", "duration"), ("duration", " - ", "duration")]))
        if isinstance(want, tuple) and want[0] != "list":
            return None
        return pair(want, " + ", want)

    def logic(self, want, depth):
        if self.chance(0.2):
            a = self.expr("bool", depth - 1)
            return Node(["!"] + wrap(a), "bool", False, UNARY)
        level, op = self.pick([(AND, " && "), (OR, " || ")])
        parts = wrap(self.expr("bool", depth - 1), level)
        for _ in range(self.weighted([(5, 1), (1, 2)])):
            parts += [op] + wrap(self.expr("bool", depth - 1), level + 1)
        return Node(parts, "bool", False, level)

    def compare(self, want, depth):
        if self.chance(0.5):
            op, a = self.pick([" == ", " != "]), self.any_type(1)
            b = a
            if self.chance(0.12):
                return Node(["dyn(", self.expr(a, depth - 1), ")", op] + wrap(self.expr(self.any_type(1), depth - 1), SUM),
                            "bool", False, RELATION)
        else:
            op, a = self.pick([" < ", " <= ", " > ", " >= "]), self.pick(ORDERED)
            b = self.pick(NUMBERS) if a in NUMBERS and self.chance(0.3) else a
        return Node(wrap(self.expr(a, depth - 1), RELATION) + [op] + wrap(self.expr(b, depth - 1), SUM), "bool", False, RELATION)

    def membership(self, want, depth):
        if self.chance(0.6):
            t = self.any_type(1)
            on = ("list", t)
            return Node(wrap(self.expr(t, depth - 1), RELATION) + [" in "] + wrap(self.expr(on, depth - 1), SUM), "bool", False, RELATION)
        key = self.pick(["string", "string", "int", "uint", "bool"])
        on = ("map", key, self.any_type(0))
        return Node(wrap(self.expr(key, depth - 1), RELATION) + [" in "] + wrap(self.expr(on, depth - 1), SUM), "bool", False, RELATION)

    def costly(self, want, depth):
        """Around the limits of cost and of lists.range."""
        text = f"lists.range({self.pick([100, 5000, 100000, 400000, 1000000, 1000001])})"
        for _ in range(self.rng.randrange(3)):
            text += self.pick([".map(r, r + 1)", ".filter(r, r % 2 == 0)", ".reverse()", ".slice(0, 50)", ".map(r, string(r))"])
        return Node([text, ".size()"], "int")

    def format(self, want, depth):
        parts, args = [], []
        for _ in range(self.weighted([(4, 1), (3, 2), (1, 3)])):
            verb, types = self.pick([("%s", None), ("%s", None), ("%d", ["int", "uint"]), ("%x", ["int", "uint", "string", "bytes"]), ("%X", ["int", "string"]),
                                     ("%b", ["int", "uint", "bool"]), ("%o", ["int", "uint"]), ("%f", ["double", "double", "int"]), ("%.2f", ["double"]),
                                     ("%.0f", ["double"]), ("%e", ["double"]), ("%.3e", ["double"]), ("%d", ["double"])])
            parts += [self.pick(["", "a ", "é", "%%", ": "]), verb]
            args.append(self.expr(self.pick(types) if types and self.chance(0.95) else self.any_type(1), depth - 1))
        if self.chance(0.04):
            args = args[1:]
        if self.chance(0.03):
            parts.append(self.pick(["%", "%z", "%10d", "%.d", "%5.2f"]))
        out = [quote("".join(parts)) + ".format(["]
        for k, a in enumerate(args):
            out += ([", "] if k else []) + [a]
        return Node(out + ["])"], "string")

    def optional(self, want, depth):
        inner = want[1]
        way = self.rng.randrange(6)
        if way == 0 or depth <= 0:
            return Node([self.pick(["optional.of(", "optional.ofNonZeroValue("]), self.expr(inner, depth - 1), ")"], want) if self.chance(0.85) \
                else Node(["optional.none()"], want)
        if way == 1:
            node = self.path(inner, strict=self.chance(0.8), optional=True)
            return node
        if way == 2:
            on = self.expr(("list", inner), depth - 1)
            return Node(wrap(on) + ["[?", self.expr("~index", depth - 1), "]"], want)
        if way == 3:
            on = self.expr(("map", "string", inner), depth - 1)
            return Node(wrap(on) + [self.pick([".?a", ".?b", "[?'app']", "[?'']", ".?x"])], want)
        source = self.any_type(0)
        name = self.name()
        on = self.expr(("optional", source), depth - 1)
        self.scope.append((name, source, None))
        body = self.expr(inner if way == 4 else want, depth - 1)
        self.scope.pop()
        return Node(wrap(on) + [f".{'optMap' if way == 4 else 'optFlatMap'}({name}, ", body, ")"], want)

    # ---- comprehensions

    def name(self):
        self.fresh += 1
        return self.pick(["c", "e", "k", "v", "x"]) + (str(self.fresh) if self.chance(0.9) else "")

    def source(self, depth):
        """A list or map to iterate: node, key variable, value variable as (type, samples)."""
        if self.chance(0.45):
            found = self.pick_path(lambda x: isinstance(x, (list, dict)))
            if found:
                root, steps, value = found
                node = self.render(root, steps)
                if isinstance(value, list):
                    return node, "list", ("int", None), ("dyn", value or [None])
                return node, "map", ("dyn", list(value) or [""]), ("dyn", list(value.values()) or [None])
        t = self.any_type(0)
        if self.chance(0.7):
            return self.expr(("list", t), depth - 1), "list", ("int", None), (t, None)
        key = self.pick(["string", "string", "int"])
        return self.expr(("map", key, t), depth - 1), "map", (key, None), (t, None)

    def body(self, want, depth, *variables):
        for name, (type_, samples) in variables:
            self.scope.append((name, type_, samples))
        node = self.about(want, variables) if want == "bool" and self.chance(0.3) else None
        node = node or self.expr(want, depth)
        del self.scope[len(self.scope) - len(variables):]
        return node

    def about(self, want, variables):
        """A comparison of a dyn loop variable or what is under it, so that bodies look at their element."""
        dyn = [(n, s) for n, (t, s) in variables if t == "dyn"]
        if not dyn:
            return None
        name, samples = self.pick(dyn)
        found = self.walk_sample(name, self.pick(samples), lambda x: not isinstance(x, (list, dict)))
        if not found:
            return None
        node = self.render(*found[:2])
        t = json_type(found[2])
        if self.chance(0.25) and found[1]:
            if re.fullmatch(r".*\.\w+", node.text()):
                return Node(["has(", node, ")"], "bool")
            return Node([node, " != null"], "bool", False, RELATION)
        return Node([node, self.pick([" == ", " != "]) if t in ("null", "bool") else self.pick([" == ", " != ", " < ", " >= "]), self.leaf(t)],
                    "bool", False, RELATION)

    def comprehension(self, want, depth):
        on, kind, key, value = self.source(depth)
        one = key if kind == "map" else value
        a, b = self.name(), self.name()
        two = self.chance(0.35) and a != b
        variables = ((a, key), (b, value)) if two else ((a, one),)
        head = f"{a}, {b}" if two else a
        if want == "bool":
            macro = self.pick(["all", "exists", "all", "exists", "exists_one", "existsOne"])
            if two and macro == "exists_one" and self.chance(0.9):
                macro = "existsOne"
            return Node(wrap(on) + [f".{macro}({head}, ", self.body("bool", depth - 1, *variables), ")"], "bool")
        if want[0] == "list":
            if self.chance(0.25):
                on = self.expr(want, depth - 1)
                return Node(wrap(on) + [f".filter({a}, ", self.body("bool", depth - 1, (a, (want[1], None))), ")"], want)
            if two:
                return self.transform(on, "transformList", head, want[1], depth, variables, want)
            if value[0] == want[1] and kind == "list" and self.chance(0.6):
                return Node(wrap(on) + [f".filter({a}, ", self.body("bool", depth - 1, *variables), ")"], want)
            if self.chance(0.12) and kind == "list":
                sort = self.expr(want, depth - 1)
                return Node(wrap(sort) + [f".sortBy({a}, ", self.body(self.pick(ORDERED), depth - 1, (a, (want[1], None))), ")"], want)
            return self.transform(on, "map", head, want[1], depth, variables, want)
        if want[0] == "map":
            head, variables = f"{a}, {b}1", ((a, key), (b + "1", value))
            if kind == "map" and key[0] == want[1] or (key[0] == want[1] and self.chance(0.6)):
                return self.transform(on, "transformMap", head, want[2], depth, variables, want)
            name = "transformMapEntry"
            parts = wrap(on) + [f".{name}({head}, "]
            if self.chance(0.2):
                parts += [self.body("bool", depth - 1, *variables), ", "]
            return Node(parts + ["{", self.body(want[1], depth - 1, *variables), ": ", self.body(want[2], depth - 1, *variables), "})"], want)
        return None

    def transform(self, on, macro, head, result, depth, variables, want):
        parts = wrap(on) + [f".{macro}({head}, "]
        if self.chance(0.3):
            parts += [self.body("bool", depth - 1, *variables), ", "]
        return Node(parts + [self.body(result, depth - 1, *variables), ")"], want)

    # ---- paths into objects

    def roots(self):
        roots = [("object", self.object)] * 3 + [("oldObject", self.old)]
        for name, type_, samples in self.scope:
            if type_ == "dyn" and samples:
                roots += [(name, self.pick(samples))] * 3
        return roots

    def pick_path(self, fits):
        for _ in range(6):
            root, sample = self.pick(self.roots())
            found = self.walk_sample(root, sample, fits)
            if found:
                return found
        return None

    def walk_sample(self, root, sample, fits):
        """A random place below the sample that fits: (root, steps, value)."""
        places = []

        def visit(x, steps):
            if fits(x):
                places.append((root, steps, x))
            if isinstance(x, dict):
                for k, y in x.items():
                    visit(y, steps + [k])
            elif isinstance(x, list):
                for k, y in enumerate(x):
                    visit(y, steps + [k])
        visit(sample, [])
        return self.pick(places) if places else None

    def render(self, root, steps, optional=False):
        text = root
        split = self.rng.randrange(len(steps)) if optional and steps else len(steps)
        for k, step in enumerate(steps):
            q = "?" if k >= split and (k == split or self.chance(0.8)) else ""
            if isinstance(step, int):
                text += f"[{q}{step}]"
            elif re.fullmatch(r"[A-Za-z_]\w*", step) and (step not in KEYWORDS or self.chance(0.5)) and self.chance(0.9):
                text += f".{q}{step}"
            elif q == "" and re.fullmatch(r"[\w./-]+", step) and self.chance(0.1):
                text += f".`{step}`"
            else:
                text += f"[{q}{quote(step)}]"
        return Node([text], "dyn", True)

    def path(self, want, strict, optional=False):
        kind = want[0] if isinstance(want, tuple) else want

        def fits(x):
            if not strict:
                return True
            if json_type(x) != kind or (x in ([], {}) and self.chance(0.85)):
                return False
            if kind == "list":
                return all(json_type(y) == (want[1][0] if isinstance(want[1], tuple) else want[1]) for y in x)
            if kind == "map":
                return all(json_type(y) == (want[2][0] if isinstance(want[2], tuple) else want[2]) for y in x.values())
            return True
        found = self.pick_path(fits)
        if not found or (optional and not found[1]):
            return None
        root, steps, _ = found
        if self.chance(0.06) and steps:
            steps = steps[:-1] + [self.pick(["absent", 7, "name", 0, "spec"])]
        node = self.render(root, steps, optional)
        node.type = want
        if not optional and steps and self.chance(0.1) and strict:
            some = self.render(root, steps, True)
            return Node([some, ".orValue(", self.constant(want), ")"], want, True)
        return node

    def has(self, want, depth):
        root, sample = self.pick(self.roots())
        found = self.walk_sample(root, sample, lambda x: True)
        steps = found[1] if found else []
        fields = ["spec", "metadata", "name", "securityContext", "absent", "containers", "labels"]
        if self.chance(0.5) or not steps or isinstance(steps[-1], int) or not re.fullmatch(r"[A-Za-z_]\w*", steps[-1]):
            steps = steps + [self.pick(fields)]
        on = self.render(root, steps[:-1])
        return Node(["has(", on, "." + steps[-1], ")"], "bool")


def wrap(node, level=PRIMARY):
    """In parentheses where an operator of this level, or a dot, would take it apart."""
    if node.level < level or (level == PRIMARY and re.match(r"[-+.\d]", node.text())):
        return ["(", node, ")"]
    return [node]


def declared(t):
    """A type in the corpus' form."""
    primitive = {"int": "INT64", "uint": "UINT64", "double": "DOUBLE", "string": "STRING", "bytes": "BYTES", "bool": "BOOL"}
    if t in primitive:
        return {"primitive": primitive[t]}
    if t in ("timestamp", "duration"):
        return {"message_type": "google.protobuf." + t.capitalize()}
    if t[0] == "list":
        return {"list_type": {"elem_type": declared(t[1])}}
    return {"map_type": {"key_type": declared(t[1]), "value_type": declared(t[2])}}
