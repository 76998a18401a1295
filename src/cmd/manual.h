// manual: the manual page, casemate(1), in roff (man(7)), from commands.def and options.def.
#ifndef CMD_MANUAL_H
#define CMD_MANUAL_H

#include "base/buf.h"

void manual_put(struct buf *b);

#endif
