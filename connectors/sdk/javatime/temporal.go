package javatime

import "time"

// temporalField is a field of java.time.temporal.ChronoField, as far as patterns have letters for it.
type temporalField uint8

const (
	temporalEra temporalField = iota
	temporalYear
	temporalYearOfEra
	temporalMonth
	temporalDayOfYear
	temporalDayOfWeek // 1 is Monday
	temporalAMPM
	temporalDay // from here in the order of the letters dHkKhms
	temporalHour
	temporalClockHour // 1 to 24
	temporalHourOfAMPM
	temporalClockHourOfAMPM // 1 to 12
	temporalMinute
	temporalSecond
	temporalNano // from here in the order of the letters nNA
	temporalNanoOfDay
	temporalMilliOfDay
	temporalFraction // nanoseconds too, written as a fraction
	temporalOffset
	temporalCount
)

// Temporal is what a text says about a date and time. Parts that it does not name are missing.
type Temporal struct {
	// HasDate says that Days is set: since 1970-01-01.
	HasDate bool
	Days    int64
	// HasTime says that Nanos is set: since midnight. 24:00 is midnight of the next day, which ExcessDay says.
	HasTime   bool
	Nanos     int64
	ExcessDay bool
	// HasOffset says that Offset is set: seconds east of UTC.
	HasOffset bool
	Offset    int
	// Zone is the identifier of a zone, empty when there is none.
	Zone string
}

const (
	nanosPerSecond = 1_000_000_000
	nanosPerMinute = 60 * nanosPerSecond
	nanosPerHour   = 60 * nanosPerMinute
	nanosPerDay    = 24 * nanosPerHour
)

// maxOffset is the largest offset of a ZoneOffset.
const maxOffset = 18 * 3600

// temporals are the values that were read, before they are made a date and a time.
type temporals struct {
	values [temporalCount]int64
	has    [temporalCount]bool
	zone   string
}

// set stores a value. ok is false when the field has another one already.
func (t *temporals) set(f temporalField, v int64) (ok bool) {
	if f == temporalFraction {
		f = temporalNano
	}
	if t.has[f] {
		return t.values[f] == v
	}
	t.values[f], t.has[f] = v, true
	return true
}

// within reports whether a field is missing or in a range.
func (t *temporals) within(f temporalField, least, most int64) bool {
	return !t.has[f] || t.values[f] >= least && t.values[f] <= most
}

// resolve makes a date and a time of the values. ok is false when they contradict each other or are out of range.
func (t *temporals) resolve() (r Temporal, ok bool) {
	if !t.resolveDate(&r) || !t.resolveTime(&r) {
		return Temporal{}, false
	}
	r.HasOffset, r.Offset, r.Zone = t.has[temporalOffset], int(t.values[temporalOffset]), t.zone
	if r.HasDate && r.HasTime && (r.Offset > maxOffset || r.Offset < -maxOffset) { // only now is it used
		return Temporal{}, false
	}
	if r.ExcessDay && r.HasDate { // together they are the next day
		r.Days, r.ExcessDay = r.Days+1, false
	}
	return r, true
}

const maxYear = 999_999_999

func (t *temporals) resolveDate(r *Temporal) bool {
	if !t.resolveYear() {
		return false
	}
	byMonth := t.has[temporalMonth] && t.has[temporalDay]
	if !t.has[temporalYear] || !byMonth && !t.has[temporalDayOfYear] {
		return true // what is there is no date
	}
	if !t.within(temporalYear, -maxYear, maxYear) || !t.within(temporalMonth, 1, 12) || !t.within(temporalDay, 1, 31) || !t.within(temporalDayOfYear, 1, 366) {
		return false
	}
	year := int32(t.values[temporalYear])
	r.HasDate, r.Days = true, gregorianDays(year, 1)+t.values[temporalDayOfYear]-1
	if byMonth {
		month := int32(t.values[temporalMonth])
		day := min(t.values[temporalDay], isoMonthLength(year, month)) // the style SMART
		t.values[temporalDay], r.Days = day, gregorianDays(year, month)+day-1
	}
	date := time.Unix(r.Days*(millisPerDay/millisPerSecond), 0).UTC()
	of := func(f temporalField, v int) bool { return !t.has[f] || t.values[f] == int64(v) }
	return of(temporalYear, date.Year()) && of(temporalMonth, int(date.Month())) && of(temporalDay, date.Day()) && of(temporalDayOfYear, date.YearDay()) &&
		of(temporalDayOfWeek, (int(date.Weekday())+6)%7+1) && (!t.has[temporalEra] || (year > 0) == (t.values[temporalEra] == 1))
}

// resolveYear makes a year of a year of an era, which is AD when there is none.
func (t *temporals) resolveYear() bool {
	if !t.has[temporalYearOfEra] {
		return true
	}
	year := t.values[temporalYearOfEra]
	if year < 1 || year > maxYear+1 {
		return false
	}
	switch {
	case t.has[temporalEra] && t.values[temporalEra] == 0:
		year = 1 - year
	case !t.has[temporalEra] && t.has[temporalYear] && t.values[temporalYear] <= 0:
		year = 1 - year
	}
	return t.set(temporalYear, year)
}

func isoMonthLength(year, month int32) int64 {
	return gregorianDays(year, month+1) - gregorianDays(year, month)
}

func (t *temporals) resolveTime(r *Temporal) bool {
	if !t.resolveHour() || !t.within(temporalMinute, 0, 59) || !t.within(temporalSecond, 0, 59) || !t.within(temporalNano, 0, nanosPerSecond-1) {
		return false
	}
	if t.has[temporalMilliOfDay] {
		if !t.within(temporalMilliOfDay, 0, millisPerDay-1) {
			return false
		}
		const nanosPerMilli = nanosPerSecond / millisPerSecond
		return t.resolveOfDay(r, t.values[temporalMilliOfDay]*nanosPerMilli, nanosPerMilli)
	}
	if t.has[temporalNanoOfDay] {
		return t.within(temporalNanoOfDay, 0, nanosPerDay-1) && t.resolveOfDay(r, t.values[temporalNanoOfDay], 1)
	}
	minute, second, nano := t.has[temporalMinute], t.has[temporalSecond], t.has[temporalNano]
	if t.has[temporalAMPM] && !t.has[temporalHour] && !t.has[temporalHourOfAMPM] && !minute && !second && !nano {
		r.HasTime, r.Nanos = true, (12*t.values[temporalAMPM]+6)*nanosPerHour // the middle of the half day
		return true
	}
	if !t.has[temporalHour] || !minute && (second || nano) || !second && nano {
		return true // what is there is no time
	}
	rest := t.values[temporalMinute]*nanosPerMinute + t.values[temporalSecond]*nanosPerSecond + t.values[temporalNano]
	r.HasTime = true
	if t.values[temporalHour] == 24 {
		r.ExcessDay = true
		return rest == 0
	}
	r.Nanos = t.values[temporalHour]*nanosPerHour + rest
	return (!t.has[temporalAMPM] || r.Nanos/(12*nanosPerHour) == t.values[temporalAMPM]) &&
		(!t.has[temporalHourOfAMPM] || r.Nanos/nanosPerHour%12 == t.values[temporalHourOfAMPM])
}

// resolveOfDay takes the whole time from one number, known to a unit, which the other fields must not contradict.
func (t *temporals) resolveOfDay(r *Temporal, nanos, unit int64) bool {
	of := func(f temporalField, v int64) bool { return !t.has[f] || t.values[f] == v }
	if unit > 1 && t.has[temporalNano] {
		nanos += t.values[temporalNano] % unit
	}
	r.HasTime, r.Nanos = true, nanos
	return of(temporalHour, nanos/nanosPerHour) && of(temporalMinute, nanos/nanosPerMinute%60) && of(temporalSecond, nanos/nanosPerSecond%60) &&
		of(temporalNano, nanos%nanosPerSecond) && of(temporalNanoOfDay, nanos)
}

// resolveHour makes an hour of the day of the hours of other kinds. 24 stays, for midnight.
func (t *temporals) resolveHour() bool {
	if !t.within(temporalClockHour, 0, 24) || !t.within(temporalClockHourOfAMPM, 0, 12) || !t.within(temporalHourOfAMPM, 0, 11) {
		return false
	}
	if t.has[temporalClockHour] && !t.set(temporalHour, t.values[temporalClockHour]%24) {
		return false
	}
	if t.has[temporalClockHourOfAMPM] && !t.set(temporalHourOfAMPM, t.values[temporalClockHourOfAMPM]%12) {
		return false
	}
	if t.has[temporalAMPM] && t.has[temporalHourOfAMPM] && !t.set(temporalHour, 12*t.values[temporalAMPM]+t.values[temporalHourOfAMPM]) {
		return false
	}
	return t.within(temporalHour, 0, 24)
}
