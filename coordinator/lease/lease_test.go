package lease_test

import (
	"testing"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/leasetest"
)

func TestMemory(t *testing.T) {
	leasetest.Run(t, func() lease.Table { return lease.NewMemory() })
}
