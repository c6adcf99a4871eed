/*
 * Runs a fuzz target without a fuzzing engine: each file of the corpus folders in argv as it is, cut at every
 * length (up to 2,000 bytes), and with mutations from a fixed seed. `make check` runs it; with clang,
 * -fsanitize=fuzzer takes its place (the targets define LLVMFuzzerTestOneInput).
 *
 * usage: fuzz_NAME [FOLDER-OR-FILE...]; without one, the folder FUZZ_CORPUS that the target was built with
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUTS_MAX 4096

static size_t n_runs;
static struct input {
	uint8_t *data;
	size_t size;
} inputs[INPUTS_MAX];
static size_t n_inputs;

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A copy of the exact size, so that a read past the end is seen by the sanitizers. */
static void run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		exit(1);
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	n_runs++;
}

static void mutate(uint8_t *data, size_t size, uint32_t *random)
{
	static const char tokens[] = "{}[]\"':,\\\n\r\t<>=*/-#&!|\x00\xff\x80\xe2";
	for (size_t i = 0; size && i < 1 + size / 64; i++) {
		size_t at = next_random(random) % size;
		if (next_random(random) & 1)
			data[at] = (uint8_t)tokens[next_random(random) % (sizeof tokens - 1)];
		else
			data[at] = (uint8_t)next_random(random);
	}
}

static void run_input(const uint8_t *data, size_t size)
{
	uint32_t random = 2463534242u;
	run_copy(data, size);
	for (size_t n = 0; n < size && n < 2000; n++)
		run_copy(data, n);
	uint8_t *work = malloc(size ? size : 1);
	if (!work)
		exit(1);
	for (int i = 0; i < 200 && size; i++) {
		memcpy(work, data, size);
		mutate(work, size, &random);
		run_copy(work, size);
	}
	free(work);
}

static void keep_input(const uint8_t *data, size_t size)
{
	if (n_inputs == INPUTS_MAX)
		return;
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		exit(1);
	if (size)
		memcpy(copy, data, size);
	inputs[n_inputs++] = (struct input){ copy, size };
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "cannot open %s\n", path);
		exit(1);
	}
	static uint8_t data[4 << 20];
	size_t n = fread(data, 1, sizeof data, file);
	fclose(file);
	run_input(data, n);
	keep_input(data, n);
}

/* FUZZ_SECONDS=N: the inputs of the corpus are mutated on and on, each change on top of the last ones; what is new in
 * each turn comes from the turn's own seed. */
static void run_on(void)
{
	const char *seconds = getenv("FUZZ_SECONDS");
	time_t end = time(NULL) + (seconds ? atol(seconds) : 0);
	for (uint32_t turn = 1; n_inputs && time(NULL) < end; turn++) {
		uint32_t random = turn * 2654435761u;
		const struct input *input = &inputs[next_random(&random) % n_inputs];
		uint8_t *work = malloc(input->size ? input->size : 1);
		if (!work)
			exit(1);
		if (input->size)
			memcpy(work, input->data, input->size);
		for (int n = 0; n < 64; n++) {
			mutate(work, input->size, &random);
			run_copy(work, input->size ? input->size - next_random(&random) % (n % 4 ? 1 : input->size) : 0);
		}
		free(work);
	}
}

static void run_path(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		fprintf(stderr, "no corpus at %s\n", path);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	DIR *dir = opendir(path);
	struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		char child[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
		run_path(child);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	run_copy((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
#ifdef FUZZ_CORPUS
	if (argc == 1)
		run_path(FUZZ_CORPUS);
#endif
	run_on();
	printf("%zu runs\n", n_runs);
	return n_runs > 1 ? 0 : 1;
}
