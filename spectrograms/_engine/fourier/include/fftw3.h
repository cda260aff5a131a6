/* Stand-in for FFTW's header: pyfftw's .pxd names it, and our code needs from it nothing but the
 * opaque plan types. Nothing here links to FFTW; plans are made and executed through pyfftw. */
#ifndef SPECTROGRAMS_FFTW3_H
#define SPECTROGRAMS_FFTW3_H

typedef struct fftw_plan_s fftw_plan_struct, *fftw_plan;
typedef struct fftwf_plan_s fftwf_plan_struct, *fftwf_plan;
typedef struct fftwl_plan_s fftwl_plan_struct, *fftwl_plan;
typedef struct { int n, is, os; } fftw_iodim;

#endif
