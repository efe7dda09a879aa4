package javatime

import (
	"math"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

const (
	millisPerSecond = 1000
	millisPerMinute = 60 * millisPerSecond
	millisPerHour   = 60 * millisPerMinute
	millisPerDay    = 24 * millisPerHour
)

// calendar is an instant in a zone, by java.util.GregorianCalendar: Julian before 1582-10-15, weeks from Sunday to Saturday,
// the first one holding January 1.
type calendar struct {
	days   int64 // since 1970-01-01, local
	time   int64 // milliseconds of the local day
	year   int64 // 0 is 1 BC
	month  int   // 1 to 12
	day    int
	offset int // seconds east of UTC
	millis int64
	zone   *time.Location // nil is UTC
}

func calendarOf(millis int64, zone *time.Location) calendar {
	c := calendar{millis: millis, zone: zone}
	if zone != nil {
		c.offset = offsetAt(zone, millis)
	}
	c.days, c.time = floorDiv(millis, millisPerDay), floorMod(millis, millisPerDay)+int64(c.offset)*millisPerSecond
	c.days, c.time = c.days+floorDiv(c.time, millisPerDay), floorMod(c.time, millisPerDay)
	c.year, c.month, c.day = javatext.DateOf(c.days)
	return c
}

func (c *calendar) era() int {
	if c.year <= 0 {
		return 0
	}
	return 1
}

func (c *calendar) yearOfEra() int64 {
	if c.year <= 0 {
		return 1 - c.year
	}
	return c.year
}

func (c *calendar) dayOfYear() int64 { return c.days - yearStart(c.year) + 1 }

func (c *calendar) monthStart() int64 { return javatext.DaysOf(c.year, int64(c.month), 1) }

func yearStart(year int64) int64 { return javatext.DaysOf(year, 1, 1) }

func (c *calendar) weekOfYear() int64 {
	if next := yearStart(c.year + 1); c.days >= next-weekday(next) {
		return 1
	}
	return weekOf(yearStart(c.year), c.days)
}

// weekYear is the year that most of the numbered week belongs to: the next one when its January 1 is in the week.
func (c *calendar) weekYear() int64 {
	year := c.year + 1
	if c.year < 0 {
		// Java looks for the first Sunday of the year after in the wrong era.
		year = -c.year - 1 + 2
	}
	if next, rest := yearStart(year), yearStart(c.year+1)-c.days; rest <= weekday(next) {
		return c.year + 1
	}
	return c.year
}

// weekOf numbers the week of a day in a period that begins on the day start.
func weekOf(start, day int64) int64 { return (day-start+weekday(start))/7 + 1 }

// weekday is 0 on Sundays.
func weekday(days int64) int64 { return floorMod(days+4, 7) }

// onOrBefore returns the last day, not after the given one, of a day of the week: 1 is Sunday, others count on.
func onOrBefore(days int64, dayOfWeek int32) int64 {
	return days - floorMod(days+4-int64(dayOfWeek-1), 7)
}

const (
	// firstTransition is 1900-01-01: before, Java has no local times, but the offset of today.
	firstTransition = -2208988800 * millisPerSecond
	today           = 2100000000 * millisPerSecond // in 2036
)

// offsetAt returns the offset of a zone, in seconds.
func offsetAt(zone *time.Location, millis int64) int {
	if millis < firstTransition {
		standard, _ := offsets(zone, today)
		return int(standard / millisPerSecond)
	}
	_, offset := time.UnixMilli(clampMillis(millis)).In(zone).Zone()
	return offset
}

// clampMillis keeps an instant in the range in which package time calculates without overflow; offsets do not change beyond.
func clampMillis(millis int64) int64 { return min(max(millis, math.MinInt64/2), math.MaxInt64/2) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
