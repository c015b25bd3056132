import { type Dict, isKind, type Node, type Path, print } from '@sr/xr'
import type { Revision } from '@sr/protocol'

/** What a record showed, by writer. */
export type Shown = ReadonlyMap<string, Node>

/** The part of a record that a watch is for. */
export interface Scope {
  readonly writers: readonly string[] | undefined
  readonly at: Path
}

/** A state as text, of one scope: equal texts are equal states. */
export function stateText(shown: Shown, { writers, at }: Scope): string {
  const lines: string[] = []
  for (const [writer, document] of shown) {
    if (writers !== undefined && !writers.includes(writer)) continue
    let node: Node | undefined = document
    for (const step of at) node = node !== undefined && isKind(node, 'dict') ? node.get(step) : undefined
    if (node !== undefined) lines.push(`${writer} ${printSorted(node)}`)
  }
  return lines.sort().join('\n')
}

/** Text of what a watcher has put together, which is at its path already. */
export function foldedText(documents: ReadonlyMap<string, { readonly node: Node }>): string {
  return Array.from(documents, ([writer, { node }]) => `${writer} ${printSorted(node)}`)
    .sort()
    .join('\n')
}

/** The order of keys says nothing, and changes do not keep it. */
function printSorted(node: Node): string {
  if (isKind(node, 'dict')) {
    const entries = Array.from(node as Dict, ([name, value]) => `${print(name)}=${printSorted(value)}`)
    return `{${entries.sort().join(' ')}}`
  }
  if (isKind(node, 'list')) return `[${Array.from(node, printSorted).sort().join(' ')}]`
  return print(node)
}

/** Everything that a record has shown, by epoch and counter. It saw each change as it was made. */
export class Oracle {
  readonly #epochs = new Map<string, Map<number, Shown>>()
  #latest: { readonly revision: Revision; readonly shown: Shown } | undefined

  get latest(): { readonly revision: Revision; readonly shown: Shown } | undefined {
    return this.#latest
  }

  see(revision: Revision, shown: Shown): void {
    const epoch = epochText(revision.epoch)
    const states = this.#epochs.get(epoch) ?? new Map<number, Shown>()
    this.#epochs.set(epoch, states.set(revision.counter, shown))
    this.#latest = { revision, shown }
  }

  /** What the record showed at a revision; undefined for one between two looks, such as the first of two expiries at one instant. */
  at(epoch: Uint8Array, counter: number): Shown | undefined {
    return this.#epochs.get(epochText(epoch))?.get(counter)
  }

  /** States after one counter and before another, in order. */
  between(epoch: Uint8Array, after: number, before: number): Shown[] {
    const states = this.#epochs.get(epochText(epoch)) ?? new Map<number, Shown>()
    return [...states]
      .filter(([counter]) => counter > after && counter < before)
      .sort(([a], [b]) => a - b)
      .map(([, shown]) => shown)
  }
}

export function epochText(epoch: Uint8Array): string {
  return Buffer.from(epoch).toString('hex')
}
