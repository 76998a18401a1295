// Rules are looked at once each, with the requests of paths_risks.def: what a role allows is a list of (rule, risk).
#include "graph/paths_priv.h"

const uint8_t paths_risk_attack[RISKS] = {
#define RISK(id, attack) ATTACK_##attack,
#define REQUEST(verb, group, resource, sub)
#include "graph/paths_risks.def"
};

const bool paths_risk_is_part[RISKS] = {
#define RISK(id, attack) false,
#define PART(id, attack) true,
#define REQUEST(verb, group, resource, sub)
#include "graph/paths_risks.def"
};

const bool paths_risk_is_cluster[RISKS] = {
#define RISK(id, attack) false,
#define PART(id, attack) false,
#define CLUSTER(id, attack) true,
#define CLUSTER_PART(id, attack) true,
#define REQUEST(verb, group, resource, sub)
#include "graph/paths_risks.def"
};

struct row {
    int risk; // of a RISK; -1: a request of the risk before
    const char *verb, *group, *resource, *sub;
};
static const struct row table[] = {
#define RISK(id, attack) {RISK_##id, NULL, NULL, NULL, NULL},
#define REQUEST(verb, group, resource, sub) {-1, verb, group, resource, sub},
#include "graph/paths_risks.def"
};
enum { ROWS = sizeof table / sizeof *table };

struct request {
    struct rbac_request asked;
    uint8_t risk;
    bool creates; // a request without a name: resourceNames never match it
};

static unsigned prepare(const struct rbac_set *s, struct request *requests)
{
    unsigned n = 0;
    int risk = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        const struct row *r = &table[i];
        if (r->risk >= 0) {
            risk = r->risk;
            continue;
        }
        struct rbac_question q = {.verb = str_of(r->verb), .group = str_of(r->group), .resource = str_of(r->resource),
                                  .subresource = str_of(r->sub), .name = S(""), .ns = S("")};
        str verb = q.verb;
        requests[n++] = (struct request){
            .asked = rbac_request_of(s, &q),
            .risk = (uint8_t)risk,
            .creates = (str_eq(verb, S("create")) && !q.subresource.n) || str_eq(verb, S("deletecollection")),
        };
    }
    return n;
}

// The risks of one rule, as bits.
static uint64_t risks_of(const struct rbac_rule *r, const struct request *requests, unsigned n)
{
    uint64_t found = 0;
    for (unsigned i = 0; i < n; i++)
        if (!(found >> requests[i].risk & 1) && !(requests[i].creates && r->names.n) && rbac_request_fits(r, &requests[i].asked))
            found |= (uint64_t)1 << requests[i].risk;
    return found;
}

err_code paths_caps_make(struct paths *p, struct err *e)
{
    struct paths_priv *v = p->priv;
    struct request requests[ROWS];
    const struct rbac_set *s = p->set;
    unsigned n_requests = prepare(s, requests);
    uint32_t n = 0, cap = 0, n_roles = rbac_n_roles(s);
    _Static_assert(RISKS <= 64, "risks are bits");
    TRY_NEW(v->first_cap, p->arena, (size_t)n_roles + 1, e);
    for (uint32_t i = 0; i < n_roles; i++) {
        const struct rbac_role *role = rbac_role(s, i);
        v->first_cap[i] = n;
        for (uint32_t k = 0; k < role->n_rules && !role->replaced; k++) {
            const struct rbac_rule *r = &role->rules[k];
            if (!r->resources.n)
                continue;
            uint64_t risks = risks_of(r, requests, n_requests);
            for (unsigned risk = 0; risk < RISKS; risk++) {
                if (!(risks >> risk & 1))
                    continue;
                TRY_GROW(v->caps, n, cap, p->arena, e);
                v->caps[n++] = (struct paths_cap){r, (uint8_t)risk};
            }
        }
    }
    v->first_cap[n_roles] = n;
    return ERR_OK;
}
