#include "doc/yaml_scalar_priv.h"

#include <math.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "doc/number.h"
#include "doc/write.h"

// 1: a sign or digit: perhaps a number. 2: perhaps a word. 3: a point.
#define DIGIT 1
#define WORD 2
#define POINT 3
const unsigned char doc_yaml_first_bytes[256] = {
    ['0'] = DIGIT, ['1'] = DIGIT, ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT, ['5'] = DIGIT,
    ['6'] = DIGIT, ['7'] = DIGIT, ['8'] = DIGIT, ['9'] = DIGIT, ['+'] = DIGIT, ['-'] = DIGIT,
    ['y'] = WORD,  ['Y'] = WORD,  ['n'] = WORD,  ['N'] = WORD,  ['t'] = WORD,  ['T'] = WORD,
    ['f'] = WORD,  ['F'] = WORD,  ['o'] = WORD,  ['O'] = WORD,  ['~'] = WORD,  ['.'] = POINT,
};

enum yaml_tag doc_yaml_tag_of(const char *tag)
{
    static const struct {
        const char *name;
        enum yaml_tag tag;
    } known[] = {
        {"str", YAML_TAG_STR},     {"bool", YAML_TAG_BOOL},           {"int", YAML_TAG_INT},
        {"float", YAML_TAG_FLOAT}, {"null", YAML_TAG_NULL},           {"timestamp", YAML_TAG_TIMESTAMP},
        {"binary", YAML_TAG_BINARY}, {"merge", YAML_TAG_MERGE},
    };
    static const char prefix[] = "tag:yaml.org,2002:";
    if (!tag || !*tag)
        return YAML_NO_TAG;
    if (strncmp(tag, prefix, sizeof prefix - 1) != 0)
        return YAML_TAG_OTHER;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(tag + sizeof prefix - 1, known[i].name))
            return known[i].tag;
    return YAML_TAG_OTHER;
}

// One of a list of words, each ended by a blank.
static bool is_word(str text, const char *words)
{
    for (const char *w = words; *w; w++) {
        size_t n = 0;
        while (w[n] != ' ')
            n++;
        if (n == text.n && memcmp(w, text.p, n) == 0)
            return true;
        w += n;
    }
    return false;
}

static void resolve_word(str text, struct yaml_scalar *ret)
{
    static const char *const bools[] = {
        "", "y n Y N ", "no on No NO On ON ", "yes off Yes YES Off OFF ", "true True TRUE ",
        "false False FALSE ",
    };
    if (text.n > 5)
        return;
    if (text.n == 0 || (text.n == 1 && *text.p == '~') || (text.n == 4 && is_word(text, "null Null NULL "))) {
        ret->kind = YAML_IS_NULL;
    } else if (is_word(text, bools[text.n])) {
        char c = (char)(text.p[0] | 0x20);
        ret->kind = YAML_IS_BOOL;
        ret->b = c == 't' || c == 'y' || (c == 'o' && (text.p[1] | 0x20) == 'n');
    }
}

static bool resolve_special(str text, struct yaml_scalar *ret)
{
    double special;
    if (text.n < 4 || text.n > 5)
        return false;
    if (is_word(text, ".inf .Inf .INF +.inf +.Inf +.INF "))
        special = (double)INFINITY;
    else if (is_word(text, "-.inf -.Inf -.INF "))
        special = -(double)INFINITY;
    else if (is_word(text, ".nan .NaN .NAN "))
        special = (double)NAN;
    else
        return false;
    ret->kind = YAML_IS_FLOAT;
    ret->d = special;
    return true;
}

enum parsed { NO_NUMBER, TOO_BIG, PARSED };

// Go's strconv.ParseUint for digits of one base.
static enum parsed parse_digits(str s, unsigned base, uint64_t *ret)
{
    uint64_t v = 0;
    bool over = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        unsigned digit = c >= '0' && c <= '9'                   ? (unsigned)(c - '0')
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                                : 99;
        if (digit >= base)
            return NO_NUMBER;
        over = over || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v);
    }
    *ret = v;
    return over ? TOO_BIG : PARSED;
}

// strconv.ParseInt(s, 0, 64), then ParseUint(s, 0, 64). A leading 0 alone means octal.
static enum parsed parse_integer(str s, struct yaml_scalar *ret)
{
    bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+'), negative = sign && s.p[0] == '-';
    s = str_skip(s, sign);
    if (s.n == 0)
        return NO_NUMBER;
    unsigned base = 10;
    if (s.p[0] == '0') {
        char c = s.n >= 3 ? (char)(s.p[1] | 0x20) : 0;
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        s = str_skip(s, c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
    }
    uint64_t v;
    enum parsed parsed = parse_digits(s, base, &v);
    if (parsed != PARSED)
        return parsed;
    if (v <= (uint64_t)INT64_MAX + negative) {
        ret->kind = YAML_IS_INT;
        ret->i = negative ? (int64_t)(0 - v) : (int64_t)v;
        return PARSED;
    }
    if (sign)
        return TOO_BIG; // ParseUint takes no sign
    ret->kind = YAML_IS_UINT;
    ret->u = v;
    return PARSED;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
static bool is_float(str s)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'), whole = 0, part = 0, exponent = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        whole++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            part++;
    if (whole + part == 0)
        return false;
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        i += i < s.n && (s.p[i] == '-' || s.p[i] == '+');
        for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            exponent++;
        if (exponent == 0)
            return false;
    }
    return i == s.n;
}

static bool resolve_float(str text, struct yaml_scalar *ret)
{
    double d;
    if (!is_float(text) || !number_double(text, &d))
        return false;
    ret->kind = YAML_IS_FLOAT;
    ret->d = d;
    return true;
}

// go-yaml's own reading of "0b..." after ParseInt has refused it lets a sign stand behind the prefix.
static bool resolve_signed_binary(str text, struct yaml_scalar *ret)
{
    uint64_t v;
    if (!str_starts(text, S("0b")) || text.n < 4 || (text.p[2] != '+' && text.p[2] != '-'))
        return false;
    bool negative = text.p[2] == '-';
    if (parse_digits(str_skip(text, 3), 2, &v) != PARSED || v > (uint64_t)INT64_MAX + negative)
        return false;
    ret->kind = YAML_IS_INT;
    ret->i = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

// Without its underscores. Where `grouped`, they must stand between digits, as Go wants it of numbers.
static bool drop_underscores(str *text, bool grouped, struct arena *a)
{
    if (!memchr(text->p, '_', text->n))
        return true;
    char *room = arena_alloc(a, text->n, 1, 1);
    size_t n = 0;
    if (!room)
        return false;
    for (size_t i = 0; i < text->n; i++) {
        if (text->p[i] != '_') {
            room[n++] = text->p[i];
            continue;
        }
        char before = i ? text->p[i - 1] : 0, after = i + 1 < text->n ? text->p[i + 1] : 0;
        if (grouped && !(before >= '0' && before <= '9' && after >= '0' && after <= '9'))
            return false;
    }
    *text = (str){room, n};
    return true;
}

// Bytes a number can hold; most of what begins with a digit (addresses, sizes, dates) fails here.
static bool may_be_number(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], l = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (l >= 'a' && l <= 'f') || c == '.' || c == '-' || c == '+' ||
              c == '_' || l == 'x' || l == 'o'))
            return false;
    }
    return true;
}

// What a text without a tag is; YAML_IS_STRING where nothing else.
static void resolve_plain(str text, struct arena *a, struct yaml_scalar *ret)
{
    unsigned char first = text.n ? doc_yaml_first_bytes[(unsigned char)text.p[0]] : WORD;
    if (first == 0)
        return;
    if (first == WORD) {
        resolve_word(text, ret);
        return;
    }
    bool point = text.p[0] == '.' || (text.n > 1 && text.p[1] == '.');
    if ((point && resolve_special(text, ret)) || !may_be_number(text))
        return;
    if (!drop_underscores(&text, first == POINT, a))
        return;
    if (first == POINT) {
        (void)resolve_float(text, ret);
        return;
    }
    if (parse_integer(text, ret) == PARSED || resolve_float(text, ret))
        return;
    (void)resolve_signed_binary(text, ret);
}

// Digits of a date, 1 or 2 unless `wide`, of at most `most`; advances.
static bool take_number(str *s, bool wide, unsigned least, unsigned most, unsigned *ret)
{
    unsigned v = 0, n = 0;
    while (n < (wide ? 4 : 2) && n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (unsigned)(s->p[n++] - '0');
    *s = str_skip(*s, n);
    if (ret)
        *ret = v;
    return n > 0 && (!wide || n == 4) && v >= least && v <= most;
}

static bool take(str *s, char c)
{
    bool is = s->n && s->p[0] == c;
    *s = str_skip(*s, is);
    return is;
}

static bool is_zone(str s)
{
    if (take(&s, 'Z'))
        return s.n == 0;
    if (!take(&s, '+') && !take(&s, '-'))
        return false;
    return s.n == 5 && take_number(&s, false, 0, 24, NULL) && take(&s, ':') && s.n == 2 &&
           take_number(&s, false, 0, 60, NULL) && s.n == 0;
}

// The forms that go-yaml takes for a timestamp: 2006-1-2, "2006-1-2 15:4:5.9", 2006-1-2T15:4:5.9Z.
static bool is_timestamp(str s)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;
    if (!take_number(&s, true, 0, 9999, &year) || !take(&s, '-') ||
        !take_number(&s, false, 1, 12, &month) || !take(&s, '-') || !take_number(&s, false, 1, 31, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > days[month - 1] + (unsigned)(month == 2 && leap))
        return false;
    if (s.n == 0)
        return true;
    bool zone = s.p[0] == 'T' || s.p[0] == 't';
    if (!zone && s.p[0] != ' ')
        return false;
    s = str_skip(s, 1);
    if (!take_number(&s, false, 0, 23, NULL) || !take(&s, ':') || !take_number(&s, false, 0, 59, NULL) ||
        !take(&s, ':') || !take_number(&s, false, 0, 59, NULL))
        return false;
    if (s.n > 1 && (s.p[0] == '.' || s.p[0] == ',') && s.p[1] >= '0' && s.p[1] <= '9')
        do
            s = str_skip(s, 1);
        while (s.n && s.p[0] >= '0' && s.p[0] <= '9');
    return zone ? is_zone(s) : s.n == 0;
}

// Bytes that are no UTF-8 become U+FFFD each, as when Go writes them to JSON.
static bool make_utf8(str in, struct arena *a, str *ret)
{
    size_t bad = 0, n = 0;
    for (size_t i = 0; i < in.n; i += n) {
        n = utf8_len(str_skip(in, i));
        bad += n == 0;
        n += n == 0;
    }
    *ret = in;
    if (bad == 0)
        return true;
    char *room = arena_alloc(a, in.n + 2 * bad, 1, 1), *to = room;
    if (!room)
        return false;
    for (size_t i = 0; i < in.n; i += n) {
        n = utf8_len(str_skip(in, i));
        str part = n ? (str){in.p + i, n} : S("\xEF\xBF\xBD");
        memcpy(to, part.p, part.n);
        to += part.n;
        n += n == 0;
    }
    *ret = (str){room, (size_t)(to - room)};
    return true;
}

const char *doc_yaml_resolve(str text, enum yaml_tag tag, struct arena *a, struct yaml_scalar *ret)
{
    *ret = (struct yaml_scalar){.kind = YAML_IS_STRING, .text = text};
    switch (tag) {
    case YAML_NO_TAG:
        resolve_plain(text, a, ret);
        return NULL;
    case YAML_TAG_STR:
    case YAML_TAG_MERGE:
    case YAML_TAG_OTHER:
        return NULL;
    case YAML_TAG_BINARY: {
        str bytes;
        return base64_decode(text, a, &bytes) && make_utf8(bytes, a, &ret->text) ? NULL : "base64";
    }
    case YAML_TAG_TIMESTAMP: // stays the string it is
        return is_timestamp(text) ? NULL : "a timestamp";
    case YAML_TAG_BOOL:
        resolve_plain(text, a, ret);
        return ret->kind == YAML_IS_BOOL ? NULL : "a boolean";
    case YAML_TAG_INT:
        resolve_plain(text, a, ret);
        return ret->kind == YAML_IS_INT || ret->kind == YAML_IS_UINT ? NULL : "an integer";
    case YAML_TAG_NULL:
        resolve_plain(text, a, ret);
        return ret->kind == YAML_IS_NULL ? NULL : "null";
    case YAML_TAG_FLOAT:
        resolve_plain(text, a, ret);
        if (ret->kind == YAML_IS_INT) {
            ret->kind = YAML_IS_FLOAT;
            ret->d = (double)ret->i;
        }
        return ret->kind == YAML_IS_FLOAT ? NULL : "a float";
    }
    return NULL;
}

// strconv.FormatFloat(d, 'g', -1, 32): go-yaml and sigs.k8s.io/yaml write keys as singles.
static str float_key(double d, struct arena *a)
{
    float f = (float)d;
    if (isnan(f))
        return S(".nan");
    if (isinf(f))
        return f > 0 ? S(".inf") : S("-.inf");
    const char *sign = signbit(f) ? "-" : "";
    struct write_decimal w;
    write_shortest_single(f, &w);
    if (f == 0)
        return *sign ? S("-0") : S("0");
    if (w.exponent < -4 || w.exponent >= 6)
        return arena_printf(a, "%s%c%s%.*se%c%02d", sign, w.digits[0], w.n > 1 ? "." : "", w.n - 1,
                            w.digits + 1, w.exponent < 0 ? '-' : '+', w.exponent < 0 ? -w.exponent : w.exponent);
    if (w.exponent < 0)
        return arena_printf(a, "%s0.%.*s%.*s", sign, -w.exponent - 1, "0000", w.n, w.digits);
    int whole = w.exponent + 1;
    if (w.n <= whole)
        return arena_printf(a, "%s%.*s%.*s", sign, w.n, w.digits, whole - w.n, "00000000000000000000000");
    return arena_printf(a, "%s%.*s.%.*s", sign, whole, w.digits, w.n - whole, w.digits + whole);
}

str doc_yaml_key_text(const struct yaml_scalar *s, struct arena *a)
{
    switch (s->kind) {
    case YAML_IS_STRING:
        return s->text;
    case YAML_IS_BOOL:
        return s->b ? S("true") : S("false");
    case YAML_IS_INT:
        return arena_printf(a, "%lld", (long long)s->i);
    case YAML_IS_FLOAT:
        return float_key(s->d, a);
    case YAML_IS_NULL:
    case YAML_IS_UINT:
        break;
    }
    return (str){NULL, 0};
}
