"""``python -m spectrograms``: the same as the ``spectrograms`` command."""

import sys

from spectrograms.cli import main

if __name__ == "__main__":
    sys.exit(main())
