import {
  isKind,
  key,
  kindOf,
  LIMITS,
  ownSize,
  overLimit,
  type Dict,
  type List,
  type Node,
  type Predicate,
} from '@sr/xr'
import { copyBytes } from './copy-bytes.ts'
import { IrError, type IrErrorCode } from './errors.ts'
import { OPERATOR_SIGN, REMOVE, SET, TTL } from './operators.ts'
import { seqTime, type Update, type UpdateDraft } from './update.ts'
import { assertFields, assertHash } from './validate-fields.ts'

/** Figures of an update that later steps need: expiry, cost and quota. */
export interface UpdateStats {
  /** the latest expiry in the update, `$ttl` included, milliseconds since 1970 */
  readonly latest: number
  /** nodes in the body: leaves, containers, Dict keys and argument names, as the limits of `@sr/xr` count them */
  readonly nodes: number
  /** how many of the nodes are Dicts, Lists, Predicates or Bytes: they take several times the memory of the others */
  readonly objects: number
  /** bytes of the body in natural dag-cbor */
  readonly size: number
  /** whether the update only removes */
  readonly removesOnly: boolean
}

/** What the caller of {@link validateUpdate} promises. */
export interface ValidateOptions {
  /** no caller writes to Bytes in the body, so that they are not copied; default false */
  readonly owned?: boolean
}

/** An update that passed {@link validateUpdate}, with its figures. Only `validateUpdate` and `withHash` create one. */
export interface ValidatedUpdate extends Update, UpdateStats {
  /** for the compiler only: no such property exists */
  readonly [BRAND]: true
}

/** A valid update whose hash is not known yet. */
export interface ValidatedDraft extends UpdateDraft, UpdateStats {
  /**
   * The update with the hash of its encoded payload.
   *
   * @throws IrError `IR_STAMP` when it is not 64 lower-case hex digits
   */
  withHash(hash: string): ValidatedUpdate
}

declare const BRAND: unique symbol

class Validated implements UpdateDraft, UpdateStats {
  /** set by `create` alone, so that neither the prototype nor `constructor` of a valid update makes another */
  #isValid = false
  readonly seq: number
  readonly hash: string
  readonly expires: number
  readonly retain: number
  readonly body: Node
  readonly latest: number
  readonly nodes: number
  readonly objects: number
  readonly size: number
  readonly removesOnly: boolean

  private constructor(hash: string, { seq, expires, retain, body }: UpdateDraft, stats: UpdateStats) {
    this.seq = seq
    this.hash = hash
    this.expires = expires
    this.retain = retain
    this.body = body
    this.latest = stats.latest
    this.nodes = stats.nodes
    this.objects = stats.objects
    this.size = stats.size
    this.removesOnly = stats.removesOnly
  }

  /** The caller has validated the draft. Frozen, so that it stays what was validated. */
  static create(hash: string, draft: UpdateDraft, stats: UpdateStats): Validated & ValidatedUpdate {
    const created = new Validated(hash, draft, stats)
    created.#isValid = true
    return Object.freeze(created) as Validated & ValidatedUpdate
  }

  static isValid(value: unknown): value is Validated {
    return typeof value === 'object' && value !== null && #isValid in value && value.#isValid
  }

  withHash(hash: string): ValidatedUpdate {
    assertHash(hash)
    if (!Validated.isValid(this)) {
      throw new IrError('IR_UNVALIDATED', 'withHash requires a draft returned by validateDraft')
    }
    return Validated.create(hash, this, this)
  }
}

/** Whether a value was made by {@link validateUpdate}. */
export function isValidated(update: unknown): update is ValidatedUpdate {
  return Validated.isValid(update) && update.hash !== ''
}

/**
 * Validates an update for everything that every replica must agree on: its fields, its operators, and the limits of
 * `@sr/xr` on the body. One walk over the body. Clocks and quotas are the machine's.
 *
 * @throws IrError with the path in the body; every code but `IR_GRAMMAR`
 * @throws XrError `XR_DEPTH`, `XR_NODES`, `XR_SIZE` or `XR_STRING`, with path, limit, max and got
 * @example
 * ```ts
 * import { ttl, validateUpdate } from '@sr/ir/validate'
 * import { from } from '@sr/xr'
 *
 * const body = from({ nick: 'bob', typing: ttl(true, 5) })
 * const { latest, nodes, size } = validateUpdate({ seq: 1_000_000, hash: '00'.repeat(32), expires: 60_000, retain: 60_000, body })
 * console.log(latest, nodes, size) // 60000 7 28
 * ```
 */
export function validateUpdate(update: Update, options: ValidateOptions = {}): ValidatedUpdate {
  assertHash(update.hash)
  return validated(update.hash, update, options)
}

/**
 * Validates an update before it is encoded, when its hash is not known yet. Otherwise like {@link validateUpdate}.
 *
 * @throws IrError and XrError as `validateUpdate`
 */
export function validateDraft(draft: UpdateDraft, options: ValidateOptions = {}): ValidatedDraft {
  return validated('', draft, options)
}

function validated(hash: string, draft: UpdateDraft, { owned = false }: ValidateOptions): Validated & ValidatedUpdate {
  assertFields(draft)
  const walk = new BodyWalk(draft)
  walk.body(draft.body)
  const body = walk.hasBytes && !owned ? copyBytes(draft.body) : draft.body
  return Validated.create(hash, body === draft.body ? draft : { ...draft, body }, walk)
}

/** One walk over a body. `#path` is the place of the current node, for errors. */
class BodyWalk implements UpdateStats {
  latest: number
  nodes = 0
  objects = 0
  size = 0
  removesOnly = true
  hasBytes = false
  readonly #update: UpdateDraft
  readonly #path: Node[] = []

  constructor(update: UpdateDraft) {
    this.#update = update
    this.latest = update.expires
  }

  body(body: Node): void {
    const inner = isKind(body, 'predicate') ? body.positional[0] : undefined
    const isOperation =
      isKind(body, 'predicate') && (body.tag === REMOVE || (body.tag === SET && isKind(inner, 'dict')))
    if (!isOperation && !isKind(body, 'dict')) {
      throw this.#error('IR_BODY', 'expected a Dict, $set(Dict) or $remove() as the body')
    }
    this.#value(body)
  }

  /** Visits the body, a Dict value or the argument of `$set`. */
  #value(node: Node): void {
    const kind = typeof node === 'object' ? kindOf(node) : undefined
    switch (kind) {
      case 'dict':
        return this.#dict(node as Dict)
      case 'list':
        return this.#list(node as List)
      case 'predicate':
        return this.#predicate(node as Predicate)
      default:
        return this.#opaque(node)
    }
  }

  #predicate(node: Predicate): void {
    switch (node.tag) {
      case SET:
        this.#count(node)
        this.removesOnly = false
        return this.#value(this.#arguments(node, 1)[0] as Node)
      case REMOVE:
        this.#count(node)
        this.#arguments(node, 0)
        return
      case TTL: {
        const inner = this.#ttlArgument(node)
        if (isOperator(inner)) {
          throw this.#error('IR_OPERATOR', `expected no operator in ${TTL}, got ${inner.tag}`)
        }
        return this.#value(inner)
      }
      default:
        return this.#opaque(node)
    }
  }

  #dict(node: Dict): void {
    this.#count(node)
    // an empty container states that it exists
    this.removesOnly &&= node.size > 0
    for (const [name, value] of node) {
      if (typeof name === 'string' && typeof value !== 'object') {
        // fast path for most entries; the path is needed only for errors
        this.removesOnly = false
        this.#leaf(name, name)
        this.#leaf(value, name)
        continue
      }
      this.#path.push(name)
      this.#inside(name)
      this.#value(value)
      this.#path.pop()
    }
  }

  #list(node: List): void {
    this.#count(node)
    this.removesOnly &&= node.size > 0
    let position = 0n
    let named: Set<string> | undefined
    for (const member of node) {
      this.#path.push(position++)
      if (isOperator(member)) {
        named ??= new Set()
        this.#memberOperator(node, member, named)
      } else {
        this.#opaque(member)
      }
      this.#path.pop()
    }
  }

  #memberOperator(list: List, operator: Predicate, named: Set<string>): void {
    let member: Node
    switch (operator.tag) {
      case REMOVE:
        this.#count(operator)
        member = this.#arguments(operator, 1)[0] as Node
        this.#inside(member)
        break
      case TTL:
        member = this.#ttlArgument(operator)
        this.#opaque(member)
        break
      default:
        throw this.#error('IR_OPERATOR', `expected no ${operator.tag} in a List`)
    }
    // a List is a set: with a member named twice, the result would depend on their order
    const id = key(member)
    if (named.has(id) || list.has(member)) {
      throw this.#error(
        'IR_MEMBER',
        'expected each List member once, found a member named twice, at least once by an operator',
      )
    }
    named.add(id)
  }

  /** Validates the seconds of a `$ttl` and returns its first argument. */
  #ttlArgument(operator: Predicate): Node {
    this.#count(operator)
    const [inner, seconds] = this.#arguments(operator, 2) as [Node, Node]
    this.#count(seconds)
    if (typeof seconds !== 'bigint' || seconds < 1n) {
      throw this.#error('IR_TTL', 'expected an Int of at least 1 as the seconds of $ttl')
    }
    const expires = seqTime(this.#update.seq) + Number(seconds) * 1000
    if (expires > this.#update.retain) {
      throw this.#error(
        'IR_RETAIN',
        `expected the end of $ttl at or before retain ${this.#update.retain}, got ${expires}`,
        { max: this.#update.retain, got: expires },
      )
    }
    this.latest = Math.max(this.latest, expires)
    return inner
  }

  #arguments(operator: Predicate, count: number): readonly Node[] {
    if (operator.positional.length !== count || operator.named.size > 0) {
      throw this.#error(
        'IR_OPERATOR',
        `expected ${operator.tag} with ${count} positional and 0 named arguments here, got ${operator.positional.length} and ${operator.named.size}`,
      )
    }
    return operator.positional
  }

  /** Visits a leaf, a plain predicate or a List member: a statement that contains no operator. */
  #opaque(node: Node): void {
    this.removesOnly = false
    this.#inside(node)
  }

  /** Counts a node whose content merge does not visit, and refuses operators anywhere in it. */
  #inside(node: Node): void {
    if (isOperator(node)) {
      throw this.#error('IR_OPERATOR', `expected no operator here, got ${node.tag}`)
    }
    this.#count(node)
    if (typeof node !== 'object') {
      return
    }
    if (isKind(node, 'predicate')) {
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

  /** Counts a node, once per node. The depth of a container is the length of its path plus 1. */
  #count(node: Node): void {
    if (typeof node === 'object') {
      this.objects++
      if (isKind(node, 'bytes')) {
        this.hasBytes = true
      } else if (this.#path.length >= LIMITS.depth) {
        throw overLimit('depth', LIMITS.depth, this.#path.length + 1, { path: [...this.#path] })
      }
    }
    this.#leaf(node)
  }

  /** @param step the last step of the path, when it is not on `#path` */
  #leaf(node: Node, step?: Node): void {
    this.nodes++
    this.size += ownSize(node)
    const fault: readonly ['string' | 'nodes' | 'size', number] | undefined =
      stringFault(node) ??
      (this.nodes > LIMITS.nodes ? ['nodes', this.nodes] : undefined) ??
      (this.size > LIMITS.size ? ['size', this.size] : undefined)
    if (fault !== undefined) {
      const [limit, got] = fault
      throw overLimit(limit, LIMITS[limit], got, { path: step === undefined ? [...this.#path] : [...this.#path, step] })
    }
  }

  #error(code: IrErrorCode, message: string, detail: { max?: number; got?: number } = {}): IrError {
    return new IrError(code, message, { path: [...this.#path], ...detail })
  }
}

/** Bytes of the CBOR head of a text at the length limit. */
const HEAD_BYTES = 5

/**
 * Returns the length of a String or tag above the limit, or undefined. Bytes are bounded by the size of the body.
 */
function stringFault(node: Node): readonly ['string', number] | undefined {
  const text = typeof node === 'object' && isKind(node, 'predicate') ? node.tag : node
  // a UTF-16 code unit needs at most 3 bytes of UTF-8
  if (typeof text !== 'string' || text.length * 3 <= LIMITS.string) {
    return undefined
  }
  const length = ownSize(text) - HEAD_BYTES
  return length > LIMITS.string ? ['string', length] : undefined
}

function isOperator(node: Node): node is Predicate {
  return typeof node === 'object' && isKind(node, 'predicate') && node.tag.startsWith(OPERATOR_SIGN)
}
