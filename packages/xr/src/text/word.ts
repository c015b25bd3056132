const WORD = /^[A-Za-z_$][A-Za-z0-9_$-]*$/

/** Words with a meaning of their own; as a String key they are quoted. */
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** Whether a name needs no quotes as a Dict key or a predicate's tag. */
export function isBareWord(name: string): boolean {
  return WORD.test(name) && !RESERVED.has(name)
}
