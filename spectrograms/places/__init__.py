"""Where files are: on this machine, or in an object store.

``urls``: strings that are not paths, and their names without secrets; ``remote``: what is done with objects,
again where a network fails; ``reading``: objects as files that are read ahead; ``filesystems``: who can do
it, Arrow or fsspec; ``paths``: the same few acts for files and objects.
"""
