"""A command of no work for tests of the supervisor. Its last word says how it behaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

HELD = bytearray()
FIT = {"model": "made", "path": "models/made", "seconds": 1.0}


def tell(**line: object) -> None:
    with open(os.environ["SIMGAN_PROGRESS"], "a") as file:
        file.write(json.dumps(line) + "\n")


def mark(name: str) -> None:
    """Leave a file, which says that the command has come so far."""
    with open(name, "a") as file:
        file.write(f"{os.getpid()}\n")


def wait(name: str) -> None:
    while not os.path.exists(name):
        time.sleep(0.01)


def begin(behaviour: str) -> None:
    """Do whatever comes before the first word."""
    if behaviour == "DEAF":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "FATAL":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "HUNGRY":
        HELD.extend(b"x" * 64 * 2**20)
    if behaviour == "PARENT":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def run(behaviour: str) -> int:
    """Behave, and return the exit code."""
    begin(behaviour)
    if behaviour == "REFUSED" and "--resume" in sys.argv:
        print("Error: the interrupted fit was started with another seed", file=sys.stderr)
        return 1
    tell(say="learning")
    tell(step={"task": "warm start", "place": "", "done": 1, "total": 2, "metrics": {}})
    mark(f"{behaviour}.begun")
    if behaviour == "WRONG":
        print("Error: models/x is not possible; choose another", file=sys.stderr)
        return 1
    if behaviour == "BUG":
        print("Traceback (most recent call last): secret", file=sys.stderr)
        return 70
    if behaviour in ("SLOW", "DEAF", "HUNGRY"):
        wait(f"{behaviour}.go")
    os.makedirs("models/made", exist_ok=True)
    with open("models/made/manifest.json", "w") as file:
        file.write(behaviour)
    print(json.dumps(FIT))
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[-1]))
