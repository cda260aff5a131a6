/* Index lists for __builtin_shufflevector(a, b, ...) on vectors of 2, 4, 8, 16 lanes; lanes of b follow
 * those of a. */
#ifndef SPECTROGRAMS_KERNELS_SHUFFLES_H
#define SPECTROGRAMS_KERNELS_SHUFFLES_H

#define SG_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
/* The list of that name for the number of lanes in use. */
#define SG_LIST(name) SG_PASTE3(SG_##name, _, VECTOR_LANES)

/* Real and imaginary parts of consecutive complex numbers, in order and from the last to the first. */
#define SG_EVEN_2 0, 2
#define SG_EVEN_4 0, 2, 4, 6
#define SG_EVEN_8 0, 2, 4, 6, 8, 10, 12, 14
#define SG_EVEN_16 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define SG_ODD_2 1, 3
#define SG_ODD_4 1, 3, 5, 7
#define SG_ODD_8 1, 3, 5, 7, 9, 11, 13, 15
#define SG_ODD_16 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define SG_EVEN_DOWN_2 2, 0
#define SG_EVEN_DOWN_4 6, 4, 2, 0
#define SG_EVEN_DOWN_8 14, 12, 10, 8, 6, 4, 2, 0
#define SG_EVEN_DOWN_16 30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0
#define SG_ODD_DOWN_2 3, 1
#define SG_ODD_DOWN_4 7, 5, 3, 1
#define SG_ODD_DOWN_8 15, 13, 11, 9, 7, 5, 3, 1
#define SG_ODD_DOWN_16 31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1

/* One vector from the last lane to the first. */
#define SG_DOWN_2 1, 0
#define SG_DOWN_4 3, 2, 1, 0
#define SG_DOWN_8 7, 6, 5, 4, 3, 2, 1, 0
#define SG_DOWN_16 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0

/* Complex numbers from real and imaginary parts: first and second half, in order and reversed. */
#define SG_ZIP_FIRST_2 0, 2
#define SG_ZIP_FIRST_4 0, 4, 1, 5
#define SG_ZIP_FIRST_8 0, 8, 1, 9, 2, 10, 3, 11
#define SG_ZIP_FIRST_16 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SG_ZIP_SECOND_2 1, 3
#define SG_ZIP_SECOND_4 2, 6, 3, 7
#define SG_ZIP_SECOND_8 4, 12, 5, 13, 6, 14, 7, 15
#define SG_ZIP_SECOND_16 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define SG_ZIP_DOWN_FIRST_2 1, 3
#define SG_ZIP_DOWN_FIRST_4 3, 7, 2, 6
#define SG_ZIP_DOWN_FIRST_8 7, 15, 6, 14, 5, 13, 4, 12
#define SG_ZIP_DOWN_FIRST_16 15, 31, 14, 30, 13, 29, 12, 28, 11, 27, 10, 26, 9, 25, 8, 24
#define SG_ZIP_DOWN_SECOND_2 0, 2
#define SG_ZIP_DOWN_SECOND_4 1, 5, 0, 4
#define SG_ZIP_DOWN_SECOND_8 3, 11, 2, 10, 1, 9, 0, 8
#define SG_ZIP_DOWN_SECOND_16 7, 23, 6, 22, 5, 21, 4, 20, 3, 19, 2, 18, 1, 17, 0, 16

#endif
