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

/* "dddd-dd-ddTdd:dd:dd" to the letter. */
static bool is_stamp(const char *s)
{
	static const char form[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

static int number(const char *s, size_t n_digits)
{
	int value = 0;
	while (n_digits--)
		value = 10 * value + (*s++ - '0');
	return value;
}

/* Of the Gregorian calendar, since 1970-01-01. Years begin in March here, so that a leap day is their last. */
static int64_t days_of(int year, int month, int day)
{
	int from_march = (month + 9) % 12;
	int64_t years = year - (month <= 2);
	return 365 * years + years / 4 - years / 100 + years / 400 + (153 * from_march + 2) / 5 + day - 719469;
}

/* Written for the reader of journals: a million events are a million stamps. */
int clock_parse(const char *stamp, int64_t *wall_ms)
{
	int64_t fraction_ms = 0;
	if (!is_stamp(stamp))
		return -1;
	int year = number(stamp, 4), month = number(stamp + 5, 2), day = number(stamp + 8, 2);
	int hour = number(stamp + 11, 2), minute = number(stamp + 14, 2), second = number(stamp + 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
		return -1;
	const char *p = stamp + 19;
	if (*p == '.') {
		int64_t unit = 100;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			fraction_ms += (*p - '0') * unit;
	}
	if (p[0] != 'Z' || p[1] != '\0')
		return -1;
	*wall_ms = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction_ms;
	return 0;
}
