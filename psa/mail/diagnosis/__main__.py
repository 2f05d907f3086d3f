"""``python -m psa.mail.diagnosis FILE``: one JSON object in, with protocol, stage and wire, one diagnosis out, per line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from psa.mail.diagnosis.causes import diagnose


def main() -> None:
    for line in Path(sys.argv[1]).read_text().splitlines():
        asked = json.loads(line)
        found = diagnose(
            protocol=asked["protocol"],
            stage=asked["stage"],
            text=asked["wire"],
            code=asked.get("code"),
            enhanced=asked.get("enhanced", ""),
        )
        print(json.dumps({"id": asked.get("id"), "cause": found.cause.code, "retry": found.retry}))


if __name__ == "__main__":
    main()
