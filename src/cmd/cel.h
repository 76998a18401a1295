// cel: `casemate cel EXPR [-f OBJECT]` and `casemate cel --lines`.
#ifndef CMD_CEL_H
#define CMD_CEL_H

int cel_command(int argc, char **argv);

#endif
