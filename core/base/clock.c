#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_us(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_mono_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
	return now_us(CLOCK_REALTIME) / 1000;
}

void clock_format(int64_t wall_ms, char out[CLOCK_STAMP_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	char date[24];
	if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(date, sizeof date, "1970-01-01T00:00:00");
	snprintf(out, CLOCK_STAMP_SIZE, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

/* "dddd-dd-ddTdd:dd:dd" to the letter: sscanf alone would take signs and blanks, too. */
static bool is_stamp(const char *s)
{
	static const char form[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

int clock_parse(const char *stamp, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	int used = 0;
	if (!is_stamp(stamp))
		return -1;
	if (sscanf(stamp, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
	           &tm.tm_min, &tm.tm_sec, &used) != 6)
		return -1;
	if (tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 59)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	const char *p = stamp + used;
	int64_t fraction_ms = 0;
	if (*p == '.') {
		int64_t unit = 100;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			fraction_ms += (*p - '0') * unit;
	}
	if (p[0] != 'Z' || p[1] != '\0')
		return -1;
	*wall_ms = (int64_t)timegm(&tm) * 1000 + fraction_ms;
	return 0;
}
