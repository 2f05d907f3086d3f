"""``python -m psa.mail.diagnosis FILE``: for each line, a JSON object with protocol, stage and wire, one diagnosis."""

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
        answer = {"id": asked.get("id"), "cause": found.cause.code, "retry": found.retry}
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
