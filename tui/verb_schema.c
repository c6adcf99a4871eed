/* The plan format as JSON Schema, for editors. */
#include "plan/schema_json.h"
#include "tui/json_lines.h"
#include "tui/verb.h"

/* The schema is one object: with --json it is the first line, and the result the second. */
int verb_schema(const struct cli *cli)
{
	struct buf text = { 0 };
	verb_signals_default();
	plan_schema_write(&text);
	verb_print("%s", buf_str(&text));
	buf_release(&text);
	if (cli_has(cli, CLI_JSON)) {
		struct json_lines lines = { 0 };
		json_lines_result(&lines, EXIT_DONE);
	}
	return EXIT_DONE;
}
