"""Run by test_same_bytes.py in processes of their own: plans and signals in, digests of all results out."""

import hashlib
import pickle
import sys


def digests(plans, signals):
    """Return a digest for each plan: of single results, of a batch on two threads, and of a stream."""
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
