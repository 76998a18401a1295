"""explained: the differences from kubectl's reader that are meant, each a predicate and a reason.

docs/read-differential.md has a paragraph for each. A case is never named; what hides an object is never explained.
"""

import json
import re


def explain(kind, data, want, got):
    """The reason of a difference of class `kind`, or None."""
    failed = got.status == 2 and kind in ("tree", "accepts")  # what is refused is said, whatever else differs
    for kinds, reason, test in EXPLAINED:
        if (kind in kinds or (failed and "refuses" in kinds)) and test(data, want, got):
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
    if isinstance(metadata, dict) and "namespace" in metadata:
        if not isinstance(metadata["namespace"], str) or not metadata["namespace"]:
            del metadata["namespace"]
    return value


def says(pattern):
    return lambda data, want, got: re.search(pattern, got.errors) is not None


def kubectl_says(pattern):
    return lambda data, want, got: any(re.search(pattern, e) for e in want.errors())


def has(piece, test):
    """The input has the piece (in any encoding), and the test holds."""
    wide = (piece, piece.decode().encode("utf-16-le"), piece.decode().encode("utf-16-be"))
    return lambda data, want, got: any(w in data for w in wide) and test(data, want, got)


def both_refuse(data, want, got):
    """kubectl stops at the first refused document; the oracle and casemate read on, each in its way."""
    return got.status == 2 and bool(want.errors()) and all(o in got.lines for o in want.reached())


BOM = "\ufeff".encode()

# (classes, reason, predicate(data, want, got))
EXPLAINED = [
    (("refuses",), "a byte order mark inside a document: refused, kubectl's reader loses characters over it",
     has(BOM, says(r"byte order mark \(U\+FEFF\) inside"))),
    (("refuses",), "a tag that touches `,` or a bracket: refused, go-yaml takes both for the tag",
     has(b"!", says("while scanning a tag|a tag that touches|while parsing a tag"))),
    (("refuses",), "`a:` before `,` or a bracket in flow style: libyaml refuses, go-yaml reads the colon as text",
     has(b":", says("found unexpected ':', while scanning a plain scalar"))),
    (("refuses",), "the escape `\\'`: libyaml refuses, go-yaml knows it",
     has(b"\\'", says("unknown escape"))),
    (("refuses",), "a control character behind the document's end: casemate looks further ahead",
     says("control characters are not allowed")),
    (("refuses",), "begins like JSON and is refused as YAML, for one of the reasons above or below: the message is JSON's",
     has(b"{", says("in JSON|must follow|should follow the key|this is no value|should stand here|nothing may follow the value"))),
    (("refuses",), "a flow collection before a colon on a line of its own: go-yaml ends the document before the colon",
     says("a map or a list cannot be a key")),
    (("refuses", "accepts", "tree"), "both refuse the file; what kubectl read before is read",
     both_refuse),
    (("accepts",), "`?` in flow style: libyaml takes it for text, go-yaml refuses",
     has(b"?", kubectl_says("did not find expected|invalid character|could not find expected"))),
    (("accepts",), "a tab where nothing else stands: go-yaml refuses",
     has(b"\t", kubectl_says("cannot start any token|json: offset"))),
    (("accepts",), "types deep in the metadata: kubectl refuses, casemate looks at the first level",
     kubectl_says("ManagedFieldsEntry|OwnerReference|parsing time")),
    (("accepts",), "a list's own apiVersion and metadata: kubectl refuses wrong types there, casemate reads the items",
     has(b"items", kubectl_says("metadataOnlyObject|ObjectMeta"))),
    (("accepts",), "invalid UTF-8 behind a UTF-8 byte order mark: kubectl refuses, casemate reads U+FFFD and warns",
     lambda data, want, got: data.startswith(BOM) and "invalid UTF-8" in got.errors),
    (("accepts",), "the escape `\\/` behind the document's end: go-yaml looks further ahead",
     has(b"\\/", kubectl_says("unknown escape"))),
    (("accepts",), "U+FFFD right behind a JSON object: kubectl takes it for a decoding error, casemate for text",
     kubectl_says("decoding failed as both JSON and YAML")),
    (("accepts",), "a directive behind the document's end: go-yaml looks further ahead",
     has(b"%", kubectl_says("version number|directive|incompatible|json: offset"))),
    (("accepts",), "an apiVersion of several slashes: kubectl takes the object for one without a kind",
     kubectl_says("'Kind' is missing")),
    (("accepts",), "a comment that touches the first separator: kubectl takes it and what follows for text",
     has(b"---#", kubectl_says("mapping values are not allowed|could not find expected ':'"))),
    (("refuses",), "infinity, NaN or an impossible key in what a later duplicate replaces: refused",
     says("infinity and NaN cannot be sent|beyond 64 bits is no key|null is no key")),
    (("spelling",), "negative zero is written 0", lambda data, want, got: any(re.search(r"(^|[:,\[])-0\b", t) for t in want.printed())),
    (("tree",), "a comment that touches the first separator: a text to kubectl, nothing to casemate; no object either way",
     lambda data, want, got: b"---" in data and any(text.startswith('"---#') for text in want.printed())
     and [t for t in want.printed() if not t.startswith('"---#')] == got.lines),
    (("tree",), "a namespace that is empty or no string: kubectl removes it to fill in its own",
     lambda data, want, got: same_without(want, got, no_empty_namespace)),
]
