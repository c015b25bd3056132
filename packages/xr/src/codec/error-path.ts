import type { Reader } from './build.ts'
import { XrError } from '../model/errors.ts'
import type { Node } from '../model/node.ts'
import { Op, type Tape } from './tape.ts'

/** A container that is open. Those that close are used again: a walk over any tape takes no more memory than it is deep. */
interface Place {
  /** entries take a key in turn; members and arguments a position */
  entries: boolean
  position: number
  /** where the key stands in the input, when it is a String; else -1 */
  from: number
  to: number
  /** a key is due next */
  due: boolean
}

/** Gives an error of the first pass the path it happened at: the tape up to there tells. */
export function withPath(err: unknown, tape: Tape, reader: Reader): unknown {
  if (!(err instanceof XrError) || err.path !== undefined) {
    return err
  }
  return err.with({ path: pathOf(tape, reader) })
}

/** The path to the next node a tape would take; a key that is a container shows as its position. */
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
    return undefined // the input is bad, and may be bad here too
  }
}
