// Command function is the task function of the ledger connectors.
package main

import (
	"github.com/ferry-connect/ferry/functions/task"
	"github.com/ferry-connect/ferry/localstack/faults/ledger"
)

func main() { task.Main(ledger.Classes()) }
