// yaml_marks_priv: libyaml counts code points, spans count bytes. This goes from the one to the other.
#ifndef DOC_YAML_MARKS_PRIV_H
#define DOC_YAML_MARKS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

// Marks come nearly in order, so a cursor that walks a little forth and back serves in linear time
// without a table. In a chunk of ASCII both counts are the same and nothing is walked.
struct yaml_marks {
    str text;        // the whole text
    uint32_t start;  // of the chunk
    uint32_t base;   // byte of its first code point, behind a byte order mark
    uint32_t end;    // of the chunk
    bool ascii;
    size_t point;    // the cursor: this code point of the chunk
    uint32_t byte;   // begins at this byte of the text
};

void yaml_marks_init(struct yaml_marks *m, str text, uint32_t start, uint32_t end);
uint32_t yaml_marks_walk(struct yaml_marks *m, size_t point);
// The byte of the text where the chunk's nth code point begins; past the end is the end.
static inline uint32_t yaml_marks_byte(struct yaml_marks *m, size_t point)
{
    if (!m->ascii)
        return yaml_marks_walk(m, point);
    return point < m->end - m->base ? m->base + (uint32_t)point : m->end;
}

#endif
