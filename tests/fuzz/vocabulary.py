"""All names that the text of a call may use."""

import disk
import sounds
import trouble
from disk import *  # noqa: F403
from sounds import *  # noqa: F403
from trouble import *  # noqa: F403

__all__ = [*trouble.__all__, *disk.__all__, *sounds.__all__]
