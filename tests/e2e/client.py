"""An HTTP client of an API server: JSON in, JSON out, one kept connection a thread.

    answer = client.create(pod, "shop", dry_run=True)    # path from the server's own discovery
    answer.status, answer.body, answer.warnings
"""

import concurrent.futures
import http.client
import json
import re
import ssl
import threading
import urllib.parse

SECONDS = 120
THREADS = 3  # more than processors: a client waits half of the time


class Refused(Exception):
    """An answer that a test cannot go on with."""


class Answer:
    """status: of HTTP; body: parsed JSON, else text; warnings: texts of its Warning headers, in order."""

    def __init__(self, status, text, warnings):
        self.status, self.warnings = status, warnings
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = text.decode(errors="replace")

    def message(self):
        return self.body.get("message", "") if isinstance(self.body, dict) else self.body

    def expect(self, *statuses):
        if self.status not in statuses:
            raise Refused(f"{self.status} and not {' or '.join(map(str, statuses))}: {self.message()[:2000]}")
        return self


class Client:
    """One user of one server; safe on several threads."""

    def __init__(self, port, ca, cert=None, key=None, headers=None):
        self.port, self.headers, self.local, self.opened, self.pool = port, headers or {}, threading.local(), [], None
        self.tls = ssl.create_default_context(cafile=ca)
        if cert:
            self.tls.load_cert_chain(cert, key)
        self.known = {}

    def acting_as(self, user, groups=()):
        """The same client, impersonating."""
        other = object.__new__(Client)
        other.__dict__.update(self.__dict__, local=threading.local(), opened=[], pool=None)
        other.headers = {**self.headers, "Impersonate-User": user, "Impersonate-Group": list(groups)}
        return other

    def close(self):
        if self.pool:
            self.pool.shutdown(cancel_futures=True)
        for connection in self.opened:
            connection.close()

    def many(self, function, items):
        """[function(item) for item in items] on a few threads."""
        self.pool = self.pool or concurrent.futures.ThreadPoolExecutor(THREADS)
        return list(self.pool.map(function, items))

    # ---- requests

    def connection(self):
        if not getattr(self.local, "connection", None):
            self.local.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=SECONDS, context=self.tls)
            self.opened.append(self.local.connection)
        return self.local.connection

    def request(self, method, path, body=None, kind="application/json"):
        """body: a dict, or bytes that are sent as they are. An idle connection that the server closed is opened again."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        for last in (False, True):
            connection = self.connection()
            try:
                return self.exchange(connection, method, path, data, kind)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                connection.close()
                if last:
                    raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError

    def exchange(self, connection, method, path, data, kind):
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.putheader("Accept", "application/json")
        for name, value in self.headers.items():
            for one in value if isinstance(value, list) else [value]:
                connection.putheader(name, one)
        if data is not None:
            connection.putheader("Content-Type", kind)
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        response = connection.getresponse()
        return Answer(response.status, response.read(), [warning(x) for x in response.headers.get_all("Warning", [])])

    def get(self, path):
        return self.request("GET", path)

    def delete(self, path):
        return self.request("DELETE", path)

    # ---- objects

    def resource(self, api_version, kind):
        """{"name": "pods", "namespaced": True, "kind": "Pod" ...} as discovery has it, or None where the kind is not served."""
        if api_version not in self.known:
            path = "/api/" if "/" not in api_version else "/apis/"
            answer = self.get(path + urllib.parse.quote(api_version))
            listed = answer.body["resources"] if answer.status == 200 else []
            self.known[api_version] = {r["kind"]: r for r in listed if "/" not in r["name"]}
        return self.known[api_version].get(kind)

    def forget(self):
        """Asks discovery anew, after a CustomResourceDefinition."""
        self.known.clear()

    def path(self, api_version, kind, namespace=None, name=None):
        found = self.resource(api_version, kind)
        if not found:
            raise Refused(f"{api_version} {kind} is not served")
        path = ("/apis/" if "/" in api_version else "/api/") + api_version
        if found["namespaced"]:
            path += f"/namespaces/{urllib.parse.quote(namespace or 'default')}"
        return f"{path}/{found['name']}" + (f"/{urllib.parse.quote(name)}" if name else "")

    def create(self, obj, namespace=None, dry_run=False, query=""):
        """POSTs obj into namespace (else its own, else default). query: more parameters, "fieldValidation=Strict"."""
        namespace = namespace or obj.get("metadata", {}).get("namespace")
        parameters = "&".join(filter(None, ["dryRun=All" if dry_run else "", query]))
        return self.request("POST", self.path(obj["apiVersion"], obj["kind"], namespace) + (f"?{parameters}" if parameters else ""), obj)


def warning(header):
    """The text of `299 - "text"`. http.client takes headers for Latin-1, they are UTF-8."""
    text = header.encode("latin-1").decode("utf-8", errors="replace")
    quoted = re.match(r'\d+ \S+ "((?:[^"\\]|\\.)*)"', text)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
