// policy_fuzz: a policy file's text -> load -> judge one Pod and one Deployment. No input may crash, leak, or
// outrun its cost limits; whatever is loaded gives the same results a second time.
#include <stdint.h>
#include <stdlib.h>

#include "doc/doc.h"
#include "policy/policy.h"

static const char objects[] =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x, labels: {app: web}, annotations: {a/b: c}}\n"
    "spec:\n  hostPID: true\n  containers:\n  - {name: c, image: 'i:1', securityContext: {privileged: true}}\n"
    "  - {name: d, resources: {limits: {cpu: 100m}}, ports: [{hostPort: 80}], initContainers: null}\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {generateName: d-}\n"
    "spec: {replicas: 3, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: e}]}}}\n";

struct seen {
    uint64_t hash;
    uint32_t n;
};

static err_code on_result(void *ctx, const struct policy_result *r, struct err *e)
{
    struct seen *s = ctx;
    (void)e;
    s->hash = hash_stable(s->hash, r->message);
    for (uint32_t i = 0; i < r->n_places; i++) {
        s->hash = hash_stable(s->hash, r->places[i].path);
        if (r->places[i].end < r->places[i].start || r->places[i].end > sizeof objects)
            abort();
    }
    s->n++;
    return ERR_OK;
}

static struct seen judge(struct policy_worker *w, const struct doc_text *text, struct arena *a)
{
    struct seen s = {HASH_STABLE_INIT, 0};
    const struct policy_sink sink = {.ctx = &s, .result = on_result};
    struct doc_splitter splitter = {.text = text};
    struct doc_chunk chunk;
    while (doc_next(&splitter, &chunk)) {
        const struct node *root = NULL;
        struct object o;
        if (doc_parse(text, chunk, a, &root, NULL, NULL) != ERR_OK || !object_view(root, &o))
            abort();
        if (policy_evaluate(w, &o, false, a, &sink, NULL) != ERR_OK)
            s.n = UINT32_MAX; // the arena is full: nothing is promised then
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = {0};
    struct policy_set *set = NULL;
    struct policy_worker *w = NULL;
    const struct policy_options o = {.kubernetes_minor = 37, .ignore_bindings = true};
    const struct doc_text text = {.text = {objects, sizeof objects - 1}};
    if (arena_init(&a, "fuzz", (size_t)1 << 30, NULL) != ERR_OK || policy_set_new(&o, &set, NULL) != ERR_OK)
        abort();
    struct diags d = {.arena = &a};
    err_code rc = policy_set_load(set, S("fuzz"), (str){(const char *)data, size}, &d, NULL);
    if ((rc == ERR_OK) != (d.errors == 0) && rc != ERR_LIMIT)
        abort();
    if (policy_set_seal(set, &d, NULL) != ERR_OK || policy_worker_new(set, &w, NULL) != ERR_OK)
        abort();
    struct seen first = judge(w, &text, &a), second = judge(w, &text, &a);
    if (first.n != second.n || first.hash != second.hash)
        if (first.n != UINT32_MAX && second.n != UINT32_MAX)
            abort();
    policy_worker_free(w);
    policy_set_free(set);
    return 0;
}
