/* Calls that cannot be used safely do not compile. Included by buf.h, which every file includes. */
#ifndef QB_BANNED_H
#define QB_BANNED_H

#define QB_BANNED(fn) use_the_buf_functions_instead_of_##fn

#undef strcpy
#define strcpy(x, y) QB_BANNED(strcpy)
#undef strcat
#define strcat(x, y) QB_BANNED(strcat)
#undef strncpy
#define strncpy(x, y, n) QB_BANNED(strncpy)
#undef strncat
#define strncat(x, y, n) QB_BANNED(strncat)
#undef sprintf
#define sprintf(...) QB_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) QB_BANNED(vsprintf)
#undef strtok
#define strtok(x, y) QB_BANNED(strtok)
#undef gmtime
#define gmtime(t) QB_BANNED(gmtime)
#undef localtime
#define localtime(t) QB_BANNED(localtime)
#undef system
#define system(c) QB_BANNED(system)

#endif
