"""explained: the differences from kubectl's reader that are meant, each a predicate and a reason.

docs/read-differential.md has a paragraph for each. A case is never named; what hides an object is never explained.
"""


def explain(kind, data, want, got):
    """The reason of a difference of class `kind`, or None."""
    for kinds, reason, test in EXPLAINED:
        if kind in kinds and test(data, want, got):
            return reason
    return None


# (classes, reason, predicate(data, want, got))
EXPLAINED = []
