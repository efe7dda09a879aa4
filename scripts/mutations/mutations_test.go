package mutations

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutation is one mistake.
type mutation struct {
	name  string // what the code does with the mistake
	edits []edit
	pkg   string // of the test, below the module's root
	test  string // that must fail
}

// edit replaces a text, which is in the file once. A file that does not exist begins to.
type edit struct{ file, from, to string }

func mutations() []mutation {
	const engine, leases, task = "functions/engine", "coordinator/lease", "functions/task"
	return []mutation{
		{"the lease is not looked at after the fence", []edit{{engine + "/run.go", "	if !warm {\n		if err := r.look", "	if false {\n		if err := r.look"}},
			engine, "TestATaskThatIsNotOwnedReadsNoOffsets"},
		{"a source reads its offsets before it fences", []edit{{engine + "/session.go",
			`	return hung, r.patiently(r.poll, "fence", func() error { return r.fence(s.cl) })`, `	return hung, nil`}},
			engine, "TestTheStepsOfTheProtocolComeInTheirOrder"},
		{"a sink reads its positions before it fences", []edit{
			{engine + "/session.go", "	return s.offsets.fence(ctx)\n", "	if err := l.positions(ctx); err != nil {\n		return err\n	}\n	return s.offsets.fence(ctx)\n"},
			{engine + "/sink.go", `func() error { return l.positions(ctx) })`, `func() error { return nil })`},
		}, engine, "TestTheStepsOfTheProtocolComeInTheirOrder"},
		{"a sink commits without a transaction", []edit{
			{engine + "/sink.go", "l.session.offsets.commit(ctx, l.commits)", "l.session.offsets.commitPlainly(ctx, l.commits)"},
			{engine + "/plainly.go", "", plainCommit},
		}, engine, "TestTheOlderOfTwoSinksCannotCommit"},
		{"a source is acknowledged before the commit", []edit{{engine + "/commit.go",
			"	if err := l.txn.commit(ctx); err != nil {", "	if err := l.source.Committed(ctx, l.offsets.list()); err != nil {\n		return err\n	}\n	if err := l.txn.commit(ctx); err != nil {"}},
			engine, "TestASourceIsAcknowledgedOnlyWhatAReaderSees"},
		{"a sink commits what was put, durable or not", []edit{{engine + "/positions.go",
			"	if p.durable >= p.put {\n		return p.next\n	}\n	return p.durable", "	return p.next"}},
			engine, "TestACommittedOffsetIsBelowEveryRecordThatIsNotDurable"},
		{"offsets move before the dead letters are written", []edit{{engine + "/sink.go",
			"	if err := l.tol.flushDeadLetters(l.work); err != nil {\n		return err\n	}\n	return l.commitSafe()", "	return l.commitSafe()"}},
			engine, "TestADeadLetterThatCannotBeWrittenHoldsTheOffsetBack"},
		{"a commit is not checked against what the client knows", []edit{{"connectors/sdk/txn/txn.go",
			"	if r.Partition <= c.upTo {", "	if true {"}},
			"connectors/sdk/txn", "TestACommitWaitsUntilTheClientKnowsWhatItWrote"},
		{"a task does not look for its hanging transaction", []edit{{engine + "/hanging.go",
			"	if r.task.KeepOffsets != nil {\n		return txn.Last{}, nil\n	}\n", "	if true {\n		return txn.Last{}, nil\n	}\n"}},
			engine, "TestATransactionOfASourceThatHangsIsEndedAsItWasDecided"},
		{"offsets are read to the first open transaction", []edit{{"coordinator/store/offsettopics.go", "	tail.patient = true\n", ""}},
			"coordinator/store", "TestAnOpenTransactionOfAnotherConnectorHidesNoOffset"},
		{"dead letters quote secrets", []edit{{engine + "/deadletters.go", "[]byte(d.hide(string(message)))", "message"}},
			task, "TestNoSecretLeavesTheFunction"},
		{"tasks are published with the secrets that became part of them", []edit{{task + "/plan.go", "		w.secrets.Restore(tasks[i])\n", ""}},
			task, "TestAPlanNamesTheTasksClassAndKeepsPlaceholders"},
		{"a validation quotes what was resolved", []edit{{"coordinator/connectorconfig/references.go",
			"	if submitted == nil || given == nil || *submitted == *given {", "	if given != submitted {"}},
			"coordinator/connectorconfig", "TestWhatIsSaidOfAResolvedValueDoesNotQuoteIt"},
		{"a task that fails with an old secret does not ask for the new one", []edit{{task + "/reload.go", "	if !h.forget(began) || ctx.Err() != nil {", "	if true {"}},
			task, "TestATaskWhoseSecretWasRotatedIsRunOnceMoreWithTheNewOne"},
		{"a link leads out of the allowed paths", []edit{{"connectors/sdk/configdef/provider/allowedpaths.go",
			"	return real, p.followed().contain(real), nil", "	return real, true, nil"}},
			"connectors/sdk/configdef/provider", "TestProvidersAnswerAsKafkasDo"},
		{"a warm process trusts any lease", []edit{{task + "/sessions.go", "held.Epoch == k.held.Epoch+1 && ", ""}},
			task, "TestASessionIsNotUsedWhenSomebodyElseMayHaveHeldTheTask"},
		{"a warm process keeps a client that never fenced", []edit{{engine + "/session.go", "return s.fenced }", "return s.cl != nil }"}},
			engine, "TestARunThatEndsBeforeItsFenceLeavesNoSession"},
		{"a warm process that was fenced gives up a task that is its own", []edit{{task + "/run.go",
			"	if own.Check(ctx) != nil {\n		return facts, err\n	}\n", "	if true {\n		return facts, err\n	}\n"}},
			task, "TestAWarmTaskThatALatePredecessorFencedGoesOnInTheSameInvocation"},
		{"a held lease can be taken", []edit{{leases + "/hold.go", `(cur.Owner != "" || cur.Next != "") && now.Before(cur.Until)`, `false`}},
			leases, "TestMemory/Acquire"},
		{"a lease is taken for any generation", []edit{{leases + "/hold.go", "	case cur.Retired || cur.Generation != generation:\n		return &GenerationError{Key: cur.Key, Wanted: generation", "	case cur.Retired:\n		return &GenerationError{Key: cur.Key, Wanted: generation"}},
			leases, "TestMemory/Acquire/another_generation_is_refused"},
		{"the epoch does not grow", []edit{{leases + "/hold.go", "		next.Epoch++\n", ""}},
			leases, "TestMemory/Acquire"},
		{"a lease is released without condition", []edit{{leases + "/hold.go",
			"		if !h.owns(*next) && !offered {\n			return h.lost(*next)\n		}\n", "		_ = offered\n"}},
			leases, "TestMemory/Release/after_a_take-over_is_refused"},
		{"a write whose reply was lost is made again", []edit{{leases + "/leases.go", "		if cur.Write == write {\n			return cur, nil\n		}\n", ""}},
			leases, "TestMemory/Renew"},
		{"a late hop steals a lease", []edit{{leases + "/hold.go", "	case token != \"\" && cur.Next == token:\n", "	case token != \"\":\n"}},
			leases, "TestMemory/HandOver"},
		{"a crash is not counted", []edit{{leases + "/hold.go", "			next.Attempts++\n", ""}},
			leases, "TestMemory/Crash"},
		{"the old task set is not fenced", []edit{{"coordinator/fence.go",
			"	for _, id := range ids {\n", "	for _, id := range ids[:0] {\n"}},
			"coordinator", "TestFewerTasksFenceTheTransactionalIdsOfAllOldOnes"},
		{"a pass does not look at the connector again after it raised its leases", []edit{
			{"coordinator/coordinator.go", "	return p.unchanged(ctx)\n}\n\n// unchanged", "	return nil\n}\n\n// unchanged"}},
			"coordinator", "TestAPassThatADeleteOvertakesBringsNoTaskBack"},
		{"a change that was overtaken is decided on what was read before", []edit{{"coordinator/store/update.go",
			"	if err := u.Sync(ctx); err != nil {\n		return u.unless(err)\n	}\n", "	if u.failed == nil {\n		if err := u.Sync(ctx); err != nil {\n			return u.unless(err)\n		}\n	}\n"}},
			"coordinator/store", "TestAFencedWriterDecidesAnewUnderAClaimOfItsOwn"},
		{"a turn ends before what it was for", []edit{{"coordinator/store/update.go", "		defer u.turn(ctx)()\n", "		u.turn(ctx)()\n"}},
			"coordinator/store", "TestOfManyProcessesThatStartAtOnceEachGetsItsWrite"},
		{"a patch is written over what came between", []edit{{"coordinator/rest/config.go",
			"		if !maps.Equal(c.Config.Map(), base.Config.Map()) {", "		if false && !maps.Equal(c.Config.Map(), base.Config.Map()) {"}},
			"coordinator/rest", "TestPatchesOfSeveralProcessesAllCount"},
		{"offsets are altered while others may publish tasks", []edit{{"coordinator/rest/offsets.go", "	if h.Hold == nil {\n", "	if true {\n"}},
			"coordinator/rest", "TestNoTaskStartsWhileOffsetsAreAltered"},
		{"an invocation may begin behind the fence of an alteration", []edit{{"coordinator/fence.go",
			"		err = c.Leases.Raise(ctx, name, 0, p.generation())\n", "		err = ctx.Err()\n"}},
			"coordinator", "TestNoInvocationThatIsUnderWayBeginsBehindTheFence"},
		{"who lost the connector while altering is not told", []edit{{"coordinator/hold.go", "	case lost || !c.Now().Before(held.Until):\n", "	case lost && false:\n"}},
			"coordinator", "TestWhoLostTheConnectorIsTold"},
		{"a commit in doubt is made again without a look", []edit{{"coordinator/store/update.go",
			"	if u.doubt != nil && u.saw(u.doubt.Offset) {", "	if false {"}},
			"coordinator/store", "TestAfterACommitInDoubtTheTopicTells"},
	}
}

// plainCommit is what a sink's commit would be without a fence.
const plainCommit = `package engine

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
)

func (t *offsetTxn) commitPlainly(ctx context.Context, commits []offsetCommit) error {
	o := make(kadm.Offsets)
	for _, c := range commits {
		o.AddOffset(c.topic, c.partition, c.next, -1)
	}
	return kadm.NewClient(t.cl).CommitAllOffsets(ctx, t.group, o)
}
`

func TestEveryStepOfTheProtocolIsHeldByATest(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a package for each mutation")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-overlay="+m.overlay(t, root), "-run="+pattern(m.test), "./"+m.pkg)
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("%s passes all the same", m.test)
			}
			if !bytes.Contains(out, []byte("--- FAIL: "+m.test)) {
				t.Fatalf("%s did not fail: %v\n%s", m.test, err, out[max(0, len(out)-4<<10):])
			}
		})
	}
}

// pattern matches exactly the named test.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// overlay writes the changed files to a folder of the test, and returns the file that tells the compiler of them.
func (m mutation) overlay(t *testing.T, root string) string {
	t.Helper()
	folder := t.TempDir()
	replace := make(map[string]string)
	for i, e := range m.edits {
		original := filepath.Join(root, e.file)
		changed := []byte(e.to)
		if e.from != "" {
			current := original
			if changed, ok := replace[original]; ok { // by an edit before this one
				current = changed
			}
			text, err := os.ReadFile(current)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte(e.from)); n != 1 {
				t.Fatalf("%s has the text to be replaced %d times: change the mutation with the code:\n%s", e.file, n, e.from)
			}
			changed = bytes.Replace(text, []byte(e.from), changed, 1)
		}
		replace[original] = filepath.Join(folder, fmt.Sprint(i, ".go"))
		if err := os.WriteFile(replace[original], changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
