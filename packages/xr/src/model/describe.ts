/** Names the type of a JavaScript value for an error message, without its content. */
export function describe(value: unknown): string {
  if (value === null) {
    return 'null'
  }
  if (typeof value === 'object') {
    const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
    return typeof name === 'string' && name !== '' && name !== 'Object'
      ? `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
      : 'an object'
  }
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`
}
