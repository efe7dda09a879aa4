package javatime

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a function's machine need not have the database
)

// zoneText lists zones by their names: long and short, of standard and of daylight saving time, the minutes that the zone saves
// today, and the zones' identifiers. Java tries names in this order, and the first identifier is the one it takes.
//
//go:embed zones.txt
var zoneText string

// zoneNames is one line of zones.txt.
type zoneNames struct {
	names  [4]string
	saving int32 // milliseconds
	// location loads the first zone of the line.
	location func() *time.Location
}

// zones is zones.txt, parsed.
//
//nolint:gochecknoglobals // a constant table
var zones = sync.OnceValue(func() []*zoneNames {
	var table []*zoneNames
	for line := range strings.Lines(zoneText) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		id, _, _ := strings.Cut(parts[5], " ")
		minutes, _ := strconv.ParseInt(parts[4], 10, 32) // a test reads the whole file
		table = append(table, &zoneNames{
			names: [4]string(parts), saving: int32(minutes) * millisPerMinute,
			location: sync.OnceValue(func() *time.Location { zone, _ := Zone(id); return zone }), // a test loads all of them
		})
	}
	return table
})

// zonesByID finds the names of a zone.
//
//nolint:gochecknoglobals // a constant table
var zonesByID = sync.OnceValue(func() map[string]*zoneNames {
	byID := make(map[string]*zoneNames)
	line := 0
	for text := range strings.Lines(zoneText) {
		ids := text[strings.LastIndexByte(text, '|')+1:]
		for id := range strings.FieldsSeq(ids) {
			byID[id] = zones()[line]
		}
		line++
	}
	return byID
})

// Zone returns the zone of an identifier as java.util.TimeZone understands it: a name of the database, or GMT with an offset
// as in GMT+5:30. Java takes anything else for GMT; here ok is false.
func Zone(id string) (zone *time.Location, ok bool) {
	if id == "GMT" {
		return time.UTC, true
	}
	if offset, found := strings.CutPrefix(id, "GMT"); found && offset[0] != '0' {
		seconds, ok := customOffset(offset)
		if !ok {
			return nil, false
		}
		return fixedZone(seconds), true
	}
	if west, found := strings.CutPrefix(id, "SystemV/"); found && len(west) > 3 {
		hours, err := strconv.Atoi(west[3:])
		return time.FixedZone(id, -hours*3600), err == nil // those with daylight saving time are not known
	}
	if id == "" || id == "Local" {
		return nil, false
	}
	if i := strings.Index(shortIDs, id+"="); len(id) == 3 && i >= 0 {
		id, _, _ = strings.Cut(shortIDs[i+len("XXX="):], " ")
	}
	zone, err := time.LoadLocation(id)
	return zone, err == nil
}

// shortIDs are zones that only Java knows, from before it had the database. Those for which the database has the same name,
// EST, MST and HST, have no daylight saving time in either.
//
//nolint:misspell // ECT is one of them
const shortIDs = "ACT=Australia/Darwin AET=Australia/Sydney AGT=America/Argentina/Buenos_Aires ART=Africa/Cairo AST=America/Anchorage " +
	"BET=America/Sao_Paulo BST=Asia/Dhaka CAT=Africa/Harare CNT=America/St_Johns CST=America/Chicago CTT=Asia/Shanghai " +
	"EAT=Africa/Addis_Ababa ECT=Europe/Paris IET=America/Indiana/Indianapolis IST=Asia/Kolkata JST=Asia/Tokyo MIT=Pacific/Apia " +
	"NET=Asia/Yerevan NST=Pacific/Auckland PLT=Asia/Karachi PNT=America/Phoenix PRT=America/Puerto_Rico PST=America/Los_Angeles " +
	"SST=Pacific/Guadalcanal VST=Asia/Ho_Chi_Minh "

// customOffset reads +h, +hh, +hmm, +hhmm, +h:mm or +hh:mm, to at most 23:59.
func customOffset(s string) (seconds int, ok bool) {
	digits, minutes, colon := s[1:], "0", false
	switch i := strings.IndexByte(digits, ':'); {
	case i >= 0:
		digits, minutes, colon = digits[:i], digits[i+1:], true
	case len(digits) > 2:
		digits, minutes = digits[:len(digits)-2], digits[len(digits)-2:]
	}
	if len(digits) == 0 || len(digits) > 2 || colon && len(minutes) != 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	h, errHours := strconv.ParseUint(digits, 10, 8)
	m, errMinutes := strconv.ParseUint(minutes, 10, 8)
	if errHours != nil || errMinutes != nil || h > 23 || m > 59 {
		return 0, false
	}
	seconds = int(h)*3600 + int(m)*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

func fixedZone(seconds int) *time.Location {
	return time.FixedZone(string(appendGMT(nil, seconds)), seconds)
}

// appendGMT appends the name that Java gives an offset: GMT+05:30.
func appendGMT(dst []byte, seconds int) []byte {
	minutes, sign := seconds/60, byte('+')
	if minutes < 0 {
		minutes, sign = -minutes, '-'
	}
	dst = appendPadded(append(append(dst, "GMT"...), sign), int64(minutes/60), 2)
	return appendPadded(append(dst, ':'), int64(minutes%60), 2)
}

func (c *calendar) appendZoneName(dst []byte, long bool) []byte {
	at := 1
	if long {
		at = 0
	}
	if c.zone == nil {
		return append(dst, [...]string{"Coordinated Universal Time", "UTC"}[at]...)
	}
	names, ok := zonesByID()[c.zone.String()]
	if !ok {
		return appendGMT(dst, c.offset)
	}
	if _, saving := offsets(c.zone, c.millis); saving != 0 {
		at += 2
	}
	return append(dst, names.names[at]...)
}

// negativeDST are the zones whose winter time is called daylight saving time by the database. To Java their summer time is it.
const negativeDST = "Africa/Casablanca Africa/El_Aaiun Africa/Windhoek Eire Europe/Bratislava Europe/Dublin Europe/Prague"

// offsets returns the standard offset of a zone at an instant and what it saves, in milliseconds. Package time knows the sum,
// and whether it is daylight saving time; the standard offset is then that of the time before or after.
func offsets(zone *time.Location, millis int64) (standard, saving int64) {
	t := time.UnixMilli(clampMillis(millis)).In(zone)
	if millis < firstTransition {
		t = time.UnixMilli(today).In(zone)
	}
	_, total := t.Zone()
	usual := total
	if t.IsDST() || strings.Contains(negativeDST, zone.String()) {
		start, end := t.ZoneBounds()
		usual = otherOffset(t, start.Add(-time.Second), otherOffset(t, end, total))
	}
	if millis < firstTransition {
		return int64(usual) * millisPerSecond, 0
	}
	return int64(usual) * millisPerSecond, int64(total-usual) * millisPerSecond
}

// otherOffset returns the smaller offset of t and its neighbour when one of them is daylight saving time and the other is not.
func otherOffset(t, neighbour time.Time, otherwise int) int {
	_, total := t.Zone()
	_, other := neighbour.Zone()
	if neighbour.IsZero() || other == total || neighbour.IsDST() == t.IsDST() {
		return otherwise
	}
	return min(total, other)
}

// offsetsByWall returns the offsets at a local time. Of two instants with that time it means the later, which is in standard
// time; a time that was skipped counts from before the gap.
func offsetsByWall(zone *time.Location, local int64) (standard, saving int64) {
	before := int64(offsetAt(zone, local-millisPerDay)) * millisPerSecond
	after := int64(offsetAt(zone, local+millisPerDay)) * millisPerSecond
	if at := local - after; before == after || int64(offsetAt(zone, at))*millisPerSecond == after {
		return offsets(zone, at)
	}
	if at := local - before; int64(offsetAt(zone, at))*millisPerSecond == before {
		return offsets(zone, at)
	}
	return offsets(zone, local-millisPerDay)
}
