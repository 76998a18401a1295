// match: does a policy's or a binding's matchConstraints select an object that is created?
//
// Offline two things are not known: the labels of a namespace (but for kubernetes.io/metadata.name), and
// whether a kind that Kubernetes does not ship is namespaced. Where they decide, the answer is open.
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include "policy/policy_priv.h"

enum match_scope { MATCH_NAMESPACED, MATCH_CLUSTER, MATCH_SCOPE_UNKNOWN };

// What of an object does not change from one object of its kind to the next.
struct match_kind {
    str group, version, resource;
    enum match_scope scope; // of a shipped kind; else unknown
    bool shipped;
};
// The resource is in the arena or constant; the rest is borrowed from the object.
err_code match_kind_of(const struct object *o, struct arena *a, struct match_kind *ret,
                       struct err *e) MUST_USE;

// NO: no object of the kind matches. YES: every one does. OPEN: match_object knows.
enum selector_answer match_any(const struct match *m, const struct match_kind *k);

enum selector_answer match_object(const struct match *m, const struct match_kind *k,
                                  const struct object *o);

// Kinds that no policy is asked about: policies themselves, and requests that are never stored.
enum match_exemption { MATCH_JUDGED, MATCH_BY_STATIC, MATCH_EXEMPT };
enum match_exemption match_exemption(const struct match_kind *k);

#endif
