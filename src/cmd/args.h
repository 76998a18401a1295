// args: the command line, from the tables commands.def and options.def: parsing, help, the manual page.
#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum args_command {
#define COMMAND(id, ...) ARGS_##id,
#include "cmd/commands.def"
#undef COMMAND
    ARGS_COMMANDS
};

// ARG_scan_FORMAT...
enum args_id {
    ARG_HELP,
#define OPTION(command, id, ...) ARG_##command##_##id,
#include "cmd/options.def"
#undef OPTION
};

struct args_command_row {
    const char *name, *what, *subcommands, *usage, *description, *status;
    int (*run)(int argc, char **argv);
};
extern const struct args_command_row args_commands[ARGS_COMMANDS];

struct args_option_row {
    enum args_command command;
    enum args_id id;
    int letter;
    const char *name, *value, *words, *what;
    const char *subcommands; // that take it; NULL: all
};
extern const struct args_option_row args_options[];
extern const unsigned args_options_n;

// A command line whose options have been taken: what is left.
struct args {
    char **rest; // ends with NULL
    unsigned n;
    bool help; // was asked for and has been printed: there is nothing else to do
    uint64_t given; // bits over args_options
};
// The command of that name; ERR_USAGE, with the one that was perhaps meant.
err_code args_find(const char *name, enum args_command *ret, struct err *e) MUST_USE;

// Calls set(ctx, id, value) for each option in order; value is NULL for one that takes none. ERR_USAGE with a sentence that
// names the option, and the one that was perhaps meant.
err_code args_parse(enum args_command command, int argc, char **argv,
                    err_code (*set)(void *ctx, enum args_id id, const char *value, struct err *e),
                    void *ctx, struct args *ret, struct err *e) MUST_USE;

// The `set` of a command without options.
err_code args_none(void *ctx, enum args_id id, const char *value, struct err *e) MUST_USE;

// ERR_USAGE where the first word that is left is no subcommand of the command, or one that does not take an option that was given.
err_code args_subcommand(enum args_command command, const struct args *a, struct err *e) MUST_USE;

// Prints why a command failed, and gives its exit status. A closed pipe is told nothing: its reader has seen enough.
int args_fail(err_code rc, const struct err *e);

// The entry of `words` ("a b c") nearest to what was typed, or NULL where none is near. Not NUL-ended: *ret_n bytes.
const char *args_nearest(const char *words, str typed, unsigned *ret_n);

#endif
