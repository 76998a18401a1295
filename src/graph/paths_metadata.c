// Who reaches a cloud's metadata service, as the network policies have it: the node's role is theirs then.
#include "graph/paths.h"
#include "graph/reach.h"

// Link-local addresses that every large cloud answers with credentials at, or that an agent on the node does.
static const char *const services[] = {"169.254.169.254", "169.254.170.2", "169.254.170.23"};
enum { SERVICES = sizeof services / sizeof *services, PORT = 80 };

static uint32_t atom_of(const struct reach *r)
{
    for (uint32_t i = 0; i < r->n_atoms; i++)
        if (r->atoms[i].protocol == PROTOCOL_TCP && r->atoms[i].first <= PORT && PORT <= r->atoms[i].last)
            return i;
    return 0;
}

err_code paths_metadata(const struct inventory *v, const struct netpols *n, struct arena *a, bool **ret, struct err *e)
{
    struct reach_cut cut = {PROTOCOL_TCP, PORT, false};
    struct reach_options options = {.host_network_as_pods = REACH_NO, .cuts = &cut, .n_cuts = 1};
    struct reach r = {0};
    struct reach_row row = {0};
    bool *pods, *classes;
    TRY_NEW(pods, a, v->n_pods, e);
    TRY(reach_build(&r, v, n, options, a, e));
    TRY(reach_row_init(&row, &r, a, e));
    TRY_NEW(classes, a, r.n_classes, e);
    uint32_t atom = atom_of(&r);
    for (unsigned i = 0; i < SERVICES; i++) {
        struct address address;
        uint32_t range = address_parse(str_of(services[i]), &address) ? reach_outside(&r, DIRECTION_EGRESS, address) : INVENTORY_NONE;
        if (range == INVENTORY_NONE)
            continue;
        uint32_t column = r.n_classes + range, word = column / 64;
        for (uint32_t class = 0; class < r.n_classes; class++) {
            reach_row_part(&r, class, word, word + 1, &row);
            classes[class] = classes[class] || (reach_word(&r, &row.low, atom, word) >> column % 64 & 1);
        }
    }
    for (uint32_t i = 0; i < v->n_pods; i++)
        if (r.class_of_pod[i] != INVENTORY_NONE)
            pods[i] = classes[r.class_of_pod[i]];
    *ret = pods;
    return ERR_OK;
}
