"""Requests written by hand, with the headers that a test wants."""

import http.client
import json

BODY = json.dumps({"model": "rag", "messages": [{"role": "user", "content": "When?"}]})
JSON = {"Content-Type": "application/json"}


def call(served, method, path, body=None, headers=JSON, host=None):
    """Status, headers and body of one request; `host` replaces the Host header."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{served.port}")
    for name, value in headers.items():
        connection.putheader(name, value)
    data = body.encode() if body is not None else None
    if data is not None and "Transfer-Encoding" not in headers and "Content-Length" not in headers:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    if data is not None:
        connection.send(data)
    response = connection.getresponse()
    found = response.status, dict(response.getheaders()), response.read().decode()
    connection.close()
    return found
