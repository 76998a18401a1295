// lex: the tokens of a CEL expression. Borrows the text; allocates nothing.
#ifndef CEL_LEX_H
#define CEL_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum token {
    TOKEN_END,
    TOKEN_BAD, // no token begins with what stands there
    TOKEN_IDENT,
    TOKEN_ESCAPED, // `quoted field`
    TOKEN_INT,
    TOKEN_UINT,
    TOKEN_DOUBLE,
    TOKEN_STRING,
    TOKEN_BYTES,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    TOKEN_IN,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LE,
    TOKEN_GE,
    TOKEN_AND,
    TOKEN_OR,
    // One character each; the rest of the enumerators are those characters.
    TOKEN_FIRST_CHAR = '!',
};

struct lexer {
    str text; // valid UTF-8
    uint32_t pos;
    uint32_t start, end; // of the token
    int token;           // enum token, or a character of "<>[](){}.,-!?:+*/%"
};

void lex_next(struct lexer *l);
static inline str lex_text(const struct lexer *l)
{
    return (str){l->text.p + l->start, l->end - l->start};
}

// Code points of a text; SIZE_MAX where it is not valid UTF-8.
size_t lex_code_points(str text);

#endif
