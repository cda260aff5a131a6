"""The work of the processes in test_fork.py, in a module that spawned processes can import."""

import numpy as np

import spectrograms as sg

CLIPS = [np.random.default_rng(n).standard_normal(n).astype("float32") for n in (100, 60_000, 7, 30_000)]


def make_plan():
    """Return a float32 plan of mel decibels."""
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    return sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, 8000.0), "db", dtype="float32")


def results(plan, num_threads=2):
    """Return the bytes of a batch, of a long signal and of a stream."""
    found = [result.data.tobytes() for result in plan.compute_batch(CLIPS, num_threads=num_threads)]
    found.append(plan.compute(np.concatenate(CLIPS * 10)).data.tobytes())
    stream = plan.stream()
    parts = [stream.push(CLIPS[1][:33_000]), stream.push(CLIPS[1][33_000:]), stream.flush()]
    found.append(np.concatenate(parts, axis=1).tobytes())
    return found


def work(plan):
    """Run in a worker process, with the plan that was sent and with one made here."""
    return results(plan) == results(make_plan()), results(plan)


class Clips:
    """A dataset as PyTorch wants it: item i holds the features of clip i."""

    def __init__(self):
        self.plan = make_plan()

    def __len__(self):
        return len(CLIPS)

    def __getitem__(self, i):
        return sg.get_num_threads(), self.plan.compute(CLIPS[i]).data
