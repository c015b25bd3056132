import { head } from './mutate/cbor.ts'
import { joined } from './mutate/splice.ts'
import type { Shape } from './targets/target.ts'

const utf8 = new TextEncoder()

/** The identity multibase, version 1, dag-cbor, sha2-256, and 32 bytes. */
const CID = `0001711220${'5a'.repeat(32)}`

const CBOR = [
  'f4', 'f5', 'f6', 'f7', 'ff', '00', '01', '17', '1818', '18ff', '190100', '1a00010000', '1b0000000100000000', '1bffffffffffffffff', '20', '3bffffffffffffffff', '3b7fffffffffffffff', '1817', '190018', '1a0000ffff', '1b00000000ffffffff',
  '40', '4100', '60', '6161', '612f', '62c3a9', '61ff', '63eda080', '64f09f9880', '6100', '62006e', '7818', '80', '81f6', '82f6', '83f601', '83f620', '83f60149010000000000000000', '83f62049010000000000000000', '83f60149000000000000000000', '83f60148ffffffffffffffff',
  'a0', 'a161610', 'a1616101', 'a2616101616202', 'a1612f01', 'a101f5', '84f6617480a0', '84f66174810001a0', '84f6617480a1616101', '82f680', '82f681820102', '84f6617480 82f681820102',
  'fb0000000000000000', 'fb8000000000000000', 'fb3ff0000000000000', 'fb7ff0000000000000', 'fb7ff8000000000000', 'fb7fefffffffffffff', 'f93c00', 'fa3f800000', 'f97e00', 'd82a', 'd82a40', 'd82a4100', 'd82a45000155000', 'd82a450001550000', 'd82a4500017100 00', `d82a5825${CID}`, 'c1', 'c249010000000000000000', 'd9d9f7', '9f', 'bf', '5f', '7f', '9affffffff', 'baffffffff', '5affffffff', '7b001fffffffffffff', '9bffffffffffffffff',
].map((hex) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')))

const JSON_TOKENS = [
  'null', 'true', 'false', '""', '"/"', '"a"', '{}', '[]', '[null]', '{"/":', '{"/":{"bytes":"', '"}}', '{"/":{"bytes":""}}', '{"/":{"bytes":"AQ"}}', '{"/":{"bytes":"AR"}}', '{"/":{"bytes":"AQ=="}}', '{"/":"bafkqabiaaebagba"}', '{"/":"QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY"}',
  '{"/":"bafyreidj5idub6mapiupjwjsyyxhyhedxycv4vihfsicm2vt46o7morwlm"}', '[null,"t",[],{}]', '[null,"link",["bafkqabiaaebagba"],{}]', '[null,[[1,2]]]', '[null,[["/",2]]]', '[null,1,{"/":{"bytes":"AQAAAAAAAAAA"}}]', '[null,-1,{"/":{"bytes":"AQAAAAAAAAAB"}}]', '[null,1,{"/":{"bytes":"//////////8"}}]', '1e400', '1.0', '-0', '-0.0', '18446744073709551615', '18446744073709551616', '\\u0000', '\\ud800', '\\ud83d\\ude00', '"\\u00e9"', ',', ':', '"__proto__":1',
]

const GO_TOKENS = [
  '"String_IPLD"', '"Bytes_IPLD"', '"Int_IPLD"', '"Float_IPLD"', '"Bool_IPLD"', '"Dict_IPLD"', '"List_IPLD"', '"Predicate_IPLD"', '"Pairs"', '"Elements"', '"Key"', '"Value"', '"Tag"', '"Positional"', '"Named"', '{"String_IPLD":"x"}', '{"Int_IPLD":1}', '{"Float_IPLD":1}', '{"Float_IPLD":1.0}', '{"Bool_IPLD":true}', '{"Bytes_IPLD":{"/":{"bytes":"AQ=="}}}',
  '{"Dict_IPLD":{"Pairs":[]}}', '{"List_IPLD":{"Elements":[]}}', '{"Predicate_IPLD":{"Tag":"t","Positional":[],"Named":[]}}', '"bigint"', '"9223372036854775808"', '{"Key":{"Int_IPLD":1},"Value":{"Int_IPLD":1}}', ',,', '"Key":', '"Dict"', '"\\u0053tring_IPLD"',
]

const TEXT_TOKENS = [
  'null', 'true', 'false', '=', ':', ' ', ',', '#', '\n', '"', '0x', '0xdead', '0xDEAD', '0xabc', 'b64""', 'b64"AQ=="', 'b64"AQ"', 'b64"AR"', 'link("bafkqabiaaebagba")', 'link(', 't(', 't(1, a=2)', 't(a=1 2)', '"a b"(1)', '(1)', '{1=2}', '{1}', '{[1]}', '{a=1 a=1}', '{"/"=1}', '[1 1]', '[1,1.0]', '-0', '-0.0', '1e400', '1e-400', '1.0', '\\u{1}', '\\x41', '\\U0001f600', '\\ud83d\\ude00', '\\ud800', 'true=', '"true"=', 'true(', '$set(', '-a', 'a-b', '__proto__=1',
]

/** The tokens that changes put in, by shape; with the strings that stand in the source under test. */
export function dictionary(shape: Shape, name: string, strings: Iterable<string>): Uint8Array[] {
  if (shape === 'cbor') {
    const texts = [...strings].slice(0, 100).map((text) => utf8.encode(text))
    return [...CBOR, ...texts.map((bytes) => joined([head(3, bytes.length), bytes]))]
  }
  if (shape === 'protobuf') return [...[...GO_TOKENS, ...JSON_TOKENS].map((text) => utf8.encode(text)), ...['0800', '0801', '0802', '08ffffffffffffffffff01', '1200', '120161', '1a00', '1a0161', '2000', '2001', '20ffffffffffffffffff01', '208080808080808080808000', '2801', '2a0161', '3d00000000'].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))]
  const own = shape === 'text' ? [...TEXT_TOKENS, ...JSON_TOKENS] : name.startsWith('go') ? [...GO_TOKENS, ...JSON_TOKENS] : JSON_TOKENS
  return [...own, ...strings].filter((text) => text !== '').map((text) => utf8.encode(text))
}
