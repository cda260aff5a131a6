"""What pictures are made of: what is drawn, its axes, and cells at the resolution of the view.

`subjects` makes one kind of thing of results, arrays and averages; `cells` and `axes` know Matplotlib and
nothing of features.
"""
