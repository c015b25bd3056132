import { Dict, equal, isKind, key, List, type Node, type Path, print } from '@sr/xr'
import type { Watch, WatchEvent, WatchPart } from '../src/index.ts'

/** What a watcher knows: the documents, joined from the parts it received. */
export class WatchedRecord {
  readonly documents = new Map<string, Node>()
  /** counter of the last part; undefined in a snapshot that has no marker yet */
  counter: number | undefined
  /** counters of the changes told, in order; a gap is noted as its negative counter */
  readonly told: number[] = []
  epoch: Uint8Array | undefined
  /** the kinds of the parts, in order */
  readonly kinds: string[] = []

  apply(part: WatchPart): void {
    this.kinds.push(part.kind)
    switch (part.kind) {
      case 'reset':
        this.documents.clear()
        this.counter = undefined
        break
      case 'snapshot':
        for (const { writer, node } of part.documents) {
          this.documents.set(writer, node)
        }
        break
      case 'marker':
        this.counter = part.revision.counter
        this.epoch = part.revision.epoch
        break
      case 'gap':
        this.told.push(-part.counter)
        break
      case 'changes':
        for (const { writer, events } of part.documents) {
          const node = events.reduce<Node | undefined>(applyEvent, this.documents.get(writer))
          if (node === undefined) {
            this.documents.delete(writer)
          } else {
            this.documents.set(writer, node)
          }
        }
        this.counter = part.counter
        this.told.push(part.counter)
        break
      case 'updates':
        this.counter = part.counter
    }
  }

  /** The documents as text, by writer. */
  get shown(): Record<string, string> {
    return Object.fromEntries([...this.documents].sort().map(([writer, node]) => [writer, canonicalText(node)]))
  }
}

/** Applies everything that a watch has to tell now. */
export async function drain(watch: Watch, model: WatchedRecord, most = Infinity): Promise<void> {
  for (let n = 0; n < most; n++) {
    const part = await Promise.race([watch.next(), settled()])
    if (part === undefined) {
      throw new Error('next was called with nothing to tell; call `mark` first')
    }
    if (part.done === true) {
      return
    }
    model.apply(part.value)
    if (part.value.kind === 'marker') {
      return
    }
  }
}

async function settled(): Promise<undefined> {
  await new Promise((resolve) => setImmediate(resolve))
  return undefined
}

/** A node as text that does not depend on the order of members and keys. */
export function canonicalText(node: Node): string {
  if (isKind(node, 'dict')) {
    const entries = [...node].map(([name, value]) => `${print(name)}=${canonicalText(value)}`)
    return `{${entries.sort().join(' ')}}`
  }
  return isKind(node, 'list') ? `[${[...node].map(canonicalText).sort().join(' ')}]` : print(node)
}

function applyEvent(node: Node | undefined, event: WatchEvent): Node | undefined {
  return changed(node, event.path, event)
}

function changed(node: Node | undefined, path: Path, event: WatchEvent): Node | undefined {
  const [step, ...rest] = path
  if (step === undefined) {
    return event.isMember ? withMember(node, event) : event.value
  }
  const entries = node !== undefined && isKind(node, 'dict') ? [...node] : []
  const child = entries.find(([name]) => equal(name, step))?.[1]
  const after = changed(child, rest, event)
  const others = entries.filter(([name]) => !equal(name, step))
  return Dict.from(after === undefined ? others : [...others, [step, after]])
}

function withMember(node: Node | undefined, { value, old }: WatchEvent): Node {
  const members = node !== undefined && isKind(node, 'list') ? [...node] : []
  const gone = old === undefined ? members : members.filter((member) => key(member) !== key(old))
  const added = value === undefined || gone.some((member) => key(member) === key(value)) ? gone : [...gone, value]
  return List.from(added)
}
