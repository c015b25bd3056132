import type { Reader } from './build.ts'
import { XrError } from './errors.ts'
import type { Node } from './node.ts'
import { Op, type Tape } from './tape.ts'

interface Place {
  /** entries take a key in turn; members and arguments a position */
  entries: boolean
  position: bigint
  key: Node | undefined
  /** a key is due next */
  due: boolean
}

/** Gives an error of the first pass the path it happened at: the tape up to there tells. */
export function locate (err: unknown, tape: Tape, reader: Reader): unknown {
  if (!(err instanceof XrError) || err.path !== undefined) {
    return err
  }
  return err.with({ path: pathOf(tape, reader) })
}

/** The path to the next node a tape would take; a key that is a container shows as its position. */
function pathOf (tape: Tape, reader: Reader): Node[] {
  const places: Place[] = []
  const { entries, length } = tape
  for (let i = 0; i < length; i += 3) {
    const op = entries[i] as number
    const top = places.at(-1)
    if (op === Op.MAYBE_NAMED) {
      continue
    }
    if (op === Op.END) {
      places.pop()
      step(places.at(-1), undefined)
    } else if (op === Op.NAMED || op === Op.NAMED_PAIRS) {
      places[places.length - 1] = { entries: true, position: 0n, key: undefined, due: true }
    } else if (op >= Op.LIST) {
      places.push({ entries: op === Op.DICT || op === Op.PAIRS, position: 0n, key: undefined, due: true })
    } else {
      step(top, op === Op.TEXT && top?.entries === true && top.due ? textAt(reader, entries[i + 1] as number, entries[i + 2] as number) : undefined)
    }
  }
  return places.flatMap((place) => place.entries && place.due ? [] : [place.key ?? place.position])
}

/** A node was complete in `place`: as a key, a value, a member or an argument. */
function step (place: Place | undefined, key: Node | undefined): void {
  if (place === undefined) {
    return
  }
  if (place.entries && place.due) {
    place.key = key
    place.due = false
    return
  }
  place.due = true
  place.key = undefined
  place.position++
}

function textAt (reader: Reader, from: number, to: number): Node | undefined {
  try {
    return reader.text(from, to)
  } catch {
    return undefined // the input is bad, and may be bad here too
  }
}
