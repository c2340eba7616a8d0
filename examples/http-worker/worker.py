#!/usr/bin/env python3
"""A worker in another language: does CountWordsJob over the HTTP worker protocol, with Python's standard library alone.

    WORKER_SECRET=change-me python3 examples/http-worker/worker.py 8077

The site's configuration names it (see docs/http-worker.md). Each request is a job, signed by the spine; the answer says
how it went, and which events follow from it.
"""
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WORKER_SECRET"].encode()
OLDEST_SECONDS = 300


def is_signed(headers, body: bytes) -> bool:
    timestamp = headers.get("X-Spine-Timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > OLDEST_SECONDS:
        return False
    expected = "v1=" + hmac.new(SECRET, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Spine-Signature", ""))


def work(job: dict) -> dict:
    """The work itself: from a job to its answer. `job["idempotencyKey"]` is the same when the job is tried again."""
    text = job["input"].get("text")
    if not isinstance(text, str):
        return {"outcome": "failed", "error": "input.text is no text"}
    if text == "busy" and job["attempt"] == 1:
        return {"outcome": "rate-limited", "error": "too busy just now", "retryAfterMs": 200}
    words = {"text": text, "words": len(text.split()), "attempt": job["attempt"]}
    return {"outcome": "completed", "events": [{"eventType": "data.WordsCounted", "data": words}]}


class Worker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not is_signed(self.headers, body):
            self.answer(401, {"error": "the signature does not fit the body, or is too old"})
            return
        self.answer(200, work(json.loads(body)))

    def answer(self, status: int, content: dict) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8077), Worker)
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
