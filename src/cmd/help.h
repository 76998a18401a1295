// help: what `casemate help`, `--help` and man(1) show, from commands.def and options.def.
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "base/buf.h"
#include "base/err.h"
#include "cmd/args.h"

// A command's help on standard output. ERR_IO.
err_code help_print(enum args_command command, struct err *e) MUST_USE;
// "list, diff: ", where only some subcommands take the option; else nothing.
void help_put_subcommands(struct buf *b, const struct args_option_row *o);
// The list of commands, on file descriptor 1 or 2; gives the exit status of having printed it.
int help_overview(int fd);

#endif
