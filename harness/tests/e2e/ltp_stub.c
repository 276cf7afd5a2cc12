/*
 * Stands in for an LTP program: does what its arguments say, in order, and ends as LTP's do.
 *
 *	say TEXT	a line to stdout
 *	complain TEXT	a line to stderr
 *	show NAME	an environment variable's value, as a line to stdout
 *	sleep SECONDS
 *	raise SIGNAL	by number
 *	exit STATUS	LTP: 0 TPASS, 1 TFAIL, 2 TBROK, 4 TWARN, 32 TCONF
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void act(const char *verb, const char *value)
{
	int number = (int)strtol(value, NULL, 10);

	if (strcmp(verb, "say") == 0)
		printf("%s\n", value);
	else if (strcmp(verb, "complain") == 0)
		fprintf(stderr, "%s\n", value);
	else if (strcmp(verb, "show") == 0)
		printf("%s=%s\n", value, getenv(value) ? getenv(value) : "");
	else if (strcmp(verb, "sleep") == 0)
		sleep((unsigned)number);
	else if (strcmp(verb, "raise") == 0)
		raise(number);
	else if (strcmp(verb, "exit") == 0)
		exit(number);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2)
		act(argv[i], argv[i + 1]);
	return 0;
}
