"""The same recordings as files, archives, tables, objects and through Dask: one store, whole and killed.

    python tests/everywhere.py [FOLDER] [--kills N]

Without a folder, the 568 English prompts of Debian's Asterisk where they are installed, else as many
recordings that are made. Every way to a store is a process of its own, which is killed N times at random
moments and goes on; ids, lengths and features are compared with those of the files, byte for byte and in
their order, and stores of the files themselves in every byte. Needs pyarrow, Dask and moto.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")


def main():
    """Print a line for each way; an AssertionError ends the run."""
    from tests.support.corpora import recordings
    from tests.support.everywhere import CREWS, SOURCES, Ways, packed
    from tests.support.objects import serving

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=PROMPTS if PROMPTS.is_dir() else None)
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, serving() as bucket:
        place = Path(place)
        folder = arguments.folder or recordings(place / "audio", 568, 0.5)
        ways = Ways(packed(folder, place, bucket), place, 8)
        for way in (*SOURCES, *CREWS):
            begun = time.monotonic()
            ways.whole(way)
            interrupted = ways.killed(way, arguments.kills)
            words = f"{ways.n_records} records, the same; killed {interrupted} times and resumed, the same"
            print(f"{way}: {words}; {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
