import { kindOf, type Limits, type Node, type XrErrorCode } from '@sr/xr'
import { Fault, must } from '../fault.ts'

/** The error of a limit, by the limit's name. */
export const LIMIT_CODES: Readonly<Record<keyof Limits, XrErrorCode>> = {
  depth: 'XR_DEPTH',
  nodes: 'XR_NODES',
  size: 'XR_SIZE',
  string: 'XR_STRING',
  bytes: 'XR_BYTES',
  int: 'XR_INT',
}

// What a decoder may answer; that it is typed as a record makes the compiler ask about new codes.
const ANSWERS: Readonly<Record<XrErrorCode, boolean>> = {
  XR_KIND: true,
  XR_VALUE: true,
  XR_SYNTAX: true,
  XR_FORM: true,
  XR_DUPLICATE: true,
  XR_DEPTH: true,
  XR_NODES: true,
  XR_SIZE: true,
  XR_STRING: true,
  XR_BYTES: true,
  XR_INT: true,
  // an answer to a caller, never to an input
  XR_CYCLE: false,
}

/** What an error of ours says, whichever package it is of. */
export interface Refusal {
  name: string
  code: string
  message: string
  path?: readonly Node[]
  offset?: number
  limit?: string
  max?: number
  got?: number
}

/** Whether an error is an answer of an XR decoder to an input of so many bytes, or characters; complete and in itself right. */
export function checkRefusal(error: unknown, length: number): Refusal {
  const refusal = checkTyped(error, 'XrError', ANSWERS)
  const { code, path, offset, limit, max, got } = refusal
  if (offset !== undefined)
    must(Number.isInteger(offset) && offset >= 0 && offset <= length, `${code} with an offset outside the input`, () =>
      String(offset),
    )
  if (path !== undefined) for (const step of path) kindOf(step)
  const limits = Object.entries(LIMIT_CODES).find(([, one]) => one === code)
  if (limits !== undefined) {
    must(limit === limits[0], `${code} without the name of its limit`, () => String(limit))
    must(
      typeof max === 'number' && typeof got === 'number' && got > max,
      `${code} without figures`,
      () => `max ${max}, got ${got}`,
    )
  }
  return refusal
}

/** Whether an error is of a class of ours, with a code that its decoder may answer. */
export function checkTyped(error: unknown, name: string, codes: Readonly<Record<string, boolean>>): Refusal {
  if (error instanceof Fault) throw error
  if (!(error instanceof Error) || error.name !== name || codes[(error as unknown as Refusal).code] !== true) {
    const what = error instanceof Error ? `${error.name} ${(error as Partial<Refusal>).code ?? ''}` : typeof error
    throw new Fault(
      `not a typed error but ${what.trim()}`,
      error instanceof Error ? error.message : String(error),
      error,
    )
  }
  must(error.message.length > 0, 'an error without a message')
  return error as unknown as Refusal
}
