import fc from 'fast-check'
import { utf8, hex } from './hex.ts'

/** Runs of bytes that mean something in CBOR: heads not in their shortest form, escapes, tags, breaks, Floats. */
export const CBOR_PARTS: readonly Uint8Array[] = [
  '1800',
  '1817',
  '1818',
  '190000',
  '1a00000000',
  '1b0000000000000000',
  '1bffffffffffffffff',
  '20',
  '3bffffffffffffffff',
  '40',
  '4101',
  '5800',
  '5f',
  '60',
  '6161',
  '612f',
  '7800',
  '61ff',
  '62c080',
  '63eda080',
  '7f',
  '80',
  '81',
  '82',
  '9f',
  'a0',
  'a1',
  'a1612f',
  'bf',
  'ff',
  'f4',
  'f5',
  'f6',
  'f7',
  'f8ff',
  'f90000',
  'fa00000000',
  'fb0000000000000000',
  'fb8000000000000000',
  'fb7ff0000000000000',
  'fb3ff8000000000000',
  '81f6',
  '82f680',
  '82f6818201',
  '83f60149010000000000000000',
  '83f620',
  '84f6617080a0',
  '84f6617080',
  '84f6646c696e6b81706261666b716162696161656261676261a0',
  'd82a',
  'd82a4a000155000501020304',
  'c249',
  'd9002a',
  'd9d9f7',
].map(hex)

/** Runs of text that mean something in JSON, and in dag-json. */
export const JSON_PARTS: readonly Uint8Array[] = [
  'null',
  'true',
  'false',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '"',
  '\\',
  '\\"',
  '\\u0000',
  '\\u000a',
  '\\u0061',
  '\\ud83d',
  '\\ude00',
  '\\/',
  '\\n',
  ' ',
  '\n',
  '0',
  '-',
  '-0',
  '01',
  '1',
  '1.0',
  '.0',
  'e',
  'E5',
  'e+21',
  '1e400',
  '1e-7',
  '5e-324',
  '18446744073709551615',
  '18446744073709551616',
  '-18446744073709551616',
  '{"/":',
  '{"/":"',
  '{"/":"bafkqabiaaebagba"}',
  '{"/":{"bytes":"',
  '{"/":{"bytes":"AQ"}}',
  '"}}',
  'AQ==',
  '[null,',
  '[null,[',
  '[null,"p",',
  '[null,"p",[],{}]',
  '[null,[[1,2]]]',
  '[null,1,{"/":{"bytes":"AQAAAAAAAAAA"}}]',
  '[null,"link",["bafkqabiaaebagba"],{}]',
  '"a":',
  '"/":',
  '""',
]
  .map(utf8)
  .concat([
    Uint8Array.of(0xff),
    Uint8Array.of(0xc0, 0x80),
    Uint8Array.of(0xed, 0xa0, 0x80),
    Uint8Array.of(0xef, 0xbb, 0xbf),
  ])

/** One change of a document; positions are fractions of its length. */
type Change = (bytes: Uint8Array) => Uint8Array

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

function changes(parts: readonly Uint8Array[]): fc.Arbitrary<Change> {
  return fc.oneof(
    fc.tuple(place, fc.nat(7)).map(
      ([at, bit]): Change =>
        (bytes) =>
          replace(bytes, at, (byte) => byte ^ (1 << bit)),
    ),
    fc.tuple(place, fc.nat(255)).map(
      ([at, value]): Change =>
        (bytes) =>
          replace(bytes, at, () => value),
    ),
    fc.tuple(place, fc.constantFrom(-1, 1)).map(
      ([at, step]): Change =>
        (bytes) =>
          replace(bytes, at, (byte) => byte + step),
    ),
    fc.tuple(place, fc.constantFrom(-1, 1)).map(
      ([at, step]): Change =>
        (bytes) =>
          replaceAscii(bytes, at, step),
    ),
    fc.tuple(place, fc.nat(255)).map(
      ([at, value]): Change =>
        (bytes) =>
          splice(bytes, at, 0, Uint8Array.of(value)),
    ),
    fc.tuple(place, fc.constantFrom(...parts)).map(
      ([at, part]): Change =>
        (bytes) =>
          splice(bytes, at, 0, part),
    ),
    fc.tuple(place, fc.constantFrom(...parts), fc.nat(4)).map(
      ([at, part, cut]): Change =>
        (bytes) =>
          splice(bytes, at, cut, part),
    ),
    fc.tuple(place, fc.integer({ min: 1, max: 4 })).map(
      ([at, cut]): Change =>
        (bytes) =>
          splice(bytes, at, cut, new Uint8Array(0)),
    ),
    place.map(
      (at): Change =>
        (bytes) =>
          bytes.slice(0, Math.floor(at * bytes.length)),
    ),
    fc.tuple(place, place, place).map(
      ([from, length, to]): Change =>
        (bytes) =>
          splice(bytes, to, 0, bytes.slice(Math.floor(from * bytes.length)).slice(0, 1 + Math.floor(length * 12))),
    ),
  )
}

function replace(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice()
  const i = Math.floor(at * bytes.length)
  copy[i] = change(copy[i] ?? 0)
  return copy
}

/** Changes the letter or digit that comes next, which is often none of the document's form. */
function replaceAscii(bytes: Uint8Array, at: number, step: number): Uint8Array {
  const from = Math.floor(at * bytes.length)
  const i = bytes.findIndex((byte, j) => j >= from && /[0-9A-Za-z]/.test(String.fromCharCode(byte)))
  const copy = bytes.slice()
  if (i !== -1) {
    copy[i] = (bytes[i] as number) + step
  }
  return copy
}

function splice(bytes: Uint8Array, at: number, cut: number, put: Uint8Array): Uint8Array {
  const i = Math.floor(at * (bytes.length + 1))
  return Uint8Array.of(...bytes.subarray(0, i), ...put, ...bytes.subarray(i + cut))
}

/** Documents with one to three changes. */
export function mutated(document: fc.Arbitrary<Uint8Array>, parts: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(document, fc.array(changes(parts), { minLength: 1, maxLength: 2, size: 'max' }))
    .map(([bytes, all]) => all.reduce((changed, change) => change(changed), bytes))
}

/** Documents of nothing but parts. */
export function joined(parts: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.constantFrom(...parts), { maxLength: 8 })
    .map((all) => Uint8Array.of(...all.flatMap((part) => [...part])))
}
