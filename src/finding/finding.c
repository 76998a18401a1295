#include "finding/finding.h"

#include <stdio.h>

#include "base/hash.h"

static const char *const severities[] = {"low", "medium", "high", "critical"};

str finding_severity_name(enum severity s)
{
    return str_of(severities[s]);
}

bool finding_severity_parse(str name, enum severity *ret)
{
    for (unsigned i = 0; i < sizeof severities / sizeof *severities; i++)
        if (str_eq(name, str_of(severities[i]))) {
            *ret = (enum severity)i;
            return true;
        }
    return false;
}

str finding_status_name(enum finding_status s)
{
    switch (s) {
    case FINDING_FAIL:
        return S("fail");
    case FINDING_NOT_ASSESSED:
        return S("not-assessed");
    case FINDING_WAIVED:
        return S("waived");
    }
    return S("");
}

void finding_fingerprint(const struct finding *f, const struct finding_object *o, str path,
                         char ret[17])
{
    uint64_t h = HASH_STABLE_INIT;
    h = hash_stable(h, f->rule->id);
    str group = o->api_version; // the version may be raised without the object becoming another
    size_t slash = str_find(group, S("/"));
    h = hash_stable(h, slash == (size_t)-1 ? S("") : str_head(group, slash));
    h = hash_stable(h, o->kind);
    h = hash_stable(h, o->ns);
    h = hash_stable(h, o->name);
    h = hash_stable(h, path);
    (void)snprintf(ret, 17, "%016llx", (unsigned long long)h);
}

void finding_count(const struct report *r, uint32_t ret_by_severity[4])
{
    for (unsigned i = 0; i < 4; i++)
        ret_by_severity[i] = r->counted[i];
    for (uint32_t i = 0; i < r->n_findings; i++)
        if (r->findings[i]->status == FINDING_FAIL)
            ret_by_severity[r->findings[i]->rule->severity]++;
}

bool finding_is_hidden(const struct report *r, uint32_t file, uint32_t start, uint32_t end)
{
    uint32_t low = 0, high = r->n_hidden; // the first that ends behind start
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct finding_hidden *h = &r->hidden[mid];
        if (h->file < file || (h->file == file && h->end <= start))
            low = mid + 1;
        else
            high = mid;
    }
    return low < r->n_hidden && r->hidden[low].file == file &&
           (r->hidden[low].start < end || r->hidden[low].start <= start);
}

str finding_params_missing(void)
{
    return S("needs parameters: --policy params.yaml (docs/policies.md)");
}

int finding_exit_status(const struct report *r)
{
    for (uint32_t i = 0; i < r->n_errors; i++)
        if (!r->errors[i].warning)
            return 2;
    uint32_t failed[4];
    finding_count(r, failed);
    return failed[0] || failed[1] || failed[2] || failed[3];
}
