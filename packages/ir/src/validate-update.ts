import { isKind, key, kindOf, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { checkHead } from './check-head.ts'
import { IrError, type IrErrorCode } from './errors.ts'
import { OPERATOR_SIGN, REMOVE, SET, TTL } from './operators.ts'
import { seqTime, type Update } from './update.ts'

/** What a lawful update comes to. */
export interface UpdateStats {
  /** the latest expiry in it, `$ttl` counted, milliseconds */
  readonly latest: number
  /** nodes in the body: leaves, containers, keys and argument names, as the limits count them */
  readonly nodes: number
  /** whether it does nothing but remove */
  readonly removesOnly: boolean
}

declare const validated: unique symbol

/** An update that passed {@link validateUpdate}, with its statistics. Only that function makes one. */
export type ValidatedUpdate = Update & UpdateStats & { readonly [validated]: true }

/**
 * Checks an update for everything that every replica must agree on: its fields, its operators, and the limits of
 * `@sr/xr` on depth, nodes and size of the body. Clocks and quotas are the machine's.
 *
 * @throws IrError with the path in the body; every code but `IR_GRAMMAR`
 * @throws XrError `XR_DEPTH`, `XR_NODES`, `XR_SIZE`, `XR_STRING` or `XR_BYTES` for a body above its limit
 * @example
 * ```ts
 * import { ttl, validateUpdate } from '@sr/ir/validate'
 * import { from } from '@sr/xr'
 *
 * const body = from({ nick: 'bob', typing: ttl(true, 5) })
 * console.log(validateUpdate({ seq: 1_000_000, hash: '00'.repeat(32), expires: 60_000, retain: 60_000, body }).latest) // 60000
 * ```
 */
export function validateUpdate(update: Update): ValidatedUpdate {
  const { seq, hash, expires, retain, body } = update
  const { latest, nodes, removesOnly } = bodyStats(update)
  return { seq, hash, expires, retain, body, latest, nodes, removesOnly } as ValidatedUpdate
}

function bodyStats(update: Update): UpdateStats {
  checkHead(update)
  const { body, expires } = update
  if (isKind(body, 'dict') && isFlat(body)) {
    return { latest: expires, nodes: 1 + 2 * body.size, removesOnly: false }
  }
  const check = new BodyCheck(update)
  check.body(update.body)
  return check
}

/** Whether a Dict has String keys and plain values only, as most updates do; then there is nothing in it to refuse. */
function isFlat(body: Dict): boolean {
  for (const [id, value] of body.byKey()) {
    if (typeof value === 'object' || id.charCodeAt(0) === 0) {
      return false
    }
  }
  return body.size > 0
}

/** One walk over a body. The path holds where it is, for the error that may come. */
class BodyCheck implements UpdateStats {
  latest: number
  nodes = 0
  removesOnly = true
  readonly #update: Update
  readonly #path: Node[] = []

  constructor(update: Update) {
    this.#update = update
    this.latest = update.expires
  }

  body(body: Node): void {
    if (isKind(body, 'dict')) {
      return this.#value(body)
    }
    const inner = isKind(body, 'predicate') ? body.positional[0] : undefined
    if (isKind(body, 'predicate') && (body.tag === REMOVE || (body.tag === SET && isKind(inner, 'dict')))) {
      return this.#value(body)
    }
    throw this.#error('IR_BODY', 'the body must be a Dict, $set(Dict) or $remove()')
  }

  /** What stands as the body, as a Dict value or as the argument of `$set`. */
  #value(node: Node): void {
    if (typeof node !== 'object') {
      this.nodes++
      this.removesOnly = false
      return
    }
    const kind = kindOf(node)
    switch (kind) {
      case 'dict':
        return this.#dict(node as Dict)
      case 'list':
        return this.#list(node as List)
      case 'predicate':
        return this.#predicateValue(node as Predicate)
      default:
        return this.#opaque(node)
    }
  }

  #predicateValue(node: Predicate): void {
    switch (node.tag) {
      case SET:
        this.nodes++
        this.removesOnly = false
        return this.#value(this.#arguments(node, 1)[0] as Node)
      case REMOVE:
        this.nodes++
        this.#arguments(node, 0)
        return
      case TTL: {
        const inner = this.#life(node)
        if (isOperator(inner)) {
          throw this.#error('IR_OPERATOR', `${TTL} takes no ${inner.tag}`)
        }
        return this.#value(inner)
      }
      default:
        return this.#opaque(node)
    }
  }

  #dict(node: Dict): void {
    this.nodes += 1 + node.size
    // an empty container says something: that it is there
    this.removesOnly &&= node.size > 0
    for (const [id, value] of node.byKey()) {
      if (id.charCodeAt(0) !== 0 && typeof value !== 'object') {
        this.nodes++
        this.removesOnly = false
        continue
      }
      const name = node.keyNode(id)
      this.#path.push(name)
      this.nodes-- // the key was counted with the Dict
      this.#inside(name)
      this.#value(value)
      this.#path.pop()
    }
  }

  #list(node: List): void {
    this.nodes++
    this.removesOnly &&= node.size > 0
    let position = 0n
    let named: Set<string> | undefined
    for (const member of node) {
      if (isOperator(member)) {
        this.#path.push(position)
        named ??= new Set()
        this.#memberOperator(node, member, named)
        this.#path.pop()
      } else if (typeof member === 'object') {
        this.#path.push(position)
        this.#opaque(member)
        this.#path.pop()
      } else {
        this.nodes++
        this.removesOnly = false
      }
      position++
    }
  }

  #memberOperator(list: List, operator: Predicate, named: Set<string>): void {
    let member: Node
    switch (operator.tag) {
      case REMOVE:
        this.nodes++
        member = this.#arguments(operator, 1)[0] as Node
        this.#inside(member)
        break
      case TTL:
        member = this.#life(operator)
        this.#opaque(member)
        break
      default:
        throw this.#error('IR_OPERATOR', `${operator.tag} may not stand in a List`)
    }
    // a List is a set: were a member named twice, its order would decide
    const id = key(member)
    if (named.has(id) || list.has(member)) {
      throw this.#error('IR_MEMBER', 'a List names one member twice, at least once by an operator')
    }
    named.add(id)
  }

  /** The first argument of a `$ttl`, whose second is checked. */
  #life(operator: Predicate): Node {
    this.nodes += 2
    const [inner, seconds] = this.#arguments(operator, 2) as [Node, Node]
    if (typeof seconds !== 'bigint' || seconds < 1n) {
      throw this.#error('IR_TTL', 'a $ttl is an Int of seconds from 1')
    }
    const expires = seqTime(this.#update.seq) + Number(seconds) * 1000
    if (expires > this.#update.retain) {
      throw this.#error('IR_RETAIN', 'a $ttl outlives retain', { max: this.#update.retain, got: expires })
    }
    this.latest = Math.max(this.latest, expires)
    return inner
  }

  #arguments(operator: Predicate, count: number): readonly Node[] {
    if (operator.positional.length !== count || operator.named.size > 0) {
      throw this.#error(
        'IR_OPERATOR',
        `${operator.tag} takes ${count === 1 ? 'one positional argument' : `${count} positional arguments`} here`,
      )
    }
    return operator.positional
  }

  /** A leaf or a List member: something is said, and no operator is in it. */
  #opaque(node: Node): void {
    this.removesOnly = false
    this.#inside(node)
  }

  /** Counts a node that merge never looks into, and refuses operators anywhere in it. */
  #inside(node: Node): void {
    this.nodes++
    if (typeof node !== 'object') {
      return
    }
    if (isKind(node, 'predicate')) {
      if (node.tag.startsWith(OPERATOR_SIGN)) {
        throw this.#error('IR_OPERATOR', `${node.tag} may not stand here`)
      }
      node.positional.forEach((argument, i) => this.#step(BigInt(i), argument))
      this.#entries(node.named)
    } else if (isKind(node, 'dict')) {
      this.#entries(node)
    } else if (isKind(node, 'list')) {
      let position = 0n
      for (const member of node) {
        this.#step(position++, member)
      }
    }
  }

  #entries(dict: Dict): void {
    for (const [name, value] of dict) {
      this.#path.push(name)
      this.#inside(name)
      this.#inside(value)
      this.#path.pop()
    }
  }

  #step(step: Node, node: Node): void {
    this.#path.push(step)
    this.#inside(node)
    this.#path.pop()
  }

  #error(code: IrErrorCode, message: string, detail: { max?: number; got?: number } = {}): IrError {
    return new IrError(code, message, { path: [...this.#path], ...detail })
  }
}

function isOperator(node: Node): node is Predicate {
  return typeof node === 'object' && isKind(node, 'predicate') && node.tag.startsWith(OPERATOR_SIGN)
}
