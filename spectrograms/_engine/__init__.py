"""The compiled room: one loop that turns signals into rows of numbers, and what it stands on.

It takes numbers, arrays and pointers, never a parameter object: a plan has turned Hz and mel into weights
before it comes here. In the order in which a signal meets them::

    signals   accepts a signal, whatever its type, and points at its memory
    frames    which samples a frame covers; gathers and pads where it reaches outside
    block     the loop, once per block of B frames:

        for each frame    gather -> steps -> window -> FFT -> split        one row of the spectra buffer
                          (all of it in the first-level cache)
        or, at many rates gather -> halve -> halve -> ..., kernels at each       rows of a tile
        or, of several    gather -> steps -> window -> short FFTs of each, then
                          turn -> combine -> split, frame per lane         columns of a tile or of the target
        then for the block, for each output
                          [transpose to a tile: row per bin, frame per lane]
                          stage -> stage -> ...                             bank, root, log, linear map, ...
                          write rows x frames to the target

    rfft      the real FFT of one frame and its inverse: form, plan, tables, the kernels that finish it
    fft       FFT plans, and the only place that knows the FFT library: run(plan, src, dst)
    kernels   the inner loops in C, one table per dtype, built once per instruction set
    engine    Engine: the configuration of the loop, built by a plan; runs it over one signal
    calls     engines over what a user hands in: one signal, a batch, a part of a stream
    jobs      long work, cut into units that several threads share
    pool      the threads; wakeup parks and wakes them, atomics has their counters
    synthesis the inverse: spectra in, overlap-add, samples out
    real, real2d, filter2d, lapped, overlap_save
              transforms of whole signals and images
    arrays    operations on whole arrays that have no frames
    blocks    AlignedBlock: one aligned allocation
    scratch   ScratchPool: blocks between calls
    views     the caller's arrays, and the one check of what is written to
    result    what the user gets: owns the memory, lends it by buffer protocol and DLPack
    frame_results
              what the axes of results mean
    dlpack    the capsules
    storage, npz
              results as dictionaries, JSON and files

Who owns what. An Engine owns its tables, weights and FFT plan, all read-only once it is built. Each call in
flight borrows scratch memory and gives it back, so threads share nothing they write. A result owns its block
of memory; views, buffers and capsules hold a reference to the block.

Letters in kernels: x signal, w window, t frame, k bin, b band, n length of a frame; a tile is a block
transposed to [row][frame].

The rule that keeps bytes stable: the instructions that compute a value depend on its row, the length, the
dtype and the instruction set, never on where its frame stands in a block, a signal or a batch.
"""

try:
    import spectrograms._engine.memory.blocks  # noqa: F401, refuses sub-interpreters
except ModuleNotFoundError as _error:
    if _error.name != "spectrograms._engine.memory.blocks":
        raise
    # The sources alone: whoever starts Python beside them meets them before the installed package.
    _folder = __file__.rpartition("_engine")[0].rstrip("\\/")
    raise ImportError(
        f"{_folder} holds the sources of spectrograms, which are not compiled, and hides the installed "
        "package: start Python elsewhere or with -P, or install in place with "
        "pip install --no-build-isolation -e ."
    ) from None
