"""Files that hold many recordings: archives and tables.

A reader goes through one of them and gives, for each recording, its fields and its place; no sound is read. A
place is plain data that any process can open: a stretch of a file, if the recording lies there as it is, or a
cell. Cells are read in the order of the file, by whoever works on a part of the list, with memory for one of
them; what identifies them is their id, as for files. So a collection is cut into parts, shared by workers and
gone on with like a folder.

``cells``: the interface of readers, places, and reading these in order; ``tars``, ``tables``: readers.
"""
