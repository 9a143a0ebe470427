"""Verify an exported audit log without the product: python3 verify_audit.py FOLDER [KEY-FILE].

FOLDER holds `audit.jsonl` and `manifest.json` as `flask audit export` wrote them. Checks the
file's sha256, that every event follows the one before it and was not changed, and, where
KEY-FILE holds the audit key, that this installation signed each. The manifest's first and
last hash are to be compared with what was kept elsewhere: anchors, the pages of a pack.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

CHAINED = ("prev_hash", "hash", "mac")


def hash_of(event: dict[str, object]) -> str:
    """Return SHA-256(previous hash ‖ canonical event)."""
    body = {name: value for name, value in event.items() if name not in CHAINED}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((str(event["prev_hash"]) + text).encode("ascii")).hexdigest()


def faults_of(folder: Path, key: bytes | None) -> list[str]:
    """Return what does not hold, in sentences."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="ascii"))
    digest, faults, previous, count = hashlib.sha256(), [], None, 0
    with (folder / "audit.jsonl").open("rb") as lines:
        for line in lines:
            digest.update(line)
            event = json.loads(line)
            seq = event["seq"]
            if previous is None and event["prev_hash"] != manifest["prev_hash"]:
                faults.append(f"Event {seq} is not the one that the manifest begins with.")
            if previous is not None and seq != previous["seq"] + 1:
                faults.append(f"Event {previous['seq'] + 1} is missing before {seq}.")
            if previous is not None and event["prev_hash"] != previous["hash"]:
                faults.append(f"Event {seq} does not follow the event before it.")
            if hash_of(event) != event["hash"]:
                faults.append(f"Event {seq} was changed after it was written.")
            if key and hmac.digest(key, event["hash"].encode(), "sha256").hex() != event["mac"]:
                faults.append(f"Event {seq} was not signed with this key.")
            previous, count = event, count + 1
    last = previous or {"seq": 0, "hash": manifest["prev_hash"]}
    if digest.hexdigest() != manifest["file_sha256"]:
        faults.append("The file is not the one that the manifest describes.")
    if (count, last["seq"], last["hash"]) != (
        manifest["count"], manifest["last_seq"], manifest["last_hash"],
    ):  # fmt: skip
        faults.append("The last event is not the one that the manifest ends with.")
    return faults


def main() -> int:
    """Print the verdict; exit status 1 where anything does not hold."""
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 2
    key = Path(sys.argv[2]).read_text(encoding="ascii").strip().encode() if sys.argv[2:] else None
    faults = faults_of(Path(sys.argv[1]), key)
    for fault in faults[:100]:
        print(fault)
    signed = "and was signed with this key" if key else "; signatures were not checked"
    print(f"{len(faults)} faults." if faults else f"Every event holds {signed}.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
