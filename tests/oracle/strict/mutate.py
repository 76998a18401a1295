"""mutate: objects of every kind, changed where strict decoding looks: names of fields, types of values.

The same seed and the same bases give the same cases.
"""

import copy
import glob
import json
import os
import random
import subprocess

SMALL = [
    '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"n"},"spec":{"podSelector":{"matchLabels":{"a":"b"}},'
    '"policyTypes":["Ingress","Egress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":80,"endPort":90}]}]}}',
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"},"creationTimestamp":null},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i",'
    '"env":[{"name":"A","value":"b"}],"ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1","memory":"1Gi"}},"securityContext":{"runAsNonRoot":true,'
    '"capabilities":{"drop":["ALL"]}},"livenessProbe":{"httpGet":{"port":"http"},"periodSeconds":5}}],"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}}]}}',
    '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"YQ=="},"stringData":{"b":"c"},"immutable":false}',
    '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","creationTimestamp":"2024-02-29T10:11:12Z"},"spec":{"renewTime":"2024-02-29T10:11:12.123456Z"}}',
    '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"as.b.c"},"spec":{"group":"b.c","scope":"Cluster","names":{"kind":"A",'
    '"plural":"as"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":'
    '{"x":{"type":"integer","minimum":1,"default":2,"enum":[1,2]},"l":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}}}}}]}}',
    '{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"1","pods":5}}}',
    '{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"r"},"revision":3,"data":{"any":["thing",1]}}',
    '{"apiVersion":"example.com/v1","kind":"Custom","metadata":{"name":"c"},"spec":{"a":1}}',
]
# No exponents of ten digits: the decoder computes with all of their zeros for minutes.
STRINGS = ["", "a", "1", "true", "null", "8080", "80%", "-1", "1.5", "0x10", "YQ==", "YQ", "YQ=", "Y Q==", "YQ==\n", "Y\nQ==", "=", "====", "YR==", "YWI", "\u00e9", "a\x00b",
           "1Gi", "100m", "1e3", "1E3", "1.5Gi", " 1", "1 ", "\t1", "1\n", "+1", "-1Ki", ".5", "5.", ".", "1ki", "1KI", "1e", "1e+", "1e+3", "1e3Gi", "1.2.3", "1n", "1u", "1k", "1M", "1G", "1T",
           "1P", "1E", "1Ei", "1Zi", "99999999999999999999", "99999999999999999999Ei", "1e-9", "0.0000000001",
           "2024-02-29T10:11:12Z", "2023-02-29T10:11:12Z", "2024-02-29T10:11:12.123456Z", "2024-02-29T10:11:12.123456789+02:00", "2024-02-29T10:11:12.12345Z",
           "2024-02-29T10:11:12,5Z", "2024-02-29t10:11:12z", "2024-02-29 10:11:12Z", "2024-02-29T10:11:12", "2024-02-29T10:11:12+2:00", "2024-02-29T24:00:00Z", "2024-02-29T23:59:60Z",
           "2024-2-29T10:11:12Z", "2024-02-29T1:11:12Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2024-02-29T10:11:12.123456+24:00", "2024-02-29T10:11:12.123456-00:00",
           "2024-02-29T10:11:12.000000+01:60", "10000-01-01T00:00:00Z", "2024-02-29T10:11:12.Z", "2024-02-29T10:11:12.1234560Z"]
NUMBERS = [0, 1, -1, 80, 255, 256, 65536, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, -2**63, 2**63, 2**64, 10**30, 0.5, -0.5, 1.5, 1e-7, 1e300, 1.5e10, -0.0, 3.0]


def collect(value, keys, path=()):
    """All maps and lists below a value, as paths; their keys into `keys`."""
    if isinstance(value, dict):
        keys.update(value)
        yield path
        for k, v in value.items():
            yield from collect(v, keys, path + (k,))
    elif isinstance(value, list):
        yield path
        for i, v in enumerate(value):
            yield from collect(v, keys, path + (i,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


class Mutator:
    def __init__(self, seed, casemate, root, corpora):
        self.random = random.Random(seed)
        files = sorted(glob.glob(f"{root}/examples/**/*.yaml", recursive=True)) + sorted(glob.glob(f"{root}/policies/*/*/*/*.yaml"))
        files += sorted(glob.glob(f"{corpora}/api-objects/*.yaml")) + sorted(glob.glob(f"{corpora}/manifests/**/*.y*ml", recursive=True))
        self.groups = {"small": SMALL, "tree": [], "api-objects": [], "manifests": []}
        lines = {}
        for start in range(0, len(files), 200):
            for f in files[start:start + 200]:
                done = subprocess.run([casemate, "read", f], stdin=subprocess.DEVNULL, capture_output=True, check=False)
                group = "api-objects" if "/api-objects/" in f else "manifests" if "/manifests/" in f else "tree"
                lines.setdefault(group, []).extend(x for x in done.stdout.decode().splitlines() if len(x) < 40000)
        keys = set()
        for group, texts in lines.items():
            self.groups[group] = [x for x in dict.fromkeys(texts) if self.is_object(x, keys)]
        for text in SMALL:
            self.is_object(text, keys)
        self.groups = {g: x for g, x in self.groups.items() if x}
        self.keys = sorted(keys)

    @staticmethod
    def is_object(text, keys):
        o = json.loads(text)
        if not isinstance(o, dict) or not isinstance(o.get("kind"), str) or not isinstance(o.get("apiVersion"), str):
            return False
        if "items" in o or o["kind"].endswith("List"):
            return False
        list(collect(o, keys))
        return True

    def value(self, depth=0):
        r = self.random
        what = r.randrange(9 if depth < 2 else 6)
        if what == 0:
            return None
        if what == 1:
            return r.random() < 0.5
        if what == 2:
            return r.choice(NUMBERS)
        if what < 6:
            return r.choice(STRINGS)
        if what == 6:
            return [self.value(depth + 1) for _ in range(r.randrange(3))]
        return {r.choice(self.keys): self.value(depth + 1) for _ in range(r.randrange(3))}

    def misspelled(self, key):
        r = self.random
        i = r.randrange(len(key) + 1) if key else 0
        return r.choice([key[:i] + key[i + 1:], key[:i] + "x" + key[i:], key.lower(), key.upper(), key[:1].upper() + key[1:], key + "s", key.rstrip("s"),
                         key[:i] + key[i + 1:i + 2] + key[i:i + 1] + key[i + 2:], r.choice(self.keys), key + "/x", key + ".y", "a b", "\u00e9"])

    def change(self, o):
        r = self.random
        places = list(collect(o, set()))
        path = r.choice(places)
        here = at(o, path)
        if isinstance(here, list):
            what = r.randrange(3)
            if what == 0 or not here:
                here.insert(r.randrange(len(here) + 1), self.value())
            elif what == 1:
                here[r.randrange(len(here))] = self.value()
            else:
                here.append(copy.deepcopy(at(o, r.choice(places))))
            return
        key = r.choice(sorted(here)) if here else None
        if not path and key in ("apiVersion", "kind", "metadata"):
            key = r.choice([k for k in here if k not in ("apiVersion", "kind")] or ["spec"])
        what = r.randrange(8)
        if key is None or key not in here or what == 0:
            here[r.choice(self.keys)] = self.value()
        elif what <= 2:
            new, value = self.misspelled(key), here[key]
            if what == 1:
                del here[key]
            here[new] = value
        elif what <= 4:
            here[key] = self.value()
        elif what == 5:
            here[key] = [here[key]] if not isinstance(here[key], list) else (here[key] or [None])[0]
        elif what == 6:
            here[r.choice(self.keys)] = copy.deepcopy(at(o, r.choice(places)))
        else:
            v = here[key]
            here[key] = str(v) if not isinstance(v, (dict, list, str)) else {key: v}

    def case(self):
        o = json.loads(self.random.choice(self.groups[self.random.choice(sorted(self.groups))]))
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            self.change(o)
        if "items" in o:  # kubectl would take it for a list
            del o["items"]
        return json.dumps(o, ensure_ascii=False, separators=(",", ":"))
