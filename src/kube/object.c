#include "kube/object.h"

#include "kube/resources.h"

static str text_of(const struct node *map, struct key k)
{
    str s = node_get_str(map, k);
    return s.p ? s : S("");
}

bool object_view(const struct node *root, struct object *ret)
{
    if (!node_is(root, NODE_MAP))
        return false;
    str api_version = node_get_str(root, KEY("apiVersion")), kind = node_get_str(root, KEY("kind"));
    if (!api_version.n || !kind.n)
        return false;
    const struct node *metadata = node_get(root, KEY("metadata"));
    metadata = node_is(metadata, NODE_MAP) ? metadata : NULL;

    // "apps/v1" is group apps, version v1; without a slash it is a version of the core group
    str group = S(""), version = api_version;
    if (memchr(api_version.p, '/', api_version.n))
        group = str_cut(&version, '/');
    str name = text_of(metadata, KEY("name"));
    *ret = (struct object){
        .root = root,
        .metadata = metadata,
        .api_version = api_version,
        .kind = kind,
        .group = group,
        .version = version,
        .name = name.n ? name : text_of(metadata, KEY("generateName")),
        .ns = text_of(metadata, KEY("namespace")),
    };
    return true;
}

str object_resource(const struct object *o, struct arena *a)
{
    const struct resource *r = resources_find(o->group, o->kind);
    return r ? r->plural : resources_guess(o->kind, a);
}

bool object_is_cluster_scoped(const struct object *o)
{
    const struct resource *r = resources_find(o->group, o->kind);
    return r && r->cluster_scoped;
}
