// idle: which of a kind's policies need not be asked about an object, because it lacks all the fields that they
// speak of (cel/idle.h). Only of the program's own policies, which are tested with and without it.
#ifndef POLICY_IDLE_H
#define POLICY_IDLE_H

#include "policy/worker_priv.h"

// Before the candidates are judged: which keys the subject has. It must be well-formed, or nothing may be left out.
void idle_begin(struct policy_worker *w, const struct subject *s);
// May this one be left out? It would pass; and, where the policy says when that means something, mean nothing.
bool idle_is(struct policy_worker *w, struct candidate *c);

#endif
