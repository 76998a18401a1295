// command: what every command is: a function of its arguments, argv[0] its own name, that gives the exit status.
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#define COMMAND(id, ...) int id##_command(int argc, char **argv);
#include "cmd/commands.def"
#undef COMMAND

#endif
