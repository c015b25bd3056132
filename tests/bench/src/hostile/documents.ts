import { Dict, type Node, Predicate } from '@sr/xr'

/** Keys of the records that the server has from the start. */
export const TINY = 'tiny'
export const LARGE = 'large'

/** How deep the large document is: on the Go wire each level adds four tabs a line, until an answer has 3.4 MB. */
const LARGE_DEPTH = 12

export function tinyDocument(): Dict {
  return Dict.from([['nick', 'bob']])
}

/** 10,000 nodes, the most that an update may have. */
export function widestDocument(salt: number): Dict {
  return Dict.from(Array.from({ length: 4999 }, (_, i): [Node, Node] => [`k${i}`, BigInt(i + salt)]))
}

/** An answer of about 3.4 MB. */
export function largeDocument(): Dict {
  let document = Dict.from(Array.from({ length: 4980 }, (_, i): [Node, Node] => [`k${i}`, BigInt(i)]))
  for (let depth = 0; depth < LARGE_DEPTH; depth++) {
    document = Dict.from([['d', document]])
  }
  return document
}

/** 250 requests to dial addresses of 16 parts. */
export function taggedDocument(salt: number): Dict {
  const part = '/p2p/12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
  return Dict.from(
    Array.from({ length: 250 }, (_, i): [Node, Node] => {
      const address = new Predicate('multiaddr', [`/ip4/8.8.8.8/tcp/${1 + ((i + salt) % 60_000)}${part.repeat(16)}`])
      return [`t${i}`, new Predicate('dialable', [], Dict.from([['address', address]]))]
    }),
  )
}
