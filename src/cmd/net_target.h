// net_target: what a person calls the ends of a connection: internet, imds, etcd, an address, a Service, a workload.
#ifndef CMD_NET_TARGET_H
#define CMD_NET_TARGET_H

#include "cmd/net.h"

// One end, or one of several: classes are rows as a source, columns as a destination.
struct net_end {
    struct net_party party;
    const uint64_t *ports; // bits over atoms that are meant, or NULL: all
};
struct net_target {
    str name;
    struct net_end *ends;
    uint32_t n, cap;
    const char *unknown; // what of it is not known, for people; NULL: all is
};

// The ports that a target means, and --port: to be cut when reachability is built. text NULL: none.
err_code net_target_cuts(const struct net_input *in, struct net_request *q, const char *text, struct reach_cut **cuts,
                         uint32_t *n, struct err *e) MUST_USE;
// ERR_NOTFOUND where the text names nothing of the input.
err_code net_target_find(const struct net_input *in, struct net_request *q, const char *text, enum netpol_direction d,
                         struct net_target *ret, struct err *e) MUST_USE;
// --port as bits over atoms; NULL where none was given. ERR_USAGE.
err_code net_port_bits(const struct net_input *in, struct net_request *q, const uint64_t **ret, struct err *e) MUST_USE;

#endif
