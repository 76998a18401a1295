"""What the generator knows of the functions: overloads, and where arguments come from.

Written from the documentation of Kubernetes' and cel-go's libraries, on purpose not from
src/cel/functions.def: a function that is missing there must show up as a difference.

A ~name is a type with a pool of likely literals: most random strings are no time zone.
"""

OVERLOADS = """
size(string) int
string.size() int
size(bytes) int
bytes.size() int
size(list<A>) int
list<A>.size() int
size(map<string,A>) int
map<string,A>.size() int
string.contains(string) bool
string.startsWith(string) bool
string.endsWith(string) bool
string.matches(~regex) bool
matches(string,~regex) bool
int(int) int
int(uint) int
int(double) int
int(~number) int
int(timestamp) int
int(duration) int
uint(uint) uint
uint(int) uint
uint(double) uint
uint(~number) uint
double(double) double
double(int) double
double(uint) double
double(~number) double
string(string) string
string(int) string
string(uint) string
string(double) string
string(bool) string
string(bytes) string
string(timestamp) string
string(duration) string
string(ip) string
string(cidr) string
bytes(string) bytes
bytes(bytes) bytes
bool(bool) bool
bool(~bool) bool
timestamp(~timestamp) timestamp
timestamp(int) timestamp
timestamp(timestamp) timestamp
duration(~duration) duration
duration(duration) duration
type(A) type
timestamp.getFullYear() int
timestamp.getMonth() int
timestamp.getDate() int
timestamp.getDayOfMonth() int
timestamp.getDayOfWeek() int
timestamp.getDayOfYear() int
timestamp.getHours() int
timestamp.getMinutes() int
timestamp.getSeconds() int
timestamp.getMilliseconds() int
timestamp.getFullYear(~zone) int
timestamp.getMonth(~zone) int
timestamp.getDate(~zone) int
timestamp.getDayOfMonth(~zone) int
timestamp.getDayOfWeek(~zone) int
timestamp.getDayOfYear(~zone) int
timestamp.getHours(~zone) int
timestamp.getMinutes(~zone) int
timestamp.getSeconds(~zone) int
timestamp.getMilliseconds(~zone) int
duration.getHours() int
duration.getMinutes() int
duration.getSeconds() int
duration.getMilliseconds() int
string.charAt(~index) string
string.indexOf(~part) int
string.indexOf(~part,~index) int
string.lastIndexOf(~part) int
string.lastIndexOf(~part,~index) int
string.lowerAscii() string
string.upperAscii() string
string.replace(~part,string) string
string.replace(~part,string,~count) string
string.split(~part) list<string>
string.split(~part,~count) list<string>
string.substring(~index) string
string.substring(~index,~index) string
string.trim() string
strings.quote(string) string
list<string>.join() string
list<string>.join(~part) string
list<int>.isSorted() bool
list<string>.isSorted() bool
list<double>.isSorted() bool
list<timestamp>.isSorted() bool
list<bool>.isSorted() bool
list<duration>.isSorted() bool
list<bytes>.isSorted() bool
list<uint>.isSorted() bool
list<int>.sum() int
list<uint>.sum() uint
list<double>.sum() double
list<duration>.sum() duration
list<int>.min() int
list<int>.max() int
list<uint>.min() uint
list<uint>.max() uint
list<double>.min() double
list<double>.max() double
list<string>.min() string
list<string>.max() string
list<bool>.max() bool
list<bool>.min() bool
list<timestamp>.min() timestamp
list<timestamp>.max() timestamp
list<duration>.min() duration
list<duration>.max() duration
list<bytes>.max() bytes
list<A>.indexOf(A) int
list<A>.lastIndexOf(A) int
list<A>.includes(A) bool
list<A>.slice(~index,~index) list<A>
list<list<A>>.flatten() list<A>
list<list<A>>.flatten(~count) list<A>
list<int>.sort() list<int>
list<uint>.sort() list<uint>
list<double>.sort() list<double>
list<string>.sort() list<string>
list<bool>.sort() list<bool>
list<bytes>.sort() list<bytes>
list<timestamp>.sort() list<timestamp>
list<duration>.sort() list<duration>
lists.range(~count) list<int>
list<A>.reverse() list<A>
list<A>.distinct() list<A>
sets.contains(list<A>,list<A>) bool
sets.equivalent(list<A>,list<A>) bool
sets.intersects(list<A>,list<A>) bool
string.find(~regex) string
string.findAll(~regex) list<string>
string.findAll(~regex,~count) list<string>
quantity(~quantity) quantity
isQuantity(~quantity) bool
sign(quantity) int
quantity.isGreaterThan(quantity) bool
quantity.isLessThan(quantity) bool
quantity.compareTo(quantity) int
quantity.asApproximateFloat() double
quantity.asInteger() int
quantity.isInteger() bool
quantity.add(quantity) quantity
quantity.add(int) quantity
quantity.sub(quantity) quantity
quantity.sub(int) quantity
ip(~ip) ip
isIP(~ip) bool
ip.isCanonical(~ip) bool
ip.family() int
ip.isUnspecified() bool
ip.isLoopback() bool
ip.isLinkLocalMulticast() bool
ip.isLinkLocalUnicast() bool
ip.isGlobalUnicast() bool
cidr(~cidr) cidr
isCIDR(~cidr) bool
cidr.containsIP(~ip) bool
cidr.containsIP(ip) bool
cidr.containsCIDR(~cidr) bool
cidr.containsCIDR(cidr) bool
cidr.ip() ip
cidr.prefixLength() int
cidr.masked() cidr
url(~url) url
isURL(~url) bool
url.getScheme() string
url.getHost() string
url.getHostname() string
url.getPort() string
url.getEscapedPath() string
url.getQuery() map<string,list<string>>
semver(~semver) semver
semver(~semver,bool) semver
isSemver(~semver) bool
isSemver(~semver,bool) bool
semver.isGreaterThan(semver) bool
semver.isLessThan(semver) bool
semver.compareTo(semver) int
semver.major() int
semver.minor() int
semver.patch() int
format.dns1123Label() format
format.dns1123Subdomain() format
format.dns1035Label() format
format.qualifiedName() format
format.dns1123LabelPrefix() format
format.dns1123SubdomainPrefix() format
format.dns1035LabelPrefix() format
format.labelValue() format
format.uri() format
format.uuid() format
format.byte() format
format.date() format
format.datetime() format
format.named(~format) optional<format>
format.validate(~named) optional<list<string>>
optional.of(A) optional<A>
optional.ofNonZeroValue(A) optional<A>
optional.none() optional<A>
optional<A>.value() A
optional<A>.hasValue() bool
optional<A>.or(optional<A>) optional<A>
optional<A>.orValue(A) A
list<A>.first() optional<A>
list<A>.last() optional<A>
optional.unwrap(list<optional<A>>) list<A>
list<optional<A>>.unwrapOpt() list<A>
"""

# Shapes that chance would seldom find: what a policy writes around these functions.
SHAPES = """
bool: {format}.validate({~named}).hasValue()
bool: !{format}.validate({~named}).hasValue()
bool: format.named({~format}).hasValue()
bool: format.named({~format}).optMap(f, f.validate({~named}).hasValue()).orValue({bool})
string: {format}.validate({~named}).value()[0]
string: {format}.validate({~named}).orValue([{string}])[0]
list<string>: {format}.validate({~named}).orValue({list<string>})
list<string>: {url}.getQuery()[{~part}]
list<string>: {url}.getQuery()[?{~part}].orValue([])
int: {url}.getQuery().size()
bool: {~part} in {url}.getQuery()
bool: {string}.split({~part}).all(p, p.size() < {int})
string: {string}.split({~part}).map(p, p.trim()).join({~part})
bool: isQuantity({~quantity}) && quantity({~quantity}).isLessThan({quantity})
bool: !has(object.spec.replicas) || object.spec.replicas < {int}
bool: object.?spec.?containers.orValue([]).all(c, !c.?securityContext.?privileged.orValue(false))
bool: object.spec.containers.exists(c, c.image.contains({~part}))
bool: has(object.metadata.labels) && {~part} in object.metadata.labels
bool: object.spec.?template.?spec.?containers.orValue([]).map(c, c.name).exists_one(n, n == {string})
string: object.metadata.?labels[?{~part}].orValue({string})
int: object.spec.?containers.orValue([]).filter(c, c.?ports.hasValue()).size()
bool: type({any}) == {type}
bool: {list<string>}.filter(q, q in {list<string>}).size() > 0
bool: {timestamp} - {timestamp} > {duration}
string: {string}.matches({~regex}) ? {string}.find({~regex}) : {string}
"""

# Pools of literals as text (strings without their quotes; numbers as they are written).
POOLS = {
    "~regex": ["^a", "[a-z]+", "o$", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", ".*", "", "a|b", "(a+)(b*)", "\\\\d+", "[0-9]{1,3}",
               "(?i)NGINX", "^$", "\\\\bapp\\\\b", "(?s)a.b", "[^:]+:", "\\\\p{L}+", "a{2,3}", "x*", "(?P<n>w)", "é+", "[", "a**", "(?=a)",
               "\\\\w+\\\\s?", "^v[0-9]+\\\\.[0-9]+", "^[^/]+/", ":latest$", "@sha256:[a-f0-9]{8,}"],
    "~number": ["0", "1", "-1", "42", "007", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                "18446744073709551615", "1.5", "-0.0", "1e3", "NaN", "Inf", "-inf", "0x10", " 1", "1_000", "", "abc", "+5", "1e400", "5"],
    "~bool": ["true", "false", "TRUE", "False", "t", "f", "1", "0", "True", "yes", "", "tRue"],
    "~timestamp": ["2023-06-14T02:00:00Z", "2009-02-13T23:31:30Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z",
                   "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2011-08-18T00:00:00.023+01:00", "2023-03-26T01:30:00Z",
                   "2023-10-29T01:30:00-05:30", "2023-02-29T00:00:00Z", "2023-01-01", "2023-01-01T00:00:00", "10000-01-01T00:00:00Z",
                   "2016-12-31T23:59:60Z", "1969-07-20T20:17:40Z", "2023-01-01t00:00:00z", "2023-12-31T23:00:00.5Z", "2023-01-01T24:00:00Z"],
    "~duration": ["1h", "90m", "1h34us", "-1.5h", "0", "1s", "100ms", "1h2m3s4ms5us6ns", "2562047h47m16.854775807s", "-2562047h47m16.854775808s",
                  "2562048h", "1d", "", "1", ".5s", "1.s", "+3s", "1µs", "5ns", "0.000000001s", "-0s", "1h1h", "3600.25s", "1 h"],
    "~zone": ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "+01:00", "-05:30", "+14:00", "02:00", "-00:00", "Australia/Lord_Howe",
              "Pacific/Auckland", "Nowhere/City", "", "Local", "+1:00", "+24:00", "Asia/Tokyo", "Z", "UTC+1", "+aa:00", "-23:59"],
    "~part": ["a", "o", "-", "/", ":", "", "nginx", "é", ".", "ab", "app", "1", " ", "x"],
    "~quantity": ["1", "500m", "1Gi", "1.5Gi", "100Mi", "2k", "1e3", "1E", "-1", "0", "9223372036854775807", "9223372036854775808", "0.1", "1n",
                  "1u", "10.5", "1.0", "3e-3", "1Ei", "16Ei", "Mi", "1 Gi", "abc", "", "1ki", "1Ki", "+5", ".5", "5.", "0.0000000001", "12e2",
                  "100m", "1000m", "1M", "8Ei", "1e19", "123456789012345678901234567890", "-500m", "1P", "1T", "00012"],
    "~ip": ["127.0.0.1", "10.0.0.1", "192.168.1.5", "0.0.0.0", "::1", "::", "fe80::1", "ff02::1", "2001:db8::abcd", "2001:DB8::ABCD", "255.255.255.255",
            "224.0.0.5", "169.254.1.1", "::ffff:1.2.3.4", "1.2.3", "1.2.3.4.5", "01.2.3.4", "fe80::1%eth0", "", "abc", "2001:db8:0:0:0:0:0:1", "1.2.3.256",
            "::ffff:c0a8:1", "172.16.0.1"],
    "~cidr": ["10.0.0.0/8", "192.168.0.0/24", "192.168.1.5/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "fe80::/10", "10.0.0.1/32", "::1/128", "10.0.0.0/33",
              "10.0.0.0", "10.0.0.0/-1", "10.0.0.0/08", "2001:DB8::1/64", "::ffff:1.2.3.4/120", "", "abc/8", "10.1.0.0/16", "172.16.0.0/12"],
    "~url": ["https://example.com/path?k=v&k=w#frag", "http://user:pw@host:8080/a%20b", "https://example.com:80/", "/absolute/path", "https://[::1]:8080/x",
             "example.com", "", "ftp://h/", "http://h?a=1&b=&a=2", "https://example.com/a b", "https://host:port/", "http://%zz/", "mailto:a@b.c",
             "https://exämple.org/ü", "//host/x", "https://h/p?q=%41+b", "https://example.com", "http://a/?x;y=1", "*"],
    "~semver": ["1.2.3", "0.0.0", "1.2.3-alpha.1", "1.2.3+build", "1.0.0-rc.1+b.5", "v1.0.0", "1.0", "1", "01.2.3", "1.2.3-01", "", "a.b.c", "1.2.3.4",
                "999999999999999999.0.0", "1.2.3-alpha", "v1.0", "1.2.3-", "2.0.0-beta", "18446744073709551616.0.0", "  1.2.3", "v01.2"],
    "~format": ["dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix", "dns1123SubdomainPrefix",
                "dns1035LabelPrefix", "labelValue", "uri", "uuid", "byte", "date", "datetime", "nothing", ""],
    "~named": ["my-name", "my.name", "1abc", "abc1", "-abc", "abc-", "Abc", "", "a.b/c", "example.com/Name_1", "aGVsbG8=", "aGVsbG8", "2021-01-01",
               "2021-02-30", "2021-01-01T00:00:00Z", "123e4567-e89b-12d3-a456-426614174000", "https://example.com/x", "a_b", "x" * 64, "a..b", "ü", "/a b"],
    "~index": ["0", "1", "2", "3", "5", "-1", "10", "100", "4"],
    "~count": ["-1", "0", "1", "2", "3", "5"],
}
POOL_BASE = {name: "string" for name in POOLS} | {"~index": "int", "~count": "int"}

# The first n of a pool are the well-formed ones; they are taken four times out of five.
GOOD = {"~regex": 20, "~number": 6, "~bool": 9, "~timestamp": 9, "~duration": 10, "~zone": 11, "~quantity": 20, "~ip": 13, "~cidr": 9,
        "~url": 5, "~semver": 5, "~format": 13, "~index": 3}

LITERALS = {
    "int": ["0", "1", "2", "3", "5", "7", "10", "42", "100", "-1", "-7", "0x1F", "1000", "8080", "9223372036854775807", "-9223372036854775808",
            "9223372036854775806", "9007199254740993", "4294967296", "-0x10", "253402300799", "1700000000"],
    "uint": ["0u", "1u", "2u", "5u", "42u", "100u", "0xFFu", "18446744073709551615u", "9223372036854775808u", "3U", "1000u", "7u"],
    "double": ["0.0", "1.0", "1.5", "-2.5", "0.1", "3.14159", "1e3", "1.0E-7", "-0.0", "1e308", "4.9e-324", "9007199254740992.0", "9223372036854775808.0",
               "100.0", ".5", "42.0", "double('NaN')", "double('Infinity')", "double('-Infinity')", "12345.678", "1e21", "0.000001", "2.5"],
    "bool": ["true", "false"],
    "null": ["null"],
    "bytes": ["b''", "b'abc'", "b'\\xff\\x00'", "b'\\303\\251'", "b\"é\"", "br'\\n'", "b'a'", "B'xyz'", "b'abc'", "b'\\x00'", "b'0'", "b'zz'", "b' '",
              "b'\\377'", "b'\\u00e9'", "b'\\400'", "rb'x'"],
    "string": ["''", "'a'", "'abc'", "\"nginx\"", "'hello world'", "'é'", "'日本'", "'😀'", "'A-b_C'", "r'\\d+'", "'''x'y'''", "\"\"\"q\"q\"\"\"",
               "'\\u00e9\\t'", "'\\x41'", "'\\101'", "'\\U0001F600'", "'  pad  '", "'a,b,c'", "'app'", "'kube-system'", "'10'", "'aaa'", "'%'", "'a\\nb'",
               "'nginx:latest'", "'\\\\'", "'x'", "'Zebra'", "'\\u00df'", "'registry.example.com/app:v1'"],
    "type": ["int", "string", "bool", "double", "uint", "bytes", "list", "map", "null_type", "type", "type(1)", "google.protobuf.Timestamp",
             "google.protobuf.Duration", "optional_type", "net.IP", "kubernetes.Quantity", "kubernetes.URL"],
    "timestamp": ["timestamp('2023-06-14T02:00:00Z')", "timestamp(0)", "timestamp('9999-12-31T23:59:59.999999999Z')", "timestamp('0001-01-01T00:00:00Z')",
                  "timestamp('2024-02-29T12:34:56.789Z')", "timestamp(1700000000)", "timestamp('2023-03-26T02:30:00+01:00')"],
    "duration": ["duration('1h')", "duration('0s')", "duration('-1.5h')", "duration('90m')", "duration('1ms')", "duration('1h34us')", "duration('24h')",
                 "duration('2562047h47m16.854775807s')", "duration('3661.5s')"],
    "quantity": ["quantity('1Gi')", "quantity('500m')", "quantity('0')", "quantity('-2')", "quantity('1.5')", "quantity('2k')", "quantity('100Mi')",
                 "quantity('9223372036854775807')", "quantity('1e3')"],
    "ip": ["ip('10.0.0.1')", "ip('::1')", "ip('192.168.1.5')", "ip('fe80::1')", "ip('127.0.0.1')", "ip('2001:db8::abcd')", "ip('0.0.0.0')"],
    "cidr": ["cidr('10.0.0.0/8')", "cidr('192.168.1.5/24')", "cidr('2001:db8::/32')", "cidr('::/0')", "cidr('10.0.0.1/32')"],
    "url": ["url('https://example.com:8080/a%20b?k=v&k=w')", "url('/path')", "url('https://[::1]:80/')", "url('http://h?a=1&b=&a=2')"],
    "semver": ["semver('1.2.3')", "semver('1.0.0-alpha.1')", "semver('0.0.1+b')", "semver('v2.1', true)", "semver('10.20.30')", "semver('1.0.0-alpha.beta')"],
    "format": ["format.dns1123Label()", "format.uuid()", "format.qualifiedName()", "format.date()", "format.uri()", "format.byte()", "format.datetime()",
               "format.labelValue()", "format.dns1123Subdomain()", "format.dns1035Label()", "format.dns1123LabelPrefix()"],
}

# Typed variables: name -> (type, values as typed JSON).
VARIABLES = {
    "i": ("int", [{"int": "5"}, {"int": "-3"}, {"int": "9223372036854775807"}, {"int": "0"}]),
    "u": ("uint", [{"uint": "7"}, {"uint": "0"}, {"uint": "18446744073709551615"}]),
    "d": ("double", [{"double": "2.5"}, {"double": "NaN"}, {"double": "-0"}, {"double": "1e300"}, {"double": "3"}]),
    "s": ("string", [{"string": "hello"}, {"string": ""}, {"string": "Grüße, 世界"}, {"string": "a-b-c"}, {"string": "42"}]),
    "by": ("bytes", [{"bytes": "aGVsbG8="}, {"bytes": ""}, {"bytes": "/wA="}]),
    "yes": ("bool", [{"bool": "true"}]),
    "no": ("bool", [{"bool": "false"}]),
    "ts": ("timestamp", [{"timestamp": [1686708000, 0]}, {"timestamp": [0, 1]}, {"timestamp": [253402300799, 999999999]}]),
    "du": ("duration", [{"duration": [3600, 0]}, {"duration": [-1, -500000000]}, {"duration": [0, 1000]}]),
    "li": ("list<int>", [{"list": [{"int": "3"}, {"int": "1"}, {"int": "2"}]}, {"list": []}, {"list": [{"int": "1"}, {"int": "1"}]}]),
    "ls": ("list<string>", [{"list": [{"string": "b"}, {"string": "a"}, {"string": "b"}]}, {"list": []}, {"list": [{"string": "é"}]}]),
    "ms": ("map<string,string>", [{"map": [[{"string": "app"}, {"string": "web"}], [{"string": "tier"}, {"string": ""}]]}, {"map": []}]),
    "mi": ("map<string,int>", [{"map": [[{"string": "a"}, {"int": "1"}], [{"string": "b"}, {"int": "-2"}]]}, {"map": [[{"string": "x"}, {"int": "0"}]]}]),
    "dy": ("dyn", [{"json": None}, {"json": 1}, {"json": 1.5}, {"json": "text"}, {"json": [1, "a", None]}, {"json": {"a": 1, "b": [True]}}, {"json": True}]),
}

OBJECTS = [
    {"apiVersion": "v1", "kind": "Pod",
     "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web", "app.kubernetes.io/name": "web", "tier": "front"},
                  "annotations": {"note": "", "build-time": "2024-05-06T07:08:09Z"}, "creationTimestamp": None, "generation": 3},
     "spec": {"hostNetwork": False, "hostPID": True, "terminationGracePeriodSeconds": 30, "serviceAccountName": "default",
              "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
                                  "sysctls": [{"name": "net.core.somaxconn", "value": "1024"}]},
              "containers": [
                  {"name": "app", "image": "registry.example.com/web:v1.2.3", "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                   "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}, "requests": {"cpu": "0.25", "memory": "512Mi"}},
                   "securityContext": {"privileged": False, "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}},
                   "env": [{"name": "A", "value": "1"}, {"name": "B"}], "args": ["--port=8080", "--v=2"]},
                  {"name": "side-car", "image": "nginx:latest", "securityContext": {"privileged": True, "runAsUser": 0}},
                  {"name": "log", "image": "busybox@sha256:0123456789abcdef", "command": []}],
              "volumes": [{"name": "data", "emptyDir": {}}, {"name": "host", "hostPath": {"path": "/var/run"}}]}},
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "labels": {}},
     "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "api"}},
              "template": {"metadata": {"labels": {"app": "api", "version": "v2"}},
                           "spec": {"containers": [{"name": "api", "image": "api", "livenessProbe": {"httpGet": {"path": "/", "port": "http"}}}],
                                    "nodeSelector": {"disk": "ssd"}, "priority": -5}}}},
    {"apiVersion": "example.com/v1", "kind": "Odd",
     "metadata": {"name": "odd", "labels": {"a b": "c", "in": "reserved", "": "empty"}},
     "spec": {"int": 1, "big": 9223372036854775807, "small": -9223372036854775808, "half": 0.5, "whole": 2, "exp": 1e21, "neg": -3.25, "zero": 0,
              "on": True, "off": False, "nil": None, "text": "Grüße, 世界 😀", "empty": "", "list": [], "map": {}, "namespace": "x",
              "ints": [3, 1, 2, 1], "doubles": [1.5, -2.5, 0.25], "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}], "strings": ["b", "a", "é"],
              "nested": [[1, 2], [3], []], "cidr": "10.0.0.0/8", "ip": "10.1.2.3", "url": "https://example.com:8443/x?y=z", "quantity": "250m",
              "version": "1.28.3", "when": "2023-06-14T02:00:00Z", "period": "1h30m", "number": "42",
              "objects": [{"name": "one", "weight": 1}, {"name": "two", "weight": 2.5}, {"weight": None}]}},
]
