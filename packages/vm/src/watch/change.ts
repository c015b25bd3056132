import { key } from '@sr/xr'
import { EventIndex } from './events.ts'
import type { ChangesPart, DocumentChanges, UpdatesPart, WatchEvent, WatchOptions } from './parts.ts'
import type { WriterState } from './state.ts'

/** Filters for which the part of a change is kept: others make it for each watcher. */
const MAX_FILTERS = 16

/** What a watcher is interested in, in a form that watchers share. */
export interface Filter {
  /** equal for watchers that receive the same parts */
  readonly id: string
  readonly writers: ReadonlySet<string> | undefined
  readonly at: NonNullable<WatchOptions['at']>
  readonly as: 'view' | 'updates'
  readonly renewed: boolean
}

/** The filter of a watcher's options. */
export function filterOf({ writers, at = [], as = 'view', renewed = false }: WatchOptions): Filter {
  const names = writers === undefined ? undefined : [...writers].sort()
  const id = JSON.stringify([names ?? null, at.map(key), as, renewed])
  return { id, writers: names === undefined ? undefined : new Set(names), at: [...at], as, renewed }
}

/** One change of one document of a watched record. The part that tells of it is made once for each filter. */
export class Change {
  readonly counter: number
  readonly writer: string
  /** what the document shows afterwards */
  readonly after: WriterState
  readonly events: readonly WatchEvent[]
  /** the signed update behind the change, if there is one */
  readonly update: Uint8Array | undefined
  /** about how many bytes it takes on the wire */
  bytes = 0
  #index: EventIndex | undefined
  readonly #parts = new Map<string, ChangesPart | UpdatesPart | undefined>()

  constructor(
    counter: number,
    writer: string,
    after: WriterState,
    events: readonly WatchEvent[],
    update: Uint8Array | undefined,
  ) {
    this.counter = counter
    this.writer = writer
    this.after = after
    this.events = events
    this.update = update
  }

  /** What a watcher with this filter receives; undefined when the change does not concern it. */
  part(filter: Filter): ChangesPart | UpdatesPart | undefined {
    const { id } = filter
    let part = this.#parts.get(id)
    if (part === undefined && !this.#parts.has(id)) {
      part = this.#make(filter)
      if (this.#parts.size < MAX_FILTERS) {
        this.#parts.set(id, part)
      }
    }
    return part
  }

  #make({ writers, at, as, renewed }: Filter): ChangesPart | UpdatesPart | undefined {
    const { counter, writer, update } = this
    if (writers?.has(writer) === false) {
      return undefined
    }
    if (as === 'updates') {
      return update === undefined ? undefined : Object.freeze({ kind: 'updates', counter, updates: [update] })
    }
    const events = at.length === 0 ? this.events : (this.#index ??= new EventIndex(this.events)).at(at)
    const changes = changesOf(writer, this.after, events, { at, renewed })
    return changes && changesPart(counter, [changes])
  }
}

/** The part that tells of changes. */
export function changesPart(counter: number, documents: readonly DocumentChanges[]): ChangesPart {
  return Object.freeze({ kind: 'changes', counter, documents: Object.freeze(documents) })
}

/** The events of one document that a watcher receives; undefined without any. */
export function changesOf(
  writer: string,
  { view, seq, signed, forked }: WriterState,
  all: readonly WatchEvent[],
  { at, renewed }: Pick<Filter, 'at' | 'renewed'>,
): DocumentChanges | undefined {
  const events = renewed ? all : all.filter(({ cause }) => cause !== 'renewed')
  if (events.length === 0) {
    return undefined
  }
  const shown = view.part(at)
  const ends = { next: shown?.next ?? 0, ends: shown?.ends ?? 0 }
  return Object.freeze({ writer, seq, signed, forked, ...ends, events: Object.freeze(events) })
}
