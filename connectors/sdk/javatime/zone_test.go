package javatime

import (
	"strings"
	"testing"
)

func TestEveryLineOfZonesIsComplete(t *testing.T) {
	if n := len(zones()); n < 150 {
		t.Fatalf("there are %d lines", n)
	}
	for line := range strings.Lines(zoneText) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if len(parts) != 6 || strings.Trim(parts[4], "0123456789") != "" || parts[4] == "" {
			t.Errorf("line %q", line)
		}
	}
	for _, z := range zones() {
		if z.location() == nil {
			t.Errorf("the first zone of %q is not in the database", z.names)
		}
	}
}

func TestZonesAreFoundAsJavaFindsThem(t *testing.T) {
	for id, want := range map[string]string{
		"UTC": "UTC", "GMT": "UTC", "Europe/Berlin": "Europe/Berlin", "PST": "America/Los_Angeles", "IST": "Asia/Kolkata", "EST": "EST",
		"GMT+5:30": "GMT+05:30", "GMT-0330": "GMT-03:30", "GMT+1": "GMT+01:00", "GMT+12": "GMT+12:00", "GMT+123": "GMT+01:23", "SystemV/PST8": "SystemV/PST8",
		"GMT+24": "", "GMT+1:5": "", "GMT+1:60": "", "GMT5": "", "GMT+": "", "": "", "Local": "", "Nowhere": "", "SystemV/PST8PDT": "", "../etc": "",
	} {
		zone, ok := Zone(id)
		if ok != (want != "") || ok && zone.String() != want {
			t.Errorf("%s: got %v, %t, want %q", id, zone, ok, want)
		}
	}
}
