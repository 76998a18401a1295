// edits: how far one word is from another, to name the one that was perhaps meant.
#ifndef BASE_EDITS_H
#define BASE_EDITS_H

#include "base/str.h"

enum { EDITS_WORD = 64, EDITS_FAR = 255 }; // bytes of the longest word; what is farther than any two words are

// Bytes to add, remove, change or swap with their neighbour to make b of a (optimal string alignment);
// EDITS_FAR where a word is longer than EDITS_WORD.
unsigned edits_between(str a, str b);

#endif
