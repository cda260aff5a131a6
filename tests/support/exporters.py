"""Samples of other libraries, as far as a test needs one."""


class DlpackOnly:
    """Samples of a library that gives its memory away by DLPack, and in no other way."""

    def __init__(self, values):
        self.values = values

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()
