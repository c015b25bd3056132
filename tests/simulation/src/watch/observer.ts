import type { Revision, WatchPart } from '@sr/protocol'
import { WatchedRecord } from '@sr/protocol-client/session'
import { Mismatch } from '../check.ts'
import { epochText, foldedText, type Oracle, type Scope, stateText } from './oracle.ts'

/** Holds the parts of one watch against the oracle. */
export class Observer {
  readonly record = new WatchedRecord()
  readonly #oracle: Oracle
  readonly #scope: Scope
  readonly #seed: number
  /** the last revision that a part led to; undefined before the first marker after a beginning */
  #at: Revision | undefined
  /** whether the last part was a gap, and to which counter */
  #gap: number | undefined
  readonly counts = { parts: 0, gaps: 0, resets: 0, compared: 0 }

  constructor(oracle: Oracle, scope: Scope, seed: number) {
    this.#oracle = oracle
    this.#scope = scope
    this.#seed = seed
  }

  /** Whether it shows the latest state. */
  get isCurrent(): boolean {
    const { latest } = this.#oracle
    return (
      latest !== undefined && this.#at !== undefined && foldedText(this.record.documents) === this.#text(latest.shown)
    )
  }

  take(part: WatchPart): void {
    this.counts.parts++
    this.record.apply(part)
    switch (part.kind) {
      case 'snapshot':
        break
      case 'reset':
        this.counts.resets++
        this.#at = undefined
        break
      case 'gap':
        this.counts.gaps++
        if (this.#at !== undefined && part.counter < this.#at.counter) this.#fail('counters rise', 'a gap goes back')
        break
      case 'marker':
        this.#arrive(part.revision, 'marker')
        break
      case 'changes':
        this.#change(part.counter)
        break
      case 'updates':
        this.#fail('kinds', 'a watch of views sends updates')
    }
    this.#gap = part.kind === 'gap' ? part.counter : undefined
  }

  #change(counter: number): void {
    const before = this.#at
    if (before === undefined) return // between a snapshot and its marker
    if (counter <= before.counter) this.#fail('counters rise', `changes ${counter} after ${before.counter}`)
    if (this.#gap === undefined) {
      const from = this.#oracle.at(before.epoch, before.counter)
      let text = from === undefined ? undefined : this.#text(from)
      for (const shown of this.#oracle.between(before.epoch, before.counter, counter)) {
        const next = this.#text(shown)
        if (text !== undefined && next !== text) this.#fail('gaps', `changes before ${counter} were stepped over`)
        text = next
      }
    } else if (this.#gap !== counter) {
      this.#fail('gaps', `a gap of counter ${this.#gap} stands before changes ${counter}`)
    }
    this.#arrive({ epoch: before.epoch, counter }, 'changes')
  }

  #arrive(revision: Revision, kind: string): void {
    const { epoch, counter } = revision
    if (this.#at !== undefined && epochText(this.#at.epoch) === epochText(epoch) && counter < this.#at.counter) {
      this.#fail('counters rise', `a ${kind} of counter ${counter} after ${this.#at.counter}`)
    }
    this.#at = revision
    const shown = this.#oracle.at(epoch, counter)
    if (shown === undefined) return
    this.counts.compared++
    const [found, expected] = [foldedText(this.record.documents), this.#text(shown)]
    if (found !== expected) {
      this.#fail('state', `at ${counter} after a ${kind}\n  found    ${found}\n  expected ${expected}`)
    }
  }

  #text(shown: ReadonlyMap<string, never> | Parameters<typeof stateText>[0]): string {
    return stateText(shown, this.#scope)
  }

  #fail(check: string, message: string): never {
    throw new Mismatch(check, `seed ${this.#seed}: ${message}`)
  }
}
