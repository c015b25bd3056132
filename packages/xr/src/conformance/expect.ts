/** Fails a case unless two primitive values are the same. */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) {
    throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`)
  }
}

/** The verdict of a call: `accepted`, or the code of the error it threw. */
export function verdictOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (err) {
    const code = (err as { code?: unknown } | null | undefined)?.code
    return typeof code === 'string' ? code : `an error without a code: ${String(err)}`
  }
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value)
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}
