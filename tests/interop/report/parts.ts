import { build, BuildError, modulesOf, REFERENCE } from '../build.mjs'

/** A program of Go that the rows need. */
export type Part = 'stack' | 'record'

/** A part that could not be had. */
export interface Missing {
  readonly part: Part
  readonly code: string
  readonly message: string
  /** whether that is no fault of this repository */
  readonly excused: boolean
}

/** Builds both; answers what is missing, and notes on what there is. */
export function buildParts(): { missing: Missing[]; notes: string[] } {
  const missing: Missing[] = []
  const notes: string[] = []
  for (const part of ['stack', 'record'] as const) {
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
 * Why a part is missing. Two reasons excuse it: there is no Go, or a module proxy was asked for the
 * reference and refused it. Anything else (no network, another module, a build that fails) does not.
 */
export function missingOf(part: Part, err: unknown): Missing {
  if (!(err instanceof BuildError)) {
    throw err
  }
  const { code, message, module } = err
  const excused = code === 'GO_ABSENT' || (part === 'record' && code === 'MODULE_REFUSED' && module === REFERENCE)
  return { part, code, message, excused }
}

/** 0 when everything that could be run came out as it should, and what could not has an excuse. */
export function exitCodeOf(missing: readonly Missing[], faults: number): 0 | 1 {
  return faults === 0 && missing.every(({ excused }) => excused) ? 0 : 1
}
