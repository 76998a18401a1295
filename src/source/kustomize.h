// kustomize: what a kustomization.yaml says of the files beside it, as far as a walk needs to know.
#ifndef SOURCE_KUSTOMIZE_H
#define SOURCE_KUSTOMIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct kustomize {
    bool found;          // the file is a kustomization
    const str *patches;  // paths it uses as patches, from its directory, plain and sorted
    uint32_t n_patches;
};

// kustomization.yaml, kustomization.yml, Kustomization.
bool kustomize_is_name(str name);
// Reads one. A file that cannot be read or parsed leaves *ret as it is: the scan proper reports it.
// Source: kubectl kustomize's Kustomization type (patches, patchesStrategicMerge, patchesJson6902,
// replacements, transformers, configurations).
err_code kustomize_read(str path, struct arena *a, struct kustomize *ret, struct err *e) MUST_USE;
// Is the file at that path, from the kustomization's own directory, one of its patches? No file outside
// of that directory is.
bool kustomize_is_patch(const struct kustomize *k, str path);

#endif
