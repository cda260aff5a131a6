"""What tests of pictures draw on."""

import pytest


@pytest.fixture
def ax():
    # Half a second, which collecting tests does not need.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    return figure.add_subplot()
