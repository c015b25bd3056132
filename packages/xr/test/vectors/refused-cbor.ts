import { toHex, utf8 } from '../hex.ts'
import { CID } from './values.ts'

/** Bytes that dag-cbor refuses; `design`: canonical dag-cbor, which this data model has no value for. */
export type RefusedBytes = readonly [name: string, hex: string, code: string, reason: string, design?: 'design']

const IDENTITY = '0155000500 01020304'
const LINK = `d82a4a00${IDENTITY}`
const text = (value: string): string => toHex(Uint8Array.of(0x60 | utf8(value).length)) + toHex(utf8(value))

const NUMBERS: RefusedBytes[] = [
  ['0 in two bytes', '1800', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['23 in two bytes', '1817', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['24 in three bytes', '190018', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['255 in three bytes', '1900ff', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['256 in five bytes', '1a00000100', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['65535 in five bytes', '1a0000ffff', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['65536 in nine bytes', '1b0000000000010000', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['2^32-1 in nine bytes', '1b00000000ffffffff', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['-1 in two bytes', '3800', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['-24 in two bytes', '3817', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['-25 in three bytes', '390018', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['-2^32 in nine bytes', '3b00000000ffffffff', 'XR_FORM', 'an Int in more bytes than it needs'],
  ['1.5 in three bytes', 'f93e00', 'XR_FORM', 'a Float takes nine bytes'],
  ['1.5 in five bytes', 'fa3fc00000', 'XR_FORM', 'a Float takes nine bytes'],
  ['0.0 in three bytes', 'f90000', 'XR_FORM', 'a Float takes nine bytes'],
  ['NaN in three bytes', 'f97e00', 'XR_FORM', 'a Float takes nine bytes, and is no NaN'],
  ['Infinity in three bytes', 'f97c00', 'XR_FORM', 'a Float takes nine bytes, and is finite'],
  ['Infinity in five bytes', 'fa7f800000', 'XR_FORM', 'a Float takes nine bytes, and is finite'],
  ['-0.0', 'fb8000000000000000', 'XR_FORM', 'minus zero is written as zero'],
  ['NaN', 'fb7ff8000000000000', 'XR_VALUE', 'a Float is finite'],
  ['NaN with a sign', 'fbfff8000000000000', 'XR_VALUE', 'a Float is finite'],
  ['NaN with a payload', 'fb7ff8000000000001', 'XR_VALUE', 'a Float is finite'],
  ['NaN that signals', 'fb7ff0000000000001', 'XR_VALUE', 'a Float is finite'],
  ['NaN of all ones', 'fbffffffffffffffff', 'XR_VALUE', 'a Float is finite'],
  ['Infinity', 'fb7ff0000000000000', 'XR_VALUE', 'a Float is finite'],
  ['-Infinity', 'fbfff0000000000000', 'XR_VALUE', 'a Float is finite'],
  ['a Float cut', 'fb3ff80000000000', 'XR_SYNTAX', 'the input ends within it'],
  ['an Int cut', '1901', 'XR_SYNTAX', 'the input ends within it'],
  ['a long Int cut', '1bffffffffffffff', 'XR_SYNTAX', 'the input ends within it']
]

const HEADS: RefusedBytes[] = [
  ['nothing', '', 'XR_SYNTAX', 'there is no document'],
  ['an Int with a reserved length', '1c', 'XR_SYNTAX', 'lengths 28 to 30 mean nothing'],
  ['a String with a reserved length', '7d61', 'XR_SYNTAX', 'lengths 28 to 30 mean nothing'],
  ['a map with a reserved length', 'be', 'XR_SYNTAX', 'lengths 28 to 30 mean nothing'],
  ['an Int of indefinite length', '1f', 'XR_SYNTAX', 'no such item'],
  ['a negative Int of indefinite length', '3f', 'XR_SYNTAX', 'no such item'],
  ['a tag of indefinite length', 'df00', 'XR_SYNTAX', 'no such item'],
  ['Bytes of indefinite length', '5f4101ff', 'XR_FORM', 'lengths are written'],
  ['Bytes of indefinite length, empty', '5fff', 'XR_FORM', 'lengths are written'],
  ['a String of indefinite length', '7f6161ff', 'XR_FORM', 'lengths are written'],
  ['a String of indefinite length, empty', '7fff', 'XR_FORM', 'lengths are written'],
  ['a List of indefinite length', '9f01ff', 'XR_FORM', 'lengths are written'],
  ['a List of indefinite length, empty', '9fff', 'XR_FORM', 'lengths are written'],
  ['a Dict of indefinite length', 'bf616101ff', 'XR_FORM', 'lengths are written'],
  ['a Dict of indefinite length, empty', 'bfff', 'XR_FORM', 'lengths are written'],
  ['a List of indefinite length in a List', '819fff', 'XR_FORM', 'lengths are written'],
  ['a break alone', 'ff', 'XR_SYNTAX', 'nothing is open'],
  ['a break in a List', '82ff01', 'XR_SYNTAX', 'the List has a length'],
  ['a reserved simple value fc', 'fc', 'XR_SYNTAX', 'no such item'],
  ['a reserved simple value fe', 'fe', 'XR_SYNTAX', 'no such item'],
  ['undefined', 'f7', 'XR_KIND', 'undefined is no kind'],
  ['undefined in a List', '81f7', 'XR_KIND', 'undefined is no kind'],
  ['a simple value 0', 'e0', 'XR_KIND', 'of simple values only false, true and null are known'],
  ['a simple value 19', 'f3', 'XR_KIND', 'of simple values only false, true and null are known'],
  ['a simple value 255', 'f8ff', 'XR_KIND', 'of simple values only false, true and null are known'],
  ['a simple value 20, false, in two bytes', 'f814', 'XR_KIND', 'simple values below 32 take one byte'],
  ['a simple value 22, null, in two bytes', 'f816', 'XR_KIND', 'simple values below 32 take one byte'],
  ['a String whose length takes more bytes than it needs', '780161', 'XR_FORM', 'a length in more bytes than it needs'],
  ['a String whose length takes nine bytes', '7b000000000000000161', 'XR_FORM', 'a length in more bytes than it needs'],
  ['Bytes whose length takes more bytes than it needs', '580101', 'XR_FORM', 'a length in more bytes than it needs'],
  ['a List whose length takes more bytes than it needs', '980101', 'XR_FORM', 'a length in more bytes than it needs'],
  ['a List whose length takes five bytes', '9a0000000101', 'XR_FORM', 'a length in more bytes than it needs'],
  ['an empty List whose length takes two bytes', '9800', 'XR_FORM', 'a length in more bytes than it needs'],
  ['a Dict whose length takes more bytes than it needs', 'b801616101', 'XR_FORM', 'a length in more bytes than it needs'],
  ['a key whose length takes more bytes than it needs', 'a178016101', 'XR_FORM', 'a length in more bytes than it needs'],
  ['two documents', '0000', 'XR_SYNTAX', 'bytes follow the document'],
  ['a Dict and a zero byte', 'a000', 'XR_SYNTAX', 'bytes follow the document'],
  ['a String and a line end', '61610a', 'XR_SYNTAX', 'bytes follow the document']
]

const HUGE: RefusedBytes[] = [
  ['Bytes said to be 2^64-1 long', '5bffffffffffffffff', 'XR_SYNTAX', 'the input ends before'],
  ['Bytes said to be 2^32-1 long', '5affffffff00', 'XR_SYNTAX', 'the input ends before'],
  ['a String said to be 2^53 long', '7b0020000000000000', 'XR_SYNTAX', 'the input ends before'],
  ['a String said to be one byte longer', '6261', 'XR_SYNTAX', 'the input ends before'],
  ['a List said to have 2^64-1 members', '9bffffffffffffffff', 'XR_SYNTAX', 'the input ends before'],
  ['a List said to have 2^32-1 members', '9affffffff01', 'XR_SYNTAX', 'the input ends before'],
  ['a List said to have one more member', '8201', 'XR_SYNTAX', 'the input ends before'],
  ['a Dict said to have 2^64-1 entries', 'bbffffffffffffffff', 'XR_SYNTAX', 'the input ends before'],
  ['a Dict said to have 2^63 entries', 'bb8000000000000000616101', 'XR_SYNTAX', 'the input ends before'],
  ['a Dict whose last value is missing', 'a26161016162', 'XR_SYNTAX', 'the input ends before'],
  ['a key said to be 2^32-1 long', 'a17affffffff61', 'XR_SYNTAX', 'the input ends before'],
  ['a link said to be 2^32-1 long', 'd82a5affffffff00', 'XR_SYNTAX', 'the input ends before']
]

const TEXTS: RefusedBytes[] = [
  ['a String of a lone byte ff', '61ff', 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a String of a lone continuation', '6180', 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a String cut within a character', '62e6b0', 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a String with an over-long NUL', '62c080', 'XR_VALUE', 'Strings are valid UTF-8, in its shortest form'],
  ['a String with an over-long slash', '63e080af', 'XR_VALUE', 'Strings are valid UTF-8, in its shortest form'],
  ['a String with an over-long astral character', '64f0828282', 'XR_VALUE', 'Strings are valid UTF-8, in its shortest form'],
  ['a String with a high surrogate', '63eda080', 'XR_VALUE', 'Strings are well-formed Unicode'],
  ['a String with a low surrogate', '63edb080', 'XR_VALUE', 'Strings are well-formed Unicode'],
  ['a String with a surrogate pair, each half encoded', '66eda081edb080', 'XR_VALUE', 'Strings are well-formed Unicode'],
  ['a String beyond U+10FFFF', '64f4908080', 'XR_VALUE', 'Strings are well-formed Unicode'],
  ['a String of five-byte UTF-8', '65f888808080', 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a long String with one bad byte', `7828${'61'.repeat(39)}ff`, 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a key with bad UTF-8', 'a161ff01', 'XR_VALUE', 'Strings are valid UTF-8'],
  ['a tag with bad UTF-8', '84f661ff80a0', 'XR_VALUE', 'Strings are valid UTF-8']
]

const MAPS: RefusedBytes[] = [
  ['keys out of order', 'a2616201616100', 'XR_FORM', 'keys are sorted'],
  ['keys in the order of their bytes, not their lengths', 'a262616101616202', 'XR_FORM', 'shorter keys come first'],
  ['keys in the order of UTF-16', `a2${text('\u{10000}')}01${text('\ue000a')}02`, 'XR_FORM', 'keys of one length are in the order of their UTF-8 bytes'],
  ['keys out of order in a Dict inside', 'a16161a2616201616100', 'XR_FORM', 'keys are sorted'],
  ['the third key out of order', 'a3616101616302616203', 'XR_FORM', 'keys are sorted'],
  ['a key twice', 'a2616100616101', 'XR_DUPLICATE', 'a Dict holds each key once'],
  ['a key twice with one value', 'a2616100616100', 'XR_DUPLICATE', 'a Dict holds each key once'],
  ['the empty key twice', 'a260016001', 'XR_DUPLICATE', 'a Dict holds each key once'],
  ['__proto__ twice', `a2${text('__proto__')}01${text('__proto__')}02`, 'XR_DUPLICATE', 'a Dict holds each key once'],
  ['an Int as a map\'s key', 'a10000', 'XR_FORM', 'a Dict with such a key is written as pairs'],
  ['Bytes as a map\'s key', 'a1416100', 'XR_FORM', 'a Dict with such a key is written as pairs'],
  ['null as a map\'s key', 'a1f600', 'XR_FORM', 'the keys of a map are Strings'],
  ['a List as a map\'s key', 'a18000', 'XR_FORM', 'a Dict with such a key is written as pairs'],
  ['a map\'s key of indefinite length', 'a17f6161ff00', 'XR_FORM', 'lengths are written'],
  ['the key / in a map', 'a1612f01', 'XR_FORM', 'a Dict with the key / is written as pairs, in both codecs', 'design'],
  ['the key / among others', 'a36001612f02616103', 'XR_FORM', 'a Dict with the key / is written as pairs, in both codecs', 'design']
]

const TAGS: RefusedBytes[] = [
  ['tag 0, a time', 'c074323032302d30312d30315430303a30303a30305a', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 1, a time', 'c100', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 2, a bignum', 'c249010000000000000000', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 3, a negative bignum', 'c349010000000000000000', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 2, a bignum within 64 bits', 'c24101', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 32, a URI', 'd82063613a62', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 41', `d829${LINK.slice(4)}`, 'XR_KIND', 'of tags only 42 is known'],
  ['tag 43', `d82b${LINK.slice(4)}`, 'XR_KIND', 'of tags only 42 is known'],
  ['tag 55799, self-described', 'd9d9f700', 'XR_KIND', 'of tags only 42 is known'],
  ['tag 42 in three bytes', `d9002a${LINK.slice(4)}`, 'XR_FORM', 'a tag in more bytes than it needs'],
  ['tag 42 in five bytes', `da0000002a${LINK.slice(4)}`, 'XR_FORM', 'a tag in more bytes than it needs'],
  ['a tag as a map\'s key', `a1${LINK}00`, 'XR_FORM', 'the keys of a map are Strings'],
  ['a tag cut', 'd8', 'XR_SYNTAX', 'the input ends within it'],
  ['tag 42 without content', 'd82a', 'XR_SYNTAX', 'the input ends within it'],
  ['tag 42 around a tag', `d82a${LINK}`, 'XR_VALUE', 'a link holds Bytes']
]

const LINKS: RefusedBytes[] = [
  ['a link of a String', `d82a${text(CID.identity)}`, 'XR_VALUE', 'a link holds Bytes'],
  ['a link of an Int', 'd82a00', 'XR_VALUE', 'a link holds Bytes'],
  ['a link of nothing', 'd82a40', 'XR_VALUE', 'a link begins with a zero byte'],
  ['a link of a zero byte', 'd82a4100', 'XR_VALUE', 'a link holds a CID'],
  ['a link without the zero byte', `d82a49${IDENTITY}`, 'XR_VALUE', 'a link begins with a zero byte'],
  ['a link with another multibase', `d82a4a01${IDENTITY}`, 'XR_VALUE', 'a link begins with a zero byte'],
  ['a link whose digest is too short', 'd82a49000155000500010203', 'XR_VALUE', 'a link holds a whole CID'],
  ['a link with a byte after the CID', `d82a4b00${IDENTITY}00`, 'XR_VALUE', 'a link holds a CID and nothing else'],
  ['a link of version 2', `d82a4a00${IDENTITY.replace('01', '02')}`, 'XR_VALUE', 'CIDs have the versions 0 and 1'],
  ['a link of version 0 with another digest', `d82a53001210${'11'.repeat(16)}`, 'XR_VALUE', 'version 0 is SHA-256 of 32 bytes', 'design'],
  ['a link with an over-long version', `d82a4b008100${IDENTITY.slice(2)}`, 'XR_FORM', 'the numbers of a CID are in their shortest form'],
  ['a link with an over-long codec', `d82a4b0001d5000005 0001020304`, 'XR_FORM', 'the numbers of a CID are in their shortest form'],
  ['a link with an over-long hash', 'd82a4b00015580000500010203 04', 'XR_FORM', 'the numbers of a CID are in their shortest form'],
  ['a link with an over-long length', 'd82a4b0001550085000001020304', 'XR_FORM', 'the numbers of a CID are in their shortest form'],
  ['a link of indefinite length', `d82a5f4a00${IDENTITY}ff`, 'XR_FORM', 'lengths are written'],
  ['a link whose length takes more bytes than it needs', `d82a580a00${IDENTITY}`, 'XR_FORM', 'a length in more bytes than it needs'],
  ['link("…") as a predicate, with a CID', `84f6${text('link')}81${text(CID.identity)}a0`, 'XR_FORM', 'a link with a valid CID is written as an IPLD link', 'design']
]

const SETS: RefusedBytes[] = [
  ['a member twice', '820101', 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a member twice, apart', '83016161 01', 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a List twice', '828080', 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a List twice, in two orders', '82820102820201', 'XR_DUPLICATE', 'a List is a set, and so are its members', 'design'],
  ['a Dict twice', '82a1616101a1616101', 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a predicate twice', '8284f6617080a084f6617080a0', 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a link twice', `82${LINK}${LINK}`, 'XR_DUPLICATE', 'a List is a set', 'design'],
  ['a member twice, deep inside', 'a16161a16162820101', 'XR_DUPLICATE', 'a List is a set', 'design']
]

const ESCAPES: RefusedBytes[] = [
  ['null', 'f6', 'XR_KIND', 'null is no kind', 'design'],
  ['null as a member', '8201f6', 'XR_KIND', 'null is no kind', 'design'],
  ['null as a value', 'a16161f6', 'XR_KIND', 'null is no kind', 'design'],
  ['null as an argument', '84f6617081f6a0', 'XR_KIND', 'null is no kind', 'design'],
  ['[null]', '81f6', 'XR_FORM', 'an escape has two, three or four items', 'design'],
  ['[null, null]', '82f6f6', 'XR_KIND', 'null is no kind', 'design'],
  ['[null, tag]', '82f66170', 'XR_FORM', 'a predicate has arguments', 'design'],
  ['[null, tag, list]', '83f6617080', 'XR_FORM', 'a predicate has named arguments', 'design'],
  ['[null, tag, map]', '83f66170a0', 'XR_FORM', 'positional arguments are a list', 'design'],
  ['[null, tag, map, list]', '84f66170a080', 'XR_FORM', 'positional arguments are a list', 'design'],
  ['[null, tag, list, list]', '84f661708080', 'XR_FORM', 'named arguments are a map, or pairs', 'design'],
  ['[null, tag, list, 1]', '84f661708001', 'XR_FORM', 'named arguments are a map, or pairs', 'design'],
  ['[null, tag, list, map, 1]', '85f6617080a001', 'XR_FORM', 'a predicate has four items', 'design'],
  ['[null, Bytes, list, map]', '84f6417080a0', 'XR_FORM', 'a tag is a String', 'design'],
  ['[null, false]', '82f6f4', 'XR_FORM', 'no escape goes on so', 'design'],
  ['[null, map]', '82f6a0', 'XR_FORM', 'no escape goes on so', 'design'],
  ['[null, []]', '82f680', 'XR_FORM', 'an empty Dict is written as a map', 'design'],
  ['pairs that should be a map', '82f68182616101', 'XR_FORM', 'all keys are Strings', 'design'],
  ['pairs with a third item', '82f6818301026161', 'XR_FORM', 'a pair has two items', 'design'],
  ['pairs with one item', '82f68181 01', 'XR_FORM', 'a pair has two items', 'design'],
  ['pairs with an empty pair', '82f68180', 'XR_FORM', 'a pair has two items', 'design'],
  ['pairs with an item that is no pair', '82f68101', 'XR_FORM', 'a pair is a list', 'design'],
  ['pairs with a map for a pair', '82f681a0', 'XR_FORM', 'a pair is a list', 'design'],
  ['pairs and more', '83f6818201 02 03', 'XR_FORM', 'a Dict has two items', 'design'],
  ['pairs with null as a key', '82f68182f601', 'XR_KIND', 'null is no kind', 'design'],
  ['pairs with null as a value', '82f6818201f6', 'XR_KIND', 'null is no kind', 'design'],
  ['pairs out of order', '82f68282026161820161 62', 'XR_FORM', 'pairs are in the order of their keys\' canonical bytes', 'design'],
  ['pairs with a key twice', '82f682820161618201 6162', 'XR_DUPLICATE', 'a Dict holds each key once', 'design'],
  ['pairs with a List key in two orders', '82f682828201026161828202016162', 'XR_DUPLICATE', 'a Dict holds each key once, and a List is a set', 'design'],
  ['named pairs that should be a map', '84f661708082f68182616101', 'XR_FORM', 'all names are Strings', 'design'],
  ['named pairs, empty', '84f661708082f680', 'XR_FORM', 'no named arguments are written as a map', 'design'],
  ['named pairs without null', '84f66170808181 820102', 'XR_FORM', 'pairs begin with null', 'design'],
  ['named pairs and more', '84f661708083f68182010203', 'XR_FORM', 'pairs have two items', 'design'],
  ['a wide Int of 2^64-1', '83f60148ffffffffffffffff', 'XR_FORM', 'an Int within 64 bits is written as such', 'design'],
  ['a wide Int of 0', '83f60140', 'XR_FORM', 'an Int within 64 bits is written as such', 'design'],
  ['a wide Int of -2^64', '83f62049010000000000000000', 'XR_FORM', 'an Int within 64 bits is written as such', 'design'],
  ['a wide Int with a leading zero', '83f6014a00010000000000000000', 'XR_FORM', 'magnitudes begin with no zero', 'design'],
  ['a wide Int with sign 2', '83f60249010000000000000000', 'XR_FORM', 'signs are 1 and -1', 'design'],
  ['a wide Int with sign 0', '83f60049010000000000000000', 'XR_FORM', 'signs are 1 and -1', 'design'],
  ['a wide Int with a Float sign', '83f6fb3ff800000000000049010000000000000000', 'XR_FORM', 'signs are Ints', 'design'],
  ['a wide Int with a String magnitude', '83f6016131', 'XR_FORM', 'magnitudes are Bytes', 'design'],
  ['a wide Int without magnitude', '82f601', 'XR_FORM', 'a wide Int has three items', 'design'],
  ['a wide Int and more', '84f6014901000000000000000000', 'XR_FORM', 'a wide Int has three items', 'design'],
  ['a wide Int of 1025 bits', `83f6015881${'01'}${'00'.repeat(128)}`, 'XR_INT', 'Ints have up to 1024 bits', 'design']
]

/** Everything that dag-cbor refuses for its form; what it refuses for limits stands in limits.ts. */
export const REFUSED_CBOR: readonly RefusedBytes[] = [
  ...NUMBERS, ...HEADS, ...HUGE, ...TEXTS, ...MAPS, ...TAGS, ...LINKS, ...SETS, ...ESCAPES,
  ...cutEverywhere('a document', `a36161821863fb3ff80000000000006162${LINK}616384f661708142ff00a0`)
]

/** A document that is fine, cut after every byte. */
function cutEverywhere (what: string, whole: string): RefusedBytes[] {
  const digits = whole.replace(/\s/g, '')
  return Array.from({ length: digits.length / 2 - 1 }, (_, i) =>
    [`${what} cut after byte ${i + 1}`, digits.slice(0, 2 * (i + 1)), 'XR_SYNTAX', 'the input ends before the document does'] as const)
}
