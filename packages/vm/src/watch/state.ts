import type { View } from '@sr/ir'
import type { WatchedDocument, WatchOptions } from './parts.ts'

/** One writer's document as it showed after a change. */
export interface WriterState {
  readonly view: View
  readonly seq: number
  readonly signed: boolean
  readonly forked: boolean
}

/** What all documents of a record showed after a change, by writer. It is never written to. */
export type WatchState = ReadonlyMap<string, WriterState>

/** A document of a state, as a snapshot has it; undefined when nothing shows at the path. */
export function documentOf(
  writer: string,
  { view, seq, signed, forked }: WriterState,
  at: WatchOptions['at'] = [],
): WatchedDocument | undefined {
  const part = view.part(at)
  return part === undefined
    ? undefined
    : { writer, seq, signed, forked, next: part.next, ends: part.ends, node: part.node }
}
