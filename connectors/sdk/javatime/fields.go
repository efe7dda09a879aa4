package javatime

// field is a field of java.util.Calendar.
type field uint8

const (
	fieldEra field = iota
	fieldYear
	fieldMonth // from 0
	fieldWeekOfYear
	fieldWeekOfMonth
	fieldDayOfMonth
	fieldDayOfYear
	fieldDayOfWeek // 1 is Sunday
	fieldDayOfWeekInMonth
	fieldAMPM
	fieldHour
	fieldHourOfDay
	fieldMinute
	fieldSecond
	fieldMillis
	fieldZoneOffset // milliseconds
	fieldDSTOffset
	fieldWeekYear
	fieldCount
)

// fields is what was read of a date. Later fields win over earlier ones that contradict them, so each has a stamp: when it
// was set, 0 for never. Values are 32-bit integers and wrap around as in Java.
type fields struct {
	values [fieldCount]int32
	stamps [fieldCount]int
	last   int
}

func (f *fields) set(x field, v int32) {
	f.last++
	f.values[x], f.stamps[x] = v, f.last
}

func (f *fields) clear(x field) { f.values[x], f.stamps[x] = 0, 0 }

func (f *fields) has(x field) bool { return f.stamps[x] > 0 }

// setISODayOfWeek sets a day of the week of which 1 is Monday. Others than 1 to 7 are kept as they are.
func (f *fields) setISODayOfWeek(v int32) {
	switch {
	case v == 7:
		v = 1
	case v >= 1 && v < 7:
		v++
	}
	f.set(fieldDayOfWeek, v)
}

// both returns the later stamp of a field and the day of the week, 0 when one is missing: only together do they name a day.
func (f *fields) both(x, y field) int {
	if !f.has(x) || !f.has(y) {
		return 0
	}
	return max(f.stamps[x], f.stamps[y])
}

// rule is the group of fields that says which day it is.
type rule uint8

const (
	byDayOfMonth rule = iota
	byWeekOfMonth
	byDayOfWeekInMonth
	byDayOfYear
	byWeekOfYear
)

// rule chooses the group that was set last. A group with a week counts only with a day of the week; if there is no whole
// group, the fields of a week count alone, and a day of the week alone is the first one of the month.
func (f *fields) rule() rule {
	dom, doy := f.stamps[fieldDayOfMonth], f.stamps[fieldDayOfYear]
	wom, dowim, woy := f.both(fieldWeekOfMonth, fieldDayOfWeek), f.both(fieldDayOfWeekInMonth, fieldDayOfWeek), f.both(fieldWeekOfYear, fieldDayOfWeek)
	best := max(dom, wom, dowim, doy, woy)
	if best == 0 {
		wom, woy = f.stamps[fieldWeekOfMonth], f.stamps[fieldWeekOfYear]
		dowim = max(f.stamps[fieldDayOfWeekInMonth], f.stamps[fieldDayOfWeek])
		best = max(wom, dowim, woy)
		if best == 0 {
			return byDayOfMonth
		}
	}
	week := f.stamps[fieldWeekOfYear]
	switch {
	case best == dom:
		return byDayOfMonth
	case best == wom && f.stamps[fieldWeekOfMonth] >= week, best == dowim && f.stamps[fieldDayOfWeekInMonth] >= week:
		weekOfMonth := best == wom
		if wom == dowim {
			weekOfMonth = f.stamps[fieldWeekOfMonth] >= f.stamps[fieldDayOfWeekInMonth]
		}
		if weekOfMonth {
			return byWeekOfMonth
		}
		return byDayOfWeekInMonth
	case best == doy:
		return byDayOfYear
	}
	return byWeekOfYear
}

// timeOfDay returns the milliseconds since midnight: by hour of the day, or by hour and half day if these were set later.
func (f *fields) timeOfDay() int64 {
	hour, half := f.both(fieldHour, fieldAMPM), f.stamps[fieldHourOfDay]
	best := max(hour, half)
	if best == 0 {
		best = max(f.stamps[fieldHour], f.stamps[fieldAMPM])
	}
	var t int64
	switch {
	case best == 0:
	case best == f.stamps[fieldHourOfDay]:
		t = int64(f.values[fieldHourOfDay])
	default:
		t = int64(f.values[fieldHour]) + 12*int64(f.values[fieldAMPM])
	}
	t = (t*60+int64(f.values[fieldMinute]))*60 + int64(f.values[fieldSecond])
	return t*millisPerSecond + int64(f.values[fieldMillis])
}
