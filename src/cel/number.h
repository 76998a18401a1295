// number: doubles as Go writes them.
#ifndef CEL_NUMBER_H
#define CEL_NUMBER_H

#include <stddef.h>

// More than any text of these two.
enum { NUMBER_G = 32, NUMBER_F = 400 };

// The fewest digits that read back as d. `digits` is not NUL-ended; the value is 0.DIGITS * 10^point.
// Returns how many; 1 for zero. d must be finite.
size_t number_shortest(double d, char digits[20], int *ret_point);

// fmt's %g, CEL's string(double): "1.5", "1e+06", "NaN", "+Inf". NUL-ended; returns the length.
size_t number_format_g(char out[NUMBER_G], double d);
// strconv.FormatFloat(d, 'f', -1, 64): "1000000", "0.000001".
size_t number_format_f(char out[NUMBER_F], double d);

#endif
