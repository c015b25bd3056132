const WORD = /^[A-Za-z_$][A-Za-z0-9_$-]*$/

/** Words that mean something bare; as a String key they are quoted. */
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** Whether a name may stand without quotes, as a Dict key or a predicate's tag. */
export function isBareWord(name: string): boolean {
  return WORD.test(name) && !RESERVED.has(name)
}
