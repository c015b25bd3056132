import { hex, utf8 } from '../hex.ts'

/** An input that is refused, and as large as an attacker makes it. */
export interface HostileInput {
  readonly name: string
  readonly form: 'dag-cbor' | 'dag-json' | 'text'
  readonly make: () => Uint8Array | string
}

const KIB = 1024
const MIB = 1024 * KIB

/** Bytes that begin, and go on, as told. */
function filled(head: string, rest: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const [first, again] = [hex(head), hex(rest)]
  for (let i = 0; i < length; i++) {
    bytes[i] = (i < first.length ? first[i] : again[(i - first.length) % again.length]) as number
  }
  return bytes
}

const CBOR: HostileInput[] = (
  [
    ['more bytes than the size', () => new Uint8Array(64 * MIB)],
    ['a String said to be 2^32-1 long', () => filled('7affffffff', '61', 256 * KIB)],
    ['a List said to have 2^32-1 members', () => filled('9affffffff', '01', 256 * KIB)],
    ['nested Lists', () => filled('', '81', 256 * KIB)],
    ['nested maps', () => filled('', 'a16161', 256 * KIB)],
    ['nested escapes', () => filled('', '82f681', 256 * KIB)],
    ['a List of many Ints', () => filled('9a0003fffb', '01', 256 * KIB)],
    ['a List of many empty Lists', () => filled('9a0003fffb', '80', 256 * KIB)],
    [
      'a String of 64 KiB with a bad last byte',
      () => {
        const bytes = filled('7a00010000', '61', 64 * KIB + 5)
        bytes[bytes.length - 1] = 0xff
        return bytes
      },
    ],
    ['a String too long', () => filled('7a00038000', '61', 224 * KIB + 5)],
    ['a link of 255 KiB', () => filled('d82a5a0003fc00000155000002', '00', 255 * KIB + 7)],
    ['trailing bytes', () => filled('5a0003ff00', '00', 256 * KIB)],
    [
      'a List of Strings with a bad end',
      () => {
        const bytes = filled('990100', '7903e8' + '61'.repeat(1000), 3 + 255 * 1003 + 1003)
        bytes[bytes.length - 1] = 0xff
        return bytes
      },
    ],
  ] as Array<[string, () => Uint8Array]>
).map(([name, make]) => ({ name, form: 'dag-cbor', make }))

const JSON_INPUTS: HostileInput[] = (
  [
    ['nested lists', () => '['.repeat(MIB)],
    ['nested maps', () => '{"a":'.repeat(200 * KIB)],
    ['nested escapes', () => '[null,['.repeat(100 * KIB)],
    ['many Ints', () => `[${'1,'.repeat(MIB / 2)}1]`],
    ['many Floats', () => `[${'0.5,'.repeat(MIB / 4)}1]`],
    ['many empty maps', () => `[${'{},'.repeat(MIB / 4)}1]`],
    ['a String too long', () => `"${'a'.repeat(8 * MIB)}"`],
    ['a String too long, of escapes', () => `"${'\\n'.repeat(4 * MIB)}"`],
    ['a String without end', () => `"${'a'.repeat(8 * MIB)}`],
    ['a number of many digits', () => '1'.repeat(8 * MIB)],
    ['a Float of many digits', () => `0.${'1'.repeat(8 * MIB)}`],
    ['a link that is too long', () => `{"/":"b${'a'.repeat(8 * MIB)}"}`],
    ['a link of base58 that is too long', () => `{"/":"Qm${'z'.repeat(8 * MIB)}"}`],
    ['Bytes too long', () => `{"/":{"bytes":"${'A'.repeat(8 * MIB)}"}}`],
    ['Bytes of bad base64', () => `{"/":{"bytes":"${'A'.repeat(8 * MIB)}="}}`],
    ['a key too long', () => `{"${'a'.repeat(8 * MIB)}":1}`],
    ['white space', () => ' '.repeat(8 * MIB)],
    ['a document and much behind it', () => `1${' '.repeat(8 * MIB)}`],
    [
      'keys of 1000 bytes, the last out of order',
      () => `{${Array.from({ length: 1000 }, (_, i) => `"${String(i).padStart(1000, '0')}":1`).join(',')},"0":1}`,
    ],
  ] as Array<[string, () => string]>
).map(([name, make]) => ({ name, form: 'dag-json', make: () => utf8(make()) }))

const TEXT: HostileInput[] = (
  [
    ['nested Lists', () => '['.repeat(MIB)],
    ['nested Dicts', () => '{a='.repeat(400 * KIB)],
    ['nested keys, each its own value', () => '{'.repeat(MIB)],
    ['nested predicates', () => 'p('.repeat(MIB)],
    ['many Ints', () => `[${'1 '.repeat(MIB / 2)}]`],
    ['a String too long', () => `"${'a'.repeat(8 * MIB)}"`],
    ['a String without end', () => `"${'a'.repeat(8 * MIB)}`],
    ['a String of escapes too long', () => `"${'\\n'.repeat(4 * MIB)}"`],
    ['a comment', () => `#${'a'.repeat(8 * MIB)}`],
    ['white space', () => ' '.repeat(8 * MIB)],
    ['lines', () => '\n'.repeat(8 * MIB)],
    ['a number of many digits', () => '1'.repeat(8 * MIB)],
    ['a Float of many digits', () => `0.${'1'.repeat(8 * MIB)}e400`],
    ['hex too long', () => `0x${'00'.repeat(4 * MIB)}`],
    ['base64 too long', () => `b64"${'A'.repeat(8 * MIB)}"`],
    ['base64 without end', () => `b64"${'A'.repeat(8 * MIB)}`],
    ['a word too long', () => `{${'a'.repeat(8 * MIB)}=1}`],
    ['a tag too long', () => `${'a'.repeat(8 * MIB)}()`],
    ['a link that is too long', () => `link("b${'a'.repeat(8 * MIB)}")`],
    ['an error behind much', () => `[${' '.repeat(8 * MIB)}@`],
  ] as Array<[string, () => string]>
).map(([name, make]) => ({ name, form: 'text', make: () => flat(make()) }))

/** A text in one piece: `repeat` answers a rope, which its first reader makes flat. */
function flat(text: string): string {
  Number(text)
  return text
}

export function hostileInputs(): HostileInput[] {
  return [...CBOR, ...JSON_INPUTS, ...TEXT]
}
