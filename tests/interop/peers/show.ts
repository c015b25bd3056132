/** A node of the Go form as JSON reads it, its numbers as the text they stood as. */
interface GoNode {
  String_IPLD?: string
  Bool_IPLD?: boolean
  Int_IPLD?: string
  Float_IPLD?: string
  Bytes_IPLD?: { '/': { bytes: string } }
  List_IPLD?: { Elements: GoNode[] }
  Dict_IPLD?: { Pairs: GoPair[] }
  Predicate_IPLD?: { Tag: string; Positional: GoNode[]; Named: GoPair[] }
}

interface GoPair {
  Key: GoNode
  Value: GoNode
}

/**
 * Go JSON text in short, by no codec of either side, so that tables can be read: `{x=1 l=["a" 2]}`. Floats
 * keep their spelling and end in `f`, since `1f` and `1.0f` are not the same to a Go peer.
 */
export function show(goJsonText: string): string {
  // as text, or JSON.parse would round them
  const withText = goJsonText.replaceAll(/("(?:Int|Float)_IPLD": ?)([^"\s,}]+)/g, '$1"$2"')
  return node(JSON.parse(withText) as GoNode)
}

function node(one: GoNode): string {
  if (one.String_IPLD !== undefined) return quoted(one.String_IPLD)
  if (one.Bool_IPLD !== undefined) return String(one.Bool_IPLD)
  if (one.Int_IPLD !== undefined) return one.Int_IPLD
  if (one.Float_IPLD !== undefined) return `${one.Float_IPLD}f`
  if (one.Bytes_IPLD !== undefined) return `0x${Buffer.from(one.Bytes_IPLD['/'].bytes, 'base64').toString('hex')}`
  if (one.List_IPLD !== undefined) return `[${one.List_IPLD.Elements.map(node).join(' ')}]`
  if (one.Dict_IPLD !== undefined) return `{${one.Dict_IPLD.Pairs.map(pair).join(' ')}}`
  if (one.Predicate_IPLD !== undefined) {
    const { Tag, Positional, Named } = one.Predicate_IPLD
    return `${Tag}(${[...Positional.map(node), ...Named.map(pair)].join(', ')})`
  }
  throw new TypeError(`no Go node: ${JSON.stringify(one)}`)
}

function pair({ Key, Value }: GoPair): string {
  const name = Key.String_IPLD
  return `${name !== undefined && /^\w+$/.test(name) ? name : node(Key)}=${node(Value)}`
}

/** As JSON, with escapes also for invisible characters. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\u{10fffe}\u{10ffff}]/gu,
    (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`,
  )
}
