// scan: `casemate scan PATH... | -`.
#ifndef CMD_SCAN_H
#define CMD_SCAN_H

int scan_command(int argc, char **argv);

#endif
