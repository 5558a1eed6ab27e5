"""A FastAPI service that calls another through Python's circuitbreaker.

Started as `python fastapi_app.py PORT`. GET /call calls the bank; /break and /heal say
what the bank does.
"""

import sys

import uvicorn
from circuitbreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerMonitor
from fastapi import FastAPI, Response

app = FastAPI()
bank = {"is_well": True}


class BankFailed(Exception):
    pass


@CircuitBreaker(failure_threshold=3, recovery_timeout=3, expected_exception=BankFailed, name="bank")
def charge():
    if not bank["is_well"]:
        raise BankFailed
    return "charged"


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/breakers")
def breakers():
    return [{"name": it.name, "state": it.state, "failure_count": it.failure_count}
            for it in CircuitBreakerMonitor.get_circuits()]


@app.get("/call")
def call(response: Response):
    try:
        return charge()
    except CircuitBreakerError:
        response.status_code = 503
        return "refused"
    except BankFailed:
        response.status_code = 502
        return "failed"


@app.get("/break")
def break_it():
    bank["is_well"] = False


@app.get("/heal")
def heal():
    bank["is_well"] = True


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
