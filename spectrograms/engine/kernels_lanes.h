/* One scalar as a vector of one lane: the loads and stores of kernels_split_step.h. */

SG_INLINE void F_(load_pair_s)(const T *p, T *re, T *im) { *re = p[0], *im = p[1]; }
SG_INLINE T F_(load_s)(const T *p) { return *p; }
SG_INLINE void F_(store_s)(T *p, T v) { *p = v; }
SG_INLINE void F_(store_pair_s)(T *p, T re, T im) { p[0] = re, p[1] = im; }
