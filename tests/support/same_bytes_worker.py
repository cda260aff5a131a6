"""What processes of their own do in test_same_bytes.py: plans and signals in, digests of all results out."""

import hashlib
import pickle
import sys


def digests(plans, signals):
    """Return one digest for each plan: of its results alone, in a batch on two threads, and in a stream."""
    found = []
    for plan in plans:
        sha = hashlib.sha256()
        for x, result in zip(signals, plan.compute_batch(signals, num_threads=2), strict=True):
            sha.update(plan.compute(x).data.tobytes())
            sha.update(result.data.tobytes())
            stream = plan.stream()
            for part in (stream.push(x[: len(x) // 3]), stream.push(x[len(x) // 3 :]), stream.flush()):
                sha.update(part.tobytes())
        found.append(sha.hexdigest())
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join(digests(*pickle.load(sys.stdin.buffer))))
