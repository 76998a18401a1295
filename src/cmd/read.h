// read: the `read` command: objects as the API server would receive them.
#ifndef CMD_READ_H
#define CMD_READ_H

int read_command(int argc, char **argv);

#endif
