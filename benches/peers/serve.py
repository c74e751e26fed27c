"""Answers the requests of `compare.py`: a line of JSON each, on standard input and output."""

import json
import os
import sys


def serve(peer):
    """Calls the method of `peer` that a request names, until there are no more."""
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = getattr(peer, request["do"])(request)
        except Exception as error:  # whatever it is, the one who asked must know
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
