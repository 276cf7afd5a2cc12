/* json-c hashes keys with a seed that is another in each process; which inputs a fuzzer comes to must not hang on that. */
#include <json-c/linkhash.h>

__attribute__((constructor)) static void steady(void)
{
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
}
