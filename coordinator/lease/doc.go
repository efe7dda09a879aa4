// Package lease decides who runs a task.
//
// # What a lease promises, and what it does not
//
// There is one item for every task of every connector. Whoever holds the item should run the task; nobody else should. The
// epoch of the item counts holders: it grows by one with each, so of two that believe themselves the holder the one with
// the larger epoch is right.
//
// A lease alone cannot stop a holder that does not look at it. A function can be frozen between two instructions and
// thawed after its lease went to somebody else. What makes it harmless is Kafka: before work begins, the holder calls
// InitProducerID on the task's transactional id, and from then on no earlier holder can commit. So the lease is the
// authority on who should run, and the transactional id on whose commit counts:
//
//	1 acquire   one conditional write: epoch+1, owner, until = the holder's own deadline plus grace
//	2 fence     InitProducerID on the task's transactional id
//	3 check     read the lease: still my epoch and generation? otherwise leave
//	4 position  read offsets, after 2 and never before
//	5 work      poll, put; check every few seconds
//	6 commit    in a transaction of that transactional id
//	7 release   one conditional write: owner cleared, hint and facts stored
//
// Step 3 exists because 1 and 2 are not atomic. A acquires epoch 4 and is frozen; its lease runs out; B acquires epoch 5 and
// fences; A is thawed and fences B. Kafka still has exactly one writer, A, but A's check fails and it leaves. B finds itself
// fenced at its next commit, checks, sees that it is still the holder, and fences again. Nothing was committed twice,
// because A has committed nothing.
//
// # States
//
//	free     no owner. Anybody may acquire, from NotBefore on
//	held     an owner, until a time. Only the owner may renew, release or hand over; anybody may acquire after that time
//	offered  no owner, but a name for the next one (Next). Only who knows the name may adopt, until a time; then anybody may
//	         acquire too
//	retired  the connector has fewer tasks now, or none. Nobody may acquire; a holder learns of it at its next check
//
// The item of a task is created and retired by Raise only. So an invocation that was delayed for hours cannot bring back the task of a
// deleted connector. A retired item is deleted after Options.Retention; until then its epoch goes on where it was.
//
// # Generations
//
// The generation is the version of the connector's task set, configuration and target state. Raise writes a larger one
// into every item and disturbs no holder; each sees it at its next check and ends. A task can be acquired only for exactly the
// generation that its item has: a late invocation with old task configurations is refused, and so is one that runs ahead
// of the Raise.
//
// # Clocks
//
// Clocks are trusted for liveness, never for safety. A contender with a fast clock takes over early: the holder's next check
// fails and its next commit is fenced; work is done twice, and committed once. A contender with a slow clock takes over
// late. Nobody needs a heartbeat, because the holder's own deadline, at which its platform stops it, is known when it
// acquires: the item is free at the latest at that deadline plus grace, without anyone's help. A holder whose deadline is far
// away takes the lease for less and renews it, so that its crash is noticed sooner.
//
// # Hand-over
//
// A holder that leaves work behind names the next one: HandOver writes a random token instead of an owner, and the next holder,
// started with the token, adopts. From then on it is a holder like any other, of the next epoch. What can happen between the two:
//
//   - The next one never comes. The offer runs out, and the lease is free. Nobody crashed: the one who offered has released.
//   - It comes twice. The first adopts. The second finds a holder, or an offer under another token, and is refused.
//   - It comes late. As long as nobody took the lease, its offer is good, also after its time. Otherwise the token means nothing:
//     Adopt is Acquire. It is refused while somebody holds the lease or has it on offer, and it may have a lease that is free,
//     as everybody may who has the current generation: it fences and reads offsets as everybody does. It does not steal.
//   - It could not be started. The holder takes the offer back with Release. If it was started after all, and adopted before that,
//     the release changes nothing; if it comes after, it finds a free lease.
//   - The generation is raised. Raise forgets the offer, and the lease is free for the new generation; the late one, of the old
//     generation, is refused.
//   - A contender with a fast clock takes the lease during the offer. The named one finds a holder, and is refused.
//
// # Crashes
//
// A holder that ended without a release has crashed, as far as anybody can tell. The next holder counts it as a failed attempt, in
// the write that acquires (Item.Attempts); a release tells better and overwrites the count. With the count goes a time before
// which nobody may acquire, which matters only if this holder crashes too: its own end and a rest that grows with the number
// of attempts. So the first crash is followed up at the end of the lease, and a task that kills its function each time rests
// longer and longer. Item.Crashes tells how many there were in a row; from CrashLoop on it is no accident.
//
// # Failures
//
// Every write carries a revision number, which is the condition it is made under, and an identifier of the call that made it.
//
//   - Lost reply. The write was made, but the caller sees an error. It reads the item again: if the item bears the call's
//     identifier, or says what the call wanted (the owner is me; my epoch was released; the generation is there already), the
//     call succeeded. Otherwise it writes again under the revision just read. Should the first write arrive after
//     that, its condition fails.
//   - Retry below. A client library repeats a request whose reply it lost, and the repetition fails its condition. The
//     stored item, which comes with the failure, bears the call's identifier: success.
//   - Throttling. The same bounded, jittered retries; nobody is told that the lease is lost because a read failed.
//   - No answer. The table bounds each request (2 s on DynamoDB); then the outcome is unknown, as after a lost reply.
//   - Crash of a holder. The item stays held until its time; see Crashes.
//   - Release after a take-over. Refused with LostError; the new holder's item is untouched.
//
// # How long a call may take
//
// A request that is throttled or whose outcome is unknown is made again after a random part of 20 ms, 40 ms and so on up to
// 1.28 s, at most eight times in a row (Options.Attempts): a table that throttles for a minute ends a call within 2.6 s, after
// 1.3 s on average. A write has its attempts, and the read that follows a failed one has as many. Nothing is tried again once the
// call has lasted ten seconds (Options.Patience), so a table from which no answer comes ends it within that, two requests and a pause more.
// The error says how often it was tried, how long that took, and what the table said last; who is refused for good hears of
// it at once. Nothing else waits or repeats: the client library's own retries are off.
//
// Nobody depends on a call that gives up. A task that could not acquire is started again by the next pass, a look that failed is
// repeated by the next look, and a lease that could not be released runs out.
//
// An Acquire that gave up after its retries may still have been made, or be made later: then nobody knows that it is the
// holder, and the lease runs out.
package lease
