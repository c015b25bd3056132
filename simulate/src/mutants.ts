/** A bug to plant: one piece of a source file of `@sr/ir` replaced by another. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** the test file that sees it soonest, where the simulator does not see it soon or at all */
  readonly test?: string
}

/** Mistakes that are easily made. Each was made somewhere once, or lies one word away from the code. */
export const MUTANTS: readonly Mutant[] = [
  // --- the floor
  { name: 'no floor: what was replaced stays below', file: 'floor.ts', from: '!isBefore(branch.low, floor)', to: 'branch.low.seq > -1' },
  { name: 'the floor stops at the first level', file: 'floor.ts', from: '  cutBranch(place, floor, losses)\n}', to: '}' },
  { name: 'a late say is not found by a later floor', file: 'floor.ts', from: '  heap.push(stamp, place)\n', to: '' },
  { name: 'the floor takes what is newer, too', test: 'laws', file: 'floor.ts', from: '    cut(place, floor, losses)\n    if (isVacant(place)) {', to: '    cut(place, floor, losses)\n    if (isVacant(place) || children.size === 1) {' },
  { name: 'the heap is no heap', file: 'low-heap.ts', from: '      if (compareStamps(other, low) <= 0) {', to: '      if (compareStamps(other, low) >= 0) {' },
  { name: 'members ignore a Dict said between them and a later List', file: 'join.ts', from: '    sweep(slot, branch, life.held, tally)\n', to: '' },
  { name: 'the first stamp in a branch is not kept', file: 'floor.ts', from: '  if (branch.low === undefined || isBefore(stamp, branch.low)) {', to: '  if (branch.low === undefined || !isBefore(stamp, branch.low)) {' },
  { name: 'a floor sees no hashes', file: 'floor.ts', from: '  return compareStamps(a, b) < 0', to: '  return a.seq < b.seq' },
  { name: 'a leaf leaves the container it replaced', file: 'join.ts', from: '  cutBranch(slot, held, tally)\n  if (value', to: '  if (value' },
  { name: 'a Dict in the place of a List takes over its members', file: 'join.ts', from: '    clearChildren(branch, tally) // of the other kind, and older\n', to: '' },
  { name: 'a container that another kind has cleared is never looked at again', test: 'document', file: 'join.ts', from: '    if (other !== undefined) {\n', to: '    if (other === life) {\n' },
  // --- stamps
  { name: 'equal seqs are not told apart', file: 'life.ts', from: 'a.seq > b.seq || (a.seq === b.seq && a.hash > b.hash)', to: 'a.seq > b.seq' },
  { name: 'of equal seqs the one that came last wins', file: 'life.ts', from: 'a.seq > b.seq || (a.seq === b.seq && a.hash > b.hash)', to: 'a.seq >= b.seq && a !== b' },
  { name: 'of equal seqs the longer life wins', file: 'life.ts', from: '(a.seq === b.seq && a.hash > b.hash)', to: '(a.seq === b.seq && (a.expires > b.expires || (a.expires === b.expires && a.hash > b.hash)))' },
  { name: 'an older Dict goes over a newer leaf', file: 'join.ts', from: '  if (slot.life !== undefined && isLater(slot.life.held, held)) {\n    return\n  }\n  const branch = branchAt(slot)\n  branch.shown = undefined\n  const { dict, list } = branch\n  const beaten = list', to: '  const branch = branchAt(slot)\n  branch.shown = undefined\n  const { dict, list } = branch\n  const beaten = list' },
  { name: 'an older Dict puts its entries under a newer List', file: 'join.ts', from: '  const beaten = list !== undefined && isLater(list.held, held)\n', to: '  const beaten = false\n' },
  { name: 'an older leaf stands beside a newer Dict', file: 'join.ts', from: "  if (value === undefined || slot.content !== undefined) {\n    return // with", to: "  if (value === undefined) {\n    return // with" },
  { name: 'an older register takes the path', file: 'join.ts', from: '    if (old !== undefined && isLater(old.held, held)) {\n      return\n    }\n', to: '' },
  { name: 'members are ordered by their first say', test: 'vectors', file: 'join.ts', from: '    take(member, life, tally)\n    release(old, member.content !== undefined, tally)\n    member.life = life\n', to: '    if (member.content !== undefined && value !== undefined && old.expires === life.expires) return\n    take(member, life, tally)\n    release(old, member.content !== undefined, tally)\n    member.life = life\n' },
  { name: 'a member said again keeps its old position', file: 'join.ts', from: '    member.position = position\n', to: '' },
  // --- removal
  { name: '$remove of what is not there is forgotten', file: 'join.ts', from: "    case REMOVE: return replace(slot, undefined, life, tally)", to: "    case REMOVE: return slot.life === undefined && slot.content === undefined ? undefined : replace(slot, undefined, life, tally)" },
  { name: '$remove of a member that is not there is forgotten', file: 'join.ts', from: '  if (member === undefined) {\n', to: '  if (member === undefined && value === undefined) {\n    return\n  }\n  if (member === undefined) {\n' },
  { name: '$set does not empty the path', file: 'join.ts', from: '      replace(slot, undefined, life, tally)\n      return say', to: '      return say' },
  // --- lives
  { name: 'a life can only grow longer', file: 'join.ts', from: '  slot.content = value\n  life.uses++', to: '  slot.content = value\n  if (old !== undefined && old.expires > life.expires) slot.life = life = tally.otherLife(held, old.expires)\n  life.uses++' },
  { name: '$ttl does nothing', file: 'join.ts', from: 'expires === held.expires ? held :', to: 'expires > 0 ? held :' },
  { name: '$ttl counts from the next whole second', file: 'join.ts', from: 'seqTime(held.seq) + Number', to: 'Math.ceil(seqTime(held.seq) / 1000) * 1000 + Number' },
  { name: '$ttl does not reach into containers', file: 'join.ts', from: '    say(kid, value, life, tally)', to: '    say(kid, value, held, tally)' },
  { name: 'shows at the instant of expiry', file: 'show.ts', from: '      if (expires > now) {', to: '      if (expires >= now) {' },
  { name: 'members show at the instant of expiry', file: 'show.ts', from: 'member.content !== undefined && expires > now', to: 'member.content !== undefined && expires >= now' },
  { name: 'an empty container shows for ever', file: 'show.ts', from: 'const lasts = branch.lasting && own.expires > now', to: 'const lasts = branch.lasting' },
  { name: 'a container ends with its own expiry, whatever it holds', file: 'show.ts', from: '  const node = entries.length > 0 ? Dict.from(entries) : undefined', to: '  const node = entries.length > 0 && (branch.dict as Life).expires > now ? Dict.from(entries) : undefined' },
  { name: 'an empty container does not show', file: 'show.ts', from: 'node: lasts ? empty : undefined', to: 'node: undefined' },
  { name: 'members show in the order they arrived', file: 'show.ts', from: '  if (!sorted) {\n', to: '  if (sorted) {\n' },
  // --- what was shown before
  { name: 'what was shown is kept although something came', file: 'join.ts', from: '  const branch = branchAt(slot)\n  branch.shown = undefined\n  const { dict, list } = branch\n  const beaten = list', to: '  const branch = branchAt(slot)\n  const { dict, list } = branch\n  const beaten = list' },
  { name: 'what was shown is kept although something ended', file: 'show.ts', from: ' && now < shown.until', to: '' },
  // --- time
  { name: 'tombstones are forgotten with the expiry of their update', file: 'prune.ts', from: '(content === undefined || content instanceof Branch) && here.life.held.retain <= now', to: '(content === undefined || content instanceof Branch) && here.life.held.expires <= now' },
  { name: 'an assertion is forgotten with its children', file: 'prune.ts', from: 'branch.kids === undefined && waiting', to: 'waiting' },
  { name: 'what ends leaves empty containers behind', file: 'prune.ts', from: '    if (parent === undefined || !isVacant(here) || !detach(here, parent, losses)) {', to: '    if (parent === undefined || isVacant(here) || !detach(here, parent, losses)) {' },
  { name: 'a container at rest that loses its last child is never looked at again', test: 'document', file: 'prune.ts', from: '    settle(parent, branch, losses)\n', to: '    branch.kids = branch.names = branch.members = branch.heap = branch.low = undefined\n' },
  { name: 'the order of age holds on to what has gone', test: 'memory', file: 'prune.ts', from: '    branch.heap = undefined // to be made', to: '    void 0 // to be made' },
  { name: 'of two that lost their children one is forgotten with the other', test: 'document', file: 'create-document.ts', from: 'Math.max(held.retain, this.#bereft.get(place) ?? 0)', to: 'held.retain' },
  { name: 'next() does not know of what an update left behind', test: 'document', file: 'create-document.ts', from: 'Math.min(this.#ledger.next(now), Math.max(this.#bereftDue, Math.floor(now) + 1))', to: 'this.#ledger.next(now)' },
  { name: 'an assertion whose children have gone is never looked at again', test: 'document', file: 'floor.ts', from: '  if (assertion !== undefined) {\n', to: '  if (slot === undefined) {\n' },
  { name: 'prune forgets the values of $ttl too early', file: 'ttl-lives.ts', from: 'at < lives.length && (lives[at] as OtherLife).expires <= now; at++', to: 'at < lives.length; at++' },
  { name: 'what ends at the very instant is left', file: 'ledger.ts', from: '        if (this.#due(held, NEVER) <= now) {', to: '        if (this.#due(held, NEVER) < now) {' },
  { name: 'next() does not know of $ttl', file: 'ledger.ts', from: 'this.#ttls?.get(held)?.next(now) ?? Infinity', to: 'Infinity' },
  { name: 'next() knows the life that was said first, and not the one that ends first', file: 'ttl-lives.ts', from: '      lives.sort((a, b) => a.expires - b.expires)\n', to: '' },
  { name: 'a life that nobody waits for any more is still waited for', test: 'ttl-lives', file: 'ttl-lives.ts', from: '(lives[at] as OtherLife).uses === 0', to: '(lives[at] as OtherLife).uses < 0' },
  { name: 'what has gone with another is remembered', test: 'memory', file: 'create-document.ts', from: 'held.retain <= now && held.refs > 0', to: 'held.retain <= now' },
  { name: 'next() counts what has ended', test: 'laws', file: 'release.ts', from: '    branch.lasting = false\n    ;(branch[standing(branch)] as Life).uses--', to: '    branch.lasting = false' },
  // --- what is needed
  { name: 'an update that only removes is not needed', file: 'release.ts', from: '  if (--held.refs === 0) {', to: '  if (--held.refs === 0 || held.uses === 0) {' },
  { name: 'members that go with their List keep their update', test: 'laws', file: 'release.ts', from: '    for (const member of members.values()) {\n      clearRegister(member, losses)\n    }\n', to: '' },
  { name: 'a value that a container replaced is still waited for', test: 'document', file: 'join.ts', from: '    (life as Life).uses--\n', to: '    void life\n' },
  { name: 'an update that is held is taken in again', file: 'create-document.ts', from: 'if (this.#ledger.find(update) !== undefined) {', to: 'if (update.seq < 0) {' },
  { name: 'a contradiction is not reported', test: 'document', file: 'create-document.ts', from: 'const forked = this.#ledger.hasOther(update)', to: 'const forked = false' },
  { name: 'the latest retain is that of the last update', test: 'ledger', file: 'chunk.ts', from: '      this.retain = Math.max(this.retain, held.retain)\n    }\n    return', to: '      this.retain = held.retain\n    }\n    return' },
  { name: 'a chunk that splits loses an update', test: 'ledger', file: 'chunk.ts', from: 'new Chunk(this.items.splice(at), this.due', to: 'new Chunk(this.items.splice(at).slice(1), this.due' },
  // --- keys, members, changes
  { name: 'keys that are no Strings come back as Strings', file: 'join.ts', from: 'branch.names.set(id, keyForm(node.keyNode(id)))', to: 'branch.names.set(id, id)' },
  { name: 'a key shows as it was spelled first', file: 'join.ts', from: 'branch.names.set(id, keyForm(node.keyNode(id)))', to: 'branch.names.set(id, node.keyNode(id))' },
  { name: 'a watcher is not told of members that go', file: 'changes.ts', from: '      note(gone(part, here), old.byKey().get(id), undefined, part, here)\n', to: '' },
  { name: 'a watcher is told of a removal where it was time', test: 'changes', file: 'changes.ts', from: "endOf(part) <= now ? 'expired' : 'removed'", to: "'removed'" },
  // --- what is lawful
  { name: 'an update is applied before it is checked', file: 'create-document.ts', from: '    checkUpdate(update)\n', to: '    say(this.#root, update.body, new Held(update), this)\n    checkUpdate(update)\n' },
  { name: 'retain may lie before a $ttl', test: 'vectors', file: 'check-update.ts', from: '    if (expires > this.#update.retain) {', to: '    if (expires < 0) {' },
  { name: 'operators may stand in predicates', test: 'vectors', file: 'check-update.ts', from: "      node.positional.forEach((argument, i) => this.#step(BigInt(i), argument))\n", to: '' },
  { name: 'a member may be named twice', test: 'vectors', file: 'check-update.ts', from: 'if (named.has(id) || list.has(member)) {', to: 'if (named.has(id)) {' },
  // --- meaning
  { name: 'tags nobody knows are lost', test: 'ignorance', file: 'disassemble.ts', from: '  if (below.size === 0) {\n    return node', to: "  if (below.size === 0) {\n    if (isKind(node, 'predicate')) return new Predicate('', node.positional, node.named)\n    return node" },
  { name: 'a problem ends the assembly', test: 'grammar', file: 'assemble.ts', from: '      problems.push({', to: '      if (problems.length === 0) problems.push({' }
]
