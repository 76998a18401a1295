"""explained: the differences from kubectl's reader that are meant, each a predicate and a reason.

docs/read-differential.md has a paragraph for each. A case is never named; what hides an object is never explained.
"""

import json
import re


def explain(kind, data, want, got):
    """The reason of a difference of class `kind`, or None."""
    for kinds, reason, test in EXPLAINED:
        if kind in kinds and test(data, want, got):
            return reason
    return None


def same_without(want, got, strip):
    try:
        left = [strip(json.loads(text)) for text in want.printed()]
        right = [strip(json.loads(text)) for text in got.lines]
    except ValueError:
        return False
    return left == right


def no_empty_namespace(value):
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if isinstance(metadata, dict) and metadata.get("namespace", "x") in (None, ""):
        del metadata["namespace"]
    return value


def says(pattern):
    return lambda data, want, got: re.search(pattern, got.errors) is not None


def kubectl_says(pattern):
    return lambda data, want, got: any(re.search(pattern, e) for e in want.errors())


# (classes, reason, predicate(data, want, got))
EXPLAINED = [
    (("tree",), "an empty namespace: kubectl removes it to fill in its own",
     lambda data, want, got: same_without(want, got, no_empty_namespace)),
]
