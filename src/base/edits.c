#include "base/edits.h"

unsigned edits_between(str a, str b)
{
    unsigned char rows[3][EDITS_WORD + 1]; // of the matrix: two above, one above, this
    if (a.n > EDITS_WORD || b.n > EDITS_WORD)
        return EDITS_FAR;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned char *row = rows[i % 3];
        const unsigned char *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned best = above[j - 1] + (unsigned)(a.p[i - 1] != b.p[j - 1]);
            unsigned add = (above[j] < row[j - 1] ? above[j] : row[j - 1]) + 1u;
            bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
            best = add < best ? add : best;
            if (swapped && higher[j - 2] + 1u < best)
                best = higher[j - 2] + 1u;
            row[j] = (unsigned char)best;
        }
    }
    return rows[a.n % 3][b.n];
}
