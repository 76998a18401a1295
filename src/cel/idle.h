// idle: without which fields an expression is true, known before any object is looked at.
//
// Most policies ask whether a field is there that hardly any object has. The expression is computed once over
// what values could be (true, false, an empty list, an error ...) where certain keys occur nowhere; where
// only `true` is left, objects without these keys need not be judged.
#ifndef CEL_IDLE_H
#define CEL_IDLE_H

#include "cel/cel.h"

enum { CEL_IDLE_KEYS = 8, CEL_IDLE_LISTS = 4 };

struct cel_idle {
    struct key keys[CEL_IDLE_KEYS]; // borrowed from the programs
    uint32_t n;
    bool any; // one of them is absent; else all are
    uint32_t lists[CEL_IDLE_LISTS]; // lazy variables, by index: also where one of these is an empty list
    uint32_t n_lists;
};

// Are all programs true of every object in which one, or all, of ret->keys are no key, at any depth, or for which one of
// ret->lists is empty? Slot 0 is the object, taken to be what its kind's schema says, with apiVersion, kind and
// metadata. lazy: the program behind variables.X, as in cel_run. False where nothing of the kind holds, or it would
// take too long to say. no: a program that must be false there, or NULL.
bool cel_idle_find(const struct cel_program *const *programs, uint32_t n, const struct cel_program *no,
                   const struct cel_program *(*lazy)(void *ctx, uint32_t index), void *ctx,
                   struct cel_idle *ret);

#endif
