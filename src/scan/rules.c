#include "scan/rules.h"

#include <stdlib.h>

#define TEXT(lit) {lit, sizeof(lit) - 1} // S() is no constant to C
#define VALIDATION "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation"

const struct rule rules_strict[KUBE_SCHEMA_FAULTS] = {
    [KUBE_SCHEMA_UNKNOWN] =
        {
            .id = TEXT("unknown-field"),
            .title = TEXT("Unknown field"),
            .description = TEXT("A field that Kubernetes does not know does nothing: what it was meant to protect stays open."),
            .remedy = TEXT("spell the field as the API has it, move it to where it belongs, or remove it"),
            .url = TEXT(VALIDATION),
            .severity = SEVERITY_HIGH,
            .recommendations = {TEXT("X-1"), TEXT("NET-05")},
            .n_recommendations = 2,
        },
    [KUBE_SCHEMA_WRONG] =
        {
            .id = TEXT("wrong-type"),
            .title = TEXT("Value of the wrong type"),
            .description = TEXT("The API server cannot decode such an object and refuses it: what it was to protect stays as it was."),
            .remedy = TEXT("give the value the type that the field has"),
            .url = TEXT(VALIDATION),
            .severity = SEVERITY_HIGH,
            .recommendations = {TEXT("X-1"), TEXT("RES-01")},
            .n_recommendations = 2,
        },
};

static int by_id(const void *a, const void *b)
{
    const struct rule *const *x = a, *const *y = b;
    return str_cmp((*x)->id, (*y)->id);
}

static uint32_t find(const struct rule *const *all, uint32_t n, const struct rule *rule)
{
    uint32_t i = 0;
    while (i < n && all[i] != rule)
        i++;
    return i < n ? i : RULES_NONE;
}

static bool has_name(const struct rule *const *rules, uint32_t n, str id)
{
    uint32_t i = 0;
    while (i < n && !str_eq(rules[i]->id, id))
        i++;
    return i < n;
}

err_code rules_join(const struct policy_set *set, struct arena *a, struct rules *ret, struct err *e)
{
    uint32_t n = 0, policies = 0;
    const struct rule *const *of_set = policy_set_rules(set, &policies), **all;
    uint32_t *of_policy;
    TRY_NEW(all, a, policies + KUBE_SCHEMA_FAULTS, e);
    TRY_NEW(of_policy, a, policies + 1, e);
    while (n < policies) {
        all[n] = of_set[n];
        n++;
    }
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++)
        if (!has_name(of_set, policies, rules_strict[f].id))
            all[n++] = &rules_strict[f];
    if (n)
        qsort(all, n, sizeof *all, by_id);
    for (uint32_t i = 0; i < policies; i++)
        of_policy[i] = find(all, n, of_set[i]);
    *ret = (struct rules){.all = all, .n = n, .of_policy = of_policy};
    for (int f = 0; f < KUBE_SCHEMA_FAULTS; f++)
        ret->strict[f] = find(all, n, &rules_strict[f]);
    return ERR_OK;
}
