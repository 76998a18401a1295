#include "sink/sink.h"

sink_format sink_by_name(str name)
{
    if (str_eq(name, S("json")))
        return sink_json;
    if (str_eq(name, S("sarif")))
        return sink_sarif;
    if (str_eq(name, S("junit")))
        return sink_junit;
    return NULL;
}
