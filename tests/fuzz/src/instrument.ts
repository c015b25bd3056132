import { type Node, parse } from 'acorn'

/** A module with a counter in every branch, and what else a fuzzer learns from its source. */
export interface Instrumented {
  code: string
  /** the counters used: from the first given on, so many */
  edges: number
  /** the strings in the source, for the dictionary */
  strings: string[]
}

/** Strings of the source longer than this are messages. */
const LONGEST_TOKEN = 24

/** What acorn's nodes have; which of them, goes by their type. */
type Any = Node & Record<string, unknown>

/**
 * Puts `$c[n]++` into every arm of every branch, loop, function, `switch` and `catch` of a module,
 * arms that were not written included, so that each counter is an edge. Line numbers stay.
 *
 * @param first the number of the first counter
 */
export function instrument(source: string, first: number): Instrumented {
  const work = new Work(first)
  work.visit(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }) as Node as Any)
  return {
    code: `const $c = globalThis.$edges;${work.applied(source)}`,
    edges: work.next - first,
    strings: [...work.strings],
  }
}

class Work {
  next: number
  readonly strings: Set<string> = new Set()
  /** what goes in at an offset: closing parts, inner first, then opening ones, outer first */
  readonly #closing = new Map<number, string>()
  readonly #opening = new Map<number, string>()

  constructor(first: number) {
    this.next = first
  }

  visit(node: Any): void {
    const after = this.#enter(node)
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const one of value) if (isNode(one)) this.visit(one)
      } else if (isNode(value)) {
        this.visit(value)
      }
    }
    after()
  }

  applied(source: string): string {
    const places = [...new Set([...this.#closing.keys(), ...this.#opening.keys()])].sort((a, b) => a - b)
    let out = ''
    let from = 0
    for (const at of places) {
      out += source.slice(from, at) + (this.#closing.get(at) ?? '') + (this.#opening.get(at) ?? '')
      from = at
    }
    return out + source.slice(from)
  }

  /** Puts in what goes before the node's parts; answers how to put in what goes behind them. */
  #enter(node: Any): () => void {
    switch (node.type) {
      case 'Literal':
        if (typeof node['value'] === 'string' && node['value'].length <= LONGEST_TOKEN) this.strings.add(node['value'])
        return nothing
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        return this.#statement(node['body'] as Any)
      case 'ArrowFunctionExpression': {
        const body = node['body'] as Any
        return body.type === 'BlockStatement' ? this.#statement(body) : this.#expression(body)
      }
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'CatchClause':
        return this.#statement(node['body'] as Any)
      case 'IfStatement':
        return this.#if(node)
      case 'ConditionalExpression': {
        const afters = [this.#expression(node['consequent'] as Any), this.#expression(node['alternate'] as Any)]
        return () => {
          for (const after of afters) after()
        }
      }
      case 'LogicalExpression':
        return this.#expression(node['right'] as Any)
      case 'AssignmentExpression':
        return ['||=', '&&=', '??='].includes(node['operator'] as string)
          ? this.#expression(node['right'] as Any)
          : nothing
      case 'SwitchStatement':
        return this.#switch(node)
      default:
        return nothing
    }
  }

  #if(node: Any): () => void {
    const consequent = node['consequent'] as Any
    const alternate = node['alternate'] as Any | null
    const after = this.#statement(consequent)
    if (alternate === null) {
      return () => {
        after()
        this.#close(consequent.end, `else{${this.#count()};}`)
      }
    }
    if (alternate.type === 'IfStatement') return after
    const afterElse = this.#statement(alternate)
    return () => {
      after()
      afterElse()
    }
  }

  #switch(node: Any): () => void {
    const cases = node['cases'] as Any[]
    // a default that leaves at once may stand first
    if (cases[0] !== undefined && cases.every((one) => one['test'] !== null))
      this.#open(cases[0].start, `default:${this.#count()};break;`)
    for (const one of cases) {
      const [first] = one['consequent'] as Any[]
      if (first === undefined) this.#close(one.end, `${this.#count()};`)
      else this.#open(first.start, `${this.#count()};`)
    }
    return nothing
  }

  #statement(node: Any): () => void {
    if (node.type === 'BlockStatement') {
      this.#open(node.start + 1, `${this.#count()};`)
      return nothing
    }
    this.#open(node.start, `{${this.#count()};`)
    return () => {
      this.#close(node.end, '}')
    }
  }

  #expression(node: Any): () => void {
    this.#open(node.start, `(${this.#count()},`)
    return () => {
      this.#close(node.end, ')')
    }
  }

  #count(): string {
    return `$c[${this.next++}]++`
  }

  #open(at: number, text: string): void {
    this.#opening.set(at, (this.#opening.get(at) ?? '') + text)
  }

  #close(at: number, text: string): void {
    this.#closing.set(at, (this.#closing.get(at) ?? '') + text)
  }
}

function isNode(value: unknown): value is Any {
  return typeof value === 'object' && value !== null && typeof (value as Any).type === 'string'
}

function nothing(): void {}
