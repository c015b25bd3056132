import type { Reader } from './build.ts'
import { XrError } from '../model/errors.ts'
import type { Node } from '../model/node.ts'
import { Op, type Tape } from './tape.ts'

/** An open container. Closed ones are reused, so the memory of a walk is bounded by the depth. */
interface Place {
  /** whether it has entries with keys; members and arguments have positions */
  entries: boolean
  position: number
  /** offsets of the key in the input, when it is a String; else -1 */
  from: number
  to: number
  /** whether a key comes next */
  due: boolean
}

/** The error of a first pass with the path where it occurred, which the tape shows. */
export function withPath(err: unknown, tape: Tape, reader: Reader): unknown {
  if (!(err instanceof XrError) || err.path !== undefined) {
    return err
  }
  return err.with({ path: pathOf(tape, reader) })
}

/** The path to the next node of a tape; for a key that is a container its position is used. */
function pathOf(tape: Tape, reader: Reader): Node[] {
  const places: Place[] = []
  const { entries, length } = tape
  let depth = 0
  for (let i = 0; i < length; i += 3) {
    const op = entries[i] as number
    const top = depth === 0 ? undefined : places[depth - 1]
    if (op === Op.MAYBE_NAMED) {
      continue
    }
    if (op === Op.END) {
      depth--
      step(depth === 0 ? undefined : places[depth - 1], -1, -1)
    } else if (op === Op.NAMED || op === Op.NAMED_PAIRS) {
      begin(top as Place, true)
    } else if (op >= Op.LIST) {
      begin(
        (places[depth++] ??= { entries: false, position: 0, from: -1, to: -1, due: true }),
        op === Op.DICT || op === Op.PAIRS,
      )
    } else {
      const text = op === Op.TEXT
      step(top, text ? (entries[i + 1] as number) : -1, text ? (entries[i + 2] as number) : -1)
    }
  }
  return places
    .slice(0, depth)
    .flatMap((place) => (place.entries && place.due ? [] : [keyOf(place, reader) ?? BigInt(place.position)]))
}

function begin(place: Place, entries: boolean): void {
  place.entries = entries
  place.position = 0
  place.from = -1
  place.due = true
}

/** A node was complete in `place`: as a key, a value, a member or an argument. */
function step(place: Place | undefined, from: number, to: number): void {
  if (place === undefined) {
    return
  }
  if (place.entries && place.due) {
    place.from = from
    place.to = to
    place.due = false
    return
  }
  place.due = true
  place.from = -1
  place.position++
}

function keyOf({ from, to }: Place, reader: Reader): Node | undefined {
  try {
    return from < 0 ? undefined : reader.text(from, to)
  } catch {
    return undefined // the input is invalid, and may be so here too
  }
}
