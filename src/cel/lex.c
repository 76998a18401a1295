// lex: the tokens of a CEL expression (cel-spec langdef.md, "Syntax"; where cel-go's grammar says
// more, cel-go: it is what Kubernetes runs).
#include "cel/lex.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The character at i, or NUL behind the end: no token contains NUL outside a string.
static char at(const struct lexer *l, size_t i)
{
    return i < l->text.n ? l->text.p[i] : '\0';
}

static size_t skip_blank(const struct lexer *l, size_t i)
{
    for (;;) {
        char c = at(l, i);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            i++;
        } else if (c == '/' && at(l, i + 1) == '/') {
            while (i < l->text.n && l->text.p[i] != '\n')
                i++;
        } else {
            return i;
        }
    }
}

static size_t skip_digits(const struct lexer *l, size_t i)
{
    while (is_digit(at(l, i)))
        i++;
    return i;
}

// i stands on a digit, or on a dot before one.
static size_t lex_number(struct lexer *l, size_t i)
{
    l->token = TOKEN_INT;
    if (at(l, i) == '0' && at(l, i + 1) == 'x' && is_hex(at(l, i + 2))) {
        for (i += 2; is_hex(at(l, i)); i++)
            ;
    } else {
        i = skip_digits(l, i);
        if (at(l, i) == '.' && is_digit(at(l, i + 1))) {
            l->token = TOKEN_DOUBLE;
            i = skip_digits(l, i + 1);
        }
        if (at(l, i) == 'e' || at(l, i) == 'E') {
            size_t j = i + 1 + (at(l, i + 1) == '+' || at(l, i + 1) == '-');
            if (is_digit(at(l, j))) {
                l->token = TOKEN_DOUBLE;
                i = skip_digits(l, j);
            }
        }
    }
    if (l->token == TOKEN_INT && (at(l, i) == 'u' || at(l, i) == 'U')) {
        l->token = TOKEN_UINT;
        i++;
    }
    return i;
}

// The end of the string that opens at i, or 0 where it does not close. Escapes are only stepped
// over here; literal.c judges them.
static size_t quoted_end(const struct lexer *l, size_t i, bool raw)
{
    char q = at(l, i);
    size_t quotes = at(l, i + 1) == q && at(l, i + 2) == q ? 3 : 1;
    if (quotes == 3) {
        for (size_t j = i + 3; j < l->text.n; j++) {
            if (!raw && l->text.p[j] == '\\')
                j++;
            else if (l->text.p[j] == q && at(l, j + 1) == q && at(l, j + 2) == q)
                return j + 3;
        }
        return i + 2; // the empty string, and then a third quote: as the longest match has it
    }
    for (size_t j = i + 1; j < l->text.n; j++) {
        char c = l->text.p[j];
        if (c == q)
            return j + 1;
        if (c == '\n' || c == '\r')
            return 0;
        if (!raw && c == '\\' && at(l, ++j) == '\n')
            return 0;
    }
    return 0;
}

// A string or bytes literal at i with its prefix letters, or 0.
static size_t lex_string(struct lexer *l, size_t i)
{
    bool bytes = at(l, i) == 'b' || at(l, i) == 'B';
    if (bytes)
        i++;
    bool raw = at(l, i) == 'r' || at(l, i) == 'R';
    if (raw)
        i++;
    if (at(l, i) != '"' && at(l, i) != '\'')
        return 0;
    l->token = bytes ? TOKEN_BYTES : TOKEN_STRING;
    return quoted_end(l, i, raw);
}

static size_t lex_word(struct lexer *l, size_t i)
{
    size_t from = i;
    while (is_letter(at(l, i)) || is_digit(at(l, i)))
        i++;
    str w = {l->text.p + from, i - from};
    l->token = TOKEN_IDENT;
    if (str_eq(w, S("in")))
        l->token = TOKEN_IN;
    else if (str_eq(w, S("true")))
        l->token = TOKEN_TRUE;
    else if (str_eq(w, S("false")))
        l->token = TOKEN_FALSE;
    else if (str_eq(w, S("null")))
        l->token = TOKEN_NULL;
    return i;
}

static size_t lex_escaped(struct lexer *l, size_t i)
{
    size_t j = i + 1;
    while (is_letter(at(l, j)) || is_digit(at(l, j)) || (at(l, j) && strchr(".-/ ", at(l, j))))
        j++;
    if (j == i + 1 || at(l, j) != '`')
        return 0;
    l->token = TOKEN_ESCAPED;
    return j + 1;
}

// What no token begins with: the whole character, so that a caret covers it and messages stay UTF-8.
static size_t lex_bad(struct lexer *l, size_t i)
{
    l->token = TOKEN_BAD;
    for (i++; i < l->text.n && ((unsigned char)l->text.p[i] & 0xc0) == 0x80; i++)
        ;
    return i;
}

static size_t lex_symbol(struct lexer *l, size_t i)
{
    static const struct {
        char text[3];
        uint8_t token;
    } pairs[] = {{"==", TOKEN_EQ}, {"!=", TOKEN_NE},  {"<=", TOKEN_LE},
                 {">=", TOKEN_GE}, {"&&", TOKEN_AND}, {"||", TOKEN_OR}};
    char c = at(l, i), next = at(l, i + 1);
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        if (c == pairs[k].text[0] && next == pairs[k].text[1]) {
            l->token = pairs[k].token;
            return i + 2;
        }
    }
    if (c && strchr("<>[](){}.,-!?:+*/%", c)) {
        l->token = c;
        return i + 1;
    }
    return lex_bad(l, i);
}

void lex_next(struct lexer *l)
{
    size_t i = skip_blank(l, l->pos), end = i;
    l->start = (uint32_t)i;
    char c = at(l, i);
    if (i >= l->text.n)
        l->token = TOKEN_END;
    else if (is_digit(c) || (c == '.' && is_digit(at(l, i + 1))))
        end = lex_number(l, i);
    else if (is_letter(c) || c == '"' || c == '\'')
        end = lex_string(l, i);
    else if (c == '`')
        end = lex_escaped(l, i);
    else
        end = lex_symbol(l, i);
    if (!end)
        end = is_letter(c) ? lex_word(l, i) : lex_bad(l, i);
    l->pos = l->end = (uint32_t)end;
}

// Bytes of the character that begins at p, or 0 where none does (RFC 3629: no surrogates, nothing
// overlong, nothing past U+10FFFF).
static size_t rune_size(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || need > n)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return need;
}

size_t lex_code_points(str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t count = 0;
    for (size_t i = 0, size; i < text.n; i += size, count++) {
        size = rune_size(p + i, text.n - i);
        if (!size)
            return (size_t)-1;
    }
    return count;
}
