// labels: which names, keys and values Kubernetes accepts (apimachinery's validation rules).
//
// Each function gives NULL for a text that is accepted, or a constant sentence that says what it must be.
#ifndef KUBE_LABELS_H
#define KUBE_LABELS_H

#include <stdbool.h>

#include "base/str.h"

// A label's key, also "qualified name": [prefix/]name. k8s.io/apimachinery pkg/api/validate/content IsLabelKey.
const char *labels_check_key(str s);
const char *labels_check_value(str s);
// As labels_check_key, but case does not matter: keys of annotations.
const char *labels_check_annotation(str s);

const char *labels_check_subdomain(str s);    // RFC 1123 subdomain: most object names
const char *labels_check_dns1035(str s);      // RFC 1035 label: versions of an API
const char *labels_check_path_segment(str s); // what may stand in a URL's path: any object's name

#endif
