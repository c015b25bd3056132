/** A bug to put in while the modules are loaded, to see that it is found. */
export interface Plant {
  name: string
  /** which target must find it */
  target: string
  /** end of the address of the built file */
  file: string
  /** what is replaced in that file, where it stands once */
  find: RegExp
  replace: string
}

/** One bug of each sort that the properties are for. */
export const PLANTS: readonly Plant[] = [
  {
    name: 'a number in more bytes than it needs is accepted',
    target: 'dag-cbor',
    file: '/codec/cbor-scan.js',
    find: /if \([^;]*\? 24 : 2 \*\* [^;]*\) \{/,
    replace: 'if (false) {',
  },
  {
    name: 'bad UTF-8 is answered by a TypeError',
    target: 'dag-json',
    file: '/xr/dist/utf8.js',
    find: /throw new XrError\('XR_VALUE', 'a String must be valid UTF-8'.*/,
    replace: 'throw cause;',
  },
  {
    name: 'the limit of depth lets one more through',
    target: 'dag-json',
    file: '/xr/dist/tape.js',
    find: /> this\.limits\.depth\)/,
    replace: '> this.limits.depth + 1)',
  },
  {
    name: 'a key that is a reserved word is printed bare',
    target: 'text',
    file: '/text/word.js',
    find: /\['true', 'false', 'null'\]/,
    replace: "['false', 'null']",
  },
  {
    name: 'a Float is printed with nine digits',
    target: 'text',
    file: '/text/float.js',
    find: /= String\(value\)/,
    replace: '= String(Number(value.toPrecision(9)))',
  },
  {
    name: 'the slack that nodes have while a document is read is never taken back',
    target: 'go-document',
    file: '/go/measure.js',
    find: /this\.#check\('nodes', this\.nodes, at\);/,
    replace: ';',
  },
  {
    name: 'a document that cannot be read is left out in silence',
    target: 'go-record',
    file: '/go/record-value.js',
    find: /throw under\(peer, document\);/,
    replace: ';',
  },
  {
    name: 'a time to live is cut to 32 bits',
    target: 'go-message',
    file: '/go/message.js',
    find: /ttl = once\(ttl, reader\.varint\(\)\)/,
    replace: 'ttl = BigInt.asIntN(32, once(ttl, reader.varint()))',
  },
]

/**
 * The source of a module with the bug in it, when this is the module.
 *
 * @throws Error when the bug no longer fits the source
 */
export function planted(source: string, url: string, { name, file, find, replace }: Plant): string {
  if (!url.endsWith(file)) return source
  const places = [...source.matchAll(new RegExp(find, 'g'))].length
  if (places !== 1) throw new Error(`the plant "${name}" no longer fits ${file}: its place is there ${places} times`)
  return source.replace(find, () => replace)
}
