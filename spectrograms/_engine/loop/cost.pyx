"""What a frame costs, roughly. Decides how work is divided, never what it computes."""
from libc.math cimport log2
from libc.stdint cimport int64_t

from spectrograms._engine.loop.block cimport (
    BANK, CEPSTRUM, DENSE, OCTAVES, PAIR_BANK, REASSIGNED, RESONATORS, SAMPLES, Output, Stage,
)
from spectrograms._engine.loop.octaves cimport Level


cdef double estimated_cost(const Config *c, bint single) noexcept:
    cdef double scale = 1.0 if single else 2.0
    # Calling the kernels, then the FFT, then each output by the size of its stages.
    cdef double cost = 30.0
    cdef double transform = 0.0
    cdef const Output *output
    cdef const Stage *stage
    cdef const Level *level
    cdef int64_t b
    cdef int i, j, s
    if c.spectrum != SAMPLES:
        transform = scale * c.n * (0.2 + 0.05 * log2(<double>c.n))
        cost += 3 * transform if c.spectrum == REASSIGNED else transform
    for j in range(c.n_outputs):
        output = &c.outputs[j]
        cost += scale * 0.1 * (output.bins + output.rows)
        for s in range(output.n_stages):
            stage = &output.stages[s]
            if stage.kind == DENSE:
                cost += scale * 0.03 * stage.rows_in * stage.rows_out
            elif stage.kind == BANK:
                for b in range(stage.rows_out):
                    cost += scale * 0.05 * stage.bands[b].length
            elif stage.kind == PAIR_BANK:
                for b in range(stage.rows_out):
                    cost += scale * 0.03 * stage.bands[b].length
            elif stage.kind == OCTAVES:
                # Half the samples at each rate, and each kernel over about all that those of its rate span.
                cost += scale * 0.05 * stage.octaves.half * c.geometry.hop
                for i in range(stage.octaves.n_levels):
                    level = &stage.octaves.levels[i]
                    cost += scale * 0.03 * level.rows * level.length
            elif stage.kind == CEPSTRUM:
                cost += transform
            elif stage.kind == RESONATORS:
                cost += scale * 0.4 * stage.rows_in * stage.rows_out
            else:
                cost += scale * 0.25 * stage.rows_in
    return cost
