import { build, BuildError, modulesOf, REFERENCE } from '../build.mjs'

/** A program of Go that the rows need. */
export type Part = 'stack' | 'record' | 'v1'

/** A part that could not be had. */
export interface Missing {
  readonly part: Part
  readonly code: string
  readonly message: string
  /** whether that is no fault of this repository */
  readonly excused: boolean
}

/** Builds all; answers what is missing, and notes on what there is. */
export function buildParts(): { missing: Missing[]; notes: string[] } {
  const missing: Missing[] = []
  const notes: string[] = []
  for (const part of ['stack', 'record', 'v1'] as const) {
    try {
      const { path, note } = build(part)
      const reference = modulesOf(path)[REFERENCE]
      notes.push(
        `${part}: built${reference === undefined ? '' : `, with ${REFERENCE} ${reference}`}`,
        ...(note === undefined ? [] : [note]),
      )
    } catch (err) {
      missing.push(missingOf(part, err))
    }
  }
  return { missing, notes }
}

/**
 * Why a part is missing. Excused are: there is no Go, or none that is new enough for v1; a module proxy was asked for the reference,
 * or for any module of v1, and refused it. Anything else (no network, another module, a build that fails) is a fault.
 */
export function missingOf(part: Part, err: unknown): Missing {
  if (!(err instanceof BuildError)) {
    throw err
  }
  const { code, message, module } = err
  const refused = code === 'MODULE_REFUSED'
  const excused =
    code === 'GO_ABSENT' ||
    (part === 'record' && refused && module === REFERENCE) ||
    (part === 'v1' && (refused || code === 'GO_OLD'))
  return { part, code, message, excused }
}

/** 0 when everything that could be run came out as it should, and what could not has an excuse. */
export function exitCodeOf(missing: readonly Missing[], faults: number): 0 | 1 {
  return faults === 0 && missing.every(({ excused }) => excused) ? 0 : 1
}
