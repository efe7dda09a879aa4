package javatext

import "strconv"

// gregorianStart is 1582-10-15, the first day of the Gregorian calendar as java.util.GregorianCalendar has it, in days
// since 1970-01-01. Earlier days are counted by the Julian calendar.
const gregorianStart = -141427

const (
	millisPerSecond = 1000
	millisPerMinute = 60 * millisPerSecond
	millisPerHour   = 60 * millisPerMinute
	millisPerDay    = 24 * millisPerHour
)

// DaysOf returns the days since 1970-01-01 of a date as a lenient java.util.GregorianCalendar counts them: months and days
// out of range roll over, and dates before 1582-10-15 are Julian. Year 0 is 1 BC.
func DaysOf(year, month, day int64) int64 {
	y, m := year+floorDiv(month-1, 12), floorMod(month-1, 12)+1
	if year >= 1582 {
		if days := gregorianDays(y, m, 1) + day - 1; days >= gregorianStart {
			return days
		}
	}
	return julianDays(y, m, 1) + day - 1
}

// DateOf is the reverse of DaysOf. A year below 1 is 1-year BC.
func DateOf(days int64) (year int64, month, day int) {
	// Both calendars are simple when the year begins in March: then the leap day is its last, and the months since then
	// have 153 days in every five.
	var century, rest int64
	if days >= gregorianStart {
		z := days + 719468 // since 0000-03-01
		century = floorDiv(z, 146097)
		doe := z - century*146097
		yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
		year = yoe + century*400
		rest = doe - (365*yoe + yoe/4 - yoe/100)
	} else {
		z := days + 719470 // since 0000-03-01 of the Julian calendar, two days earlier
		cycle := floorDiv(z, 1461)
		doe := z - cycle*1461
		yoe := (doe - doe/1460) / 365
		year = yoe + cycle*4
		rest = doe - 365*yoe
	}
	mp := (5*rest + 2) / 153
	day = int(rest - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

func gregorianDays(y, m, d int64) int64 {
	y, doy := marchYear(y, m, d)
	century := floorDiv(y, 400)
	yoe := y - century*400
	return century*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

func julianDays(y, m, d int64) int64 {
	y, doy := marchYear(y, m, d)
	cycle := floorDiv(y, 4)
	return cycle*1461 + (y-cycle*4)*365 + doy - 719470
}

// marchYear returns the year that began last March and the day in it, from 0.
func marchYear(y, m, d int64) (year, day int64) {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return y, (153*(m-3)+2)/5 + d - 1
}

// AppendISODate appends what SimpleDateFormat prints for the pattern yyyy-MM-dd in UTC.
func AppendISODate(dst []byte, millis int64) []byte {
	year, month, day := DateOf(floorDiv(millis, millisPerDay))
	dst = append(appendPadded(dst, yearOfEra(year), 4), '-')
	dst = append(appendPadded(dst, int64(month), 2), '-')
	return appendPadded(dst, int64(day), 2)
}

// AppendISOTime appends what SimpleDateFormat prints for the pattern HH:mm:ss.SSS'Z' in UTC.
func AppendISOTime(dst []byte, millis int64) []byte {
	ms := floorMod(millis, millisPerDay)
	dst = append(appendClock(dst, ms), '.')
	return append(appendPadded(dst, ms%millisPerSecond, 3), 'Z')
}

// AppendISOTimestamp appends what SimpleDateFormat prints for the pattern yyyy-MM-dd'T'HH:mm:ss.SSS'Z' in UTC.
func AppendISOTimestamp(dst []byte, millis int64) []byte {
	return AppendISOTime(append(AppendISODate(dst, millis), 'T'), millis)
}

// AppendDate appends java.util.Date.toString in UTC: "Thu Jan 01 00:00:00 UTC 1970".
func AppendDate(dst []byte, millis int64) []byte {
	const days, months = "ThuFriSatSunMonTueWed", "JanFebMarAprMayJunJulAugSepOctNovDec"
	day := floorDiv(millis, millisPerDay)
	year, month, dayOfMonth := DateOf(day)
	weekday := floorMod(day, 7)
	dst = append(append(dst, days[3*weekday:3*weekday+3]...), ' ')
	dst = append(append(dst, months[3*month-3:3*month]...), ' ')
	dst = append(appendPadded(dst, int64(dayOfMonth), 2), ' ')
	dst = append(appendClock(dst, floorMod(millis, millisPerDay)), " UTC "...)
	return strconv.AppendInt(dst, yearOfEra(year), 10)
}

func appendClock(dst []byte, ms int64) []byte {
	dst = append(appendPadded(dst, ms/millisPerHour, 2), ':')
	dst = append(appendPadded(dst, ms/millisPerMinute%60, 2), ':')
	return appendPadded(dst, ms/millisPerSecond%60, 2)
}

func yearOfEra(year int64) int64 {
	if year <= 0 {
		return 1 - year
	}
	return year
}

func appendPadded(dst []byte, n int64, width int) []byte {
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], n, 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
