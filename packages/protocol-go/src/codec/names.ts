import { type Lexer, QUOTE } from './lexer.ts'

/** The names of the Go form: members of the union of nodes, and fields. */
export const Name = {
  STRING: 0,
  BYTES: 1,
  INT: 2,
  FLOAT: 3,
  BOOL: 4,
  DICT: 5,
  LIST: 6,
  PREDICATE: 7,
  PAIRS: 8,
  ELEMENTS: 9,
  KEY: 10,
  VALUE: 11,
  TAG: 12,
  POSITIONAL: 13,
  NAMED: 14,
  SLASH: 15,
  BASE64: 16,
} as const

/** The texts of {@link Name}, in its order. */
export const NAMES: readonly string[] = [
  'String_IPLD',
  'Bytes_IPLD',
  'Int_IPLD',
  'Float_IPLD',
  'Bool_IPLD',
  'Dict_IPLD',
  'List_IPLD',
  'Predicate_IPLD',
  'Pairs',
  'Elements',
  'Key',
  'Value',
  'Tag',
  'Positional',
  'Named',
  '/',
  'bytes',
]

interface Known {
  readonly name: number
  /** the name and the quote that ends it */
  readonly bytes: Uint8Array
}

const byFirst: Known[][] = Array.from({ length: 256 }, () => [])
NAMES.forEach((text, name) => {
  const bytes = new TextEncoder().encode(`${text}"`)
  byFirst[bytes[0] as number]?.push({ name, bytes })
})

/** Takes a name and the colon after it; returns which of {@link Name} it is, or -1. */
export function readName(lexer: Lexer): number {
  if (lexer.skip() !== QUOTE) {
    throw lexer.fault('a name')
  }
  let found = -1
  for (const { name, bytes } of byFirst[lexer.bytes[lexer.at + 1] ?? 0] as Known[]) {
    if (matches(lexer, bytes)) {
      lexer.at += bytes.length + 1
      found = name
      break
    }
  }
  if (found < 0) {
    // the name may have escapes
    lexer.string()
    found = lexer.length <= 16 ? NAMES.indexOf(lexer.text()) : -1
  }
  lexer.colon()
  return found
}

function matches(lexer: Lexer, name: Uint8Array): boolean {
  const from = lexer.at + 1
  for (let i = 0; i < name.length; i++) {
    if (lexer.bytes[from + i] !== name[i]) {
      return false
    }
  }
  return true
}

/** Takes the name and the colon of the only field an object may have here. */
export function readField(lexer: Lexer, name: number): void {
  if (readName(lexer) !== name) {
    throw lexer.fault(`the value of ${NAMES[name] ?? ''}`)
  }
}
