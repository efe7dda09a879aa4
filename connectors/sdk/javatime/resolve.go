package javatime

import (
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

const (
	// gregorianStart is 1582-10-15, in days since 1970-01-01.
	gregorianStart = -141427
	gregorianYear  = 1582
	epochYear      = 1970
)

// millis returns the instant that the fields mean: what a lenient GregorianCalendar makes of them. Arithmetic that leaves 64
// bits wraps around, as in Java.
func (f *fields) millis(zone *time.Location) int64 {
	if f.stamps[fieldWeekYear] > f.stamps[fieldYear] {
		dated := *f // what was read stays as it is, for a second look in another century
		dated.setWeekDate()
		f = &dated
	}
	t := f.timeOfDay()
	days := f.days(floorDiv(t, millisPerDay))
	local := days*millisPerDay + floorMod(t, millisPerDay)
	return local - f.offset(local, zone)
}

// offset returns the milliseconds east of UTC; what was read wins over what the zone says.
func (f *fields) offset(local int64, zone *time.Location) int64 {
	var standard, saving int64
	if zone != nil && !(f.has(fieldZoneOffset) && f.has(fieldDSTOffset)) {
		standard, saving = offsetsByWall(zone, local)
	}
	if f.has(fieldZoneOffset) {
		standard = int64(f.values[fieldZoneOffset])
	}
	if f.has(fieldDSTOffset) {
		saving = int64(f.values[fieldDSTOffset])
	}
	return standard + saving
}

// setWeekDate sets the date of week year, week (default 1) and day of the week (default Sunday).
func (f *fields) setWeekDate() {
	week, day := int64(1), int64(1)
	if f.has(fieldWeekOfYear) {
		week = int64(f.values[fieldWeekOfYear])
	}
	if f.has(fieldDayOfWeek) {
		day = int64(f.values[fieldDayOfWeek])
	}
	if day < 1 || day > 7 { // it was never turned from Monday first to Sunday first
		if day >= 8 {
			day--
			week, day = week+day/7, day%7+1
		} else {
			week, day = week+floorDiv(day-1, 7), floorMod(day-1, 7)+1
		}
		day = day%7 + 1
	}
	var first fields
	if year, _, _ := javatext.DateOf(wrapDays(f.days(floorDiv(f.timeOfDay(), millisPerDay)))); year <= 0 {
		first.set(fieldEra, 0) // the era of the other fields counts
	}
	first.set(fieldYear, f.values[fieldWeekYear])
	first.set(fieldWeekOfYear, 1)
	first.set(fieldDayOfWeek, 1)
	year, month, dayOfMonth := javatext.DateOf(wrapDays(first.days(0)) + day - 1 + 7*(week-1))
	if year <= 0 {
		f.set(fieldEra, 0)
		f.set(fieldYear, int32(1-year))
	} else {
		f.set(fieldEra, 1)
		f.set(fieldYear, int32(year))
	}
	f.set(fieldMonth, int32(month-1))
	f.set(fieldDayOfMonth, int32(dayOfMonth))
}

// wrapDays returns the days of an instant that Java holds in milliseconds meanwhile.
func wrapDays(days int64) int64 { return floorDiv(days*millisPerDay, millisPerDay) }

// days returns the date, in days since 1970-01-01, with extra days from a time beyond midnight.
func (f *fields) days(extra int64) int64 {
	year := int32(epochYear)
	if f.has(fieldYear) {
		year = f.values[fieldYear]
	}
	if f.has(fieldEra) && f.values[fieldEra] == 0 {
		year = 1 - year
	}
	by := f.rule()
	if year < gregorianYear {
		return extra + f.day(by, year, julianDays)
	}
	gregorian := extra + f.day(by, year, gregorianDays)
	if gregorian >= gregorianStart && (year > gregorianYear || by < byDayOfYear) {
		return gregorian
	}
	return extra + f.day(by, year, julianDays)
}

// day returns the day of a year that the fields name, in a calendar given by the first day of a month.
func (f *fields) day(by rule, year int32, firstOf func(year int32, month int32) int64) int64 {
	if by >= byDayOfYear {
		return f.dayOfYear(by, firstOf(year, 1))
	}
	month := f.values[fieldMonth]
	year, month = year+int32(floorDiv(int64(month), 12)), int32(floorMod(int64(month), 12))
	first := firstOf(year, month+1)
	switch by {
	case byDayOfMonth:
		if f.has(fieldDayOfMonth) {
			first += int64(f.values[fieldDayOfMonth]) - 1
		}
		return first
	case byWeekOfMonth:
		return f.inWeek(first, 7*(f.values[fieldWeekOfMonth]-1))
	}
	dayOfWeek, nth := int32(1), int32(1)
	if f.has(fieldDayOfWeek) {
		dayOfWeek = f.values[fieldDayOfWeek]
	}
	if f.has(fieldDayOfWeekInMonth) {
		nth = f.values[fieldDayOfWeekInMonth]
	}
	if nth < 0 { // from the end of the month
		return onOrBefore(first+int64(monthLength(year, month)+7*(nth+1))-1, dayOfWeek)
	}
	return onOrBefore(first+int64(7*nth)-1, dayOfWeek)
}

func (f *fields) dayOfYear(by rule, first int64) int64 {
	if by == byDayOfYear {
		return first + int64(f.values[fieldDayOfYear]) - 1
	}
	sunday := onOrBefore(first, 1)
	if f.has(fieldDayOfWeek) {
		sunday = onOrBefore(sunday+6, f.values[fieldDayOfWeek])
	}
	return sunday + 7*(int64(f.values[fieldWeekOfYear])-1)
}

// inWeek returns the day of the week, or its Sunday, of the week that holds the first day, and so many days later.
func (f *fields) inWeek(first int64, later int32) int64 {
	day := onOrBefore(first, 1)
	if f.has(fieldDayOfWeek) {
		day = onOrBefore(day+6, f.values[fieldDayOfWeek])
	}
	return day + int64(later)
}

// monthLength takes a month from 0. All years before 1583 that divide by four are leap years here, 1582 itself is none.
func monthLength(year, month int32) int32 {
	const lengths = "\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"
	if month == 1 && year%4 == 0 && (year <= gregorianYear || year%100 != 0 || year%400 == 0) {
		return 29
	}
	return int32(lengths[month])
}

// gregorianDays returns the first day of a month, from 1, in the proleptic Gregorian calendar, in days since 1970-01-01.
func gregorianDays(year, month int32) int64 {
	y, day := marchYear(year, month)
	return 365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + day - 719468
}

// julianDays is gregorianDays in the Julian calendar.
func julianDays(year, month int32) int64 {
	y, day := marchYear(year, month)
	return 365*y + floorDiv(y, 4) + day - 719470
}

// marchYear returns the year that began last March and the first day of the month in it, from 0: the months since March have
// 153 days in every five.
func marchYear(year, month int32) (y, day int64) {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	return y, (153*(m-3) + 2) / 5
}
