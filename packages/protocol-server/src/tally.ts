import type { Status } from '@sr/protocol'

/** What a server counts. */
export type ServerCounter =
  | 'sessions.opened'
  | 'sessions.reset'
  | 'requests.update'
  | 'requests.get'
  | 'requests.query'
  | 'answers.tooLarge'
  | 'delayed.updates'
  | 'delayed.reads'
  | `refused.${Status}`

/** Counts since the server was made; one that never happened is not there. */
export class Tally {
  readonly #counts = new Map<ServerCounter, number>()

  add(name: ServerCounter): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** All counts as of now. */
  read(): ReadonlyMap<ServerCounter, number> {
    return new Map(this.#counts)
  }
}
