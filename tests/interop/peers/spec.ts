import { Dict, List, type Node, Predicate } from '@sr/xr'
import type { Spec, SpecPair } from '../recordings/nodes.mjs'

export type { Spec, SpecPair } from '../recordings/nodes.mjs'

/** The node of ours that a spec describes. */
export function toNode(spec: Spec): Node {
  if ('string' in spec) return spec.string
  if ('bool' in spec) return spec.bool
  if ('int' in spec) return BigInt(spec.int)
  if ('float' in spec) return floatOf(spec.float)
  if ('bytes' in spec) return new Uint8Array(Buffer.from(spec.bytes, 'hex'))
  if ('list' in spec) return List.from(spec.list.map(toNode))
  if ('dict' in spec) return toDict(spec.dict)
  const { tag, positional, named } = spec.predicate
  return new Predicate(tag, positional.map(toNode), toDict(named))
}

export function toDict(pairs: readonly SpecPair[]): Dict {
  return Dict.from(pairs.map(([name, value]) => [toNode(name), toNode(value)] as const))
}

/** The number behind 16 hex digits. */
export function floatOf(bits: string): number {
  return Buffer.from(bits, 'hex').readDoubleBE()
}

/**
 * A spec as Go JSON on one line, by no codec of either side: for requests made by hand. Floats and Ints
 * stand as JavaScript and their digits say.
 */
export function goJson(spec: Spec): string {
  if ('string' in spec) return `{"String_IPLD":${JSON.stringify(spec.string)}}`
  if ('bool' in spec) return `{"Bool_IPLD":${spec.bool}}`
  if ('int' in spec) return `{"Int_IPLD":${spec.int}}`
  if ('float' in spec) return `{"Float_IPLD":${floatOf(spec.float)}}`
  if ('bytes' in spec) return `{"Bytes_IPLD":{"/":{"bytes":"${Buffer.from(spec.bytes, 'hex').toString('base64')}"}}}`
  if ('list' in spec) return `{"List_IPLD":{"Elements":[${spec.list.map(goJson).join()}]}}`
  if ('dict' in spec) return `{"Dict_IPLD":{"Pairs":[${pairs(spec.dict)}]}}`
  const { tag, positional, named } = spec.predicate
  return `{"Predicate_IPLD":{"Tag":${JSON.stringify(tag)},"Positional":[${positional.map(goJson).join()}],"Named":[${pairs(named)}]}}`
}

function pairs(entries: readonly SpecPair[]): string {
  return entries.map(([name, value]) => `{"Key":${goJson(name)},"Value":${goJson(value)}}`).join()
}
