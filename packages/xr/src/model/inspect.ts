import { type Kind, KIND, type Node } from './node.ts'
import { print } from '../text/print.ts'

/** https://nodejs.org/api/util.html#utilinspectcustom; other runtimes look for it too */
const INSPECT: symbol = Symbol.for('nodejs.util.inspect.custom')

/** Most characters of a node that `util.inspect` and consoles show. */
const MAX_SHOWN = 2000

/** The text syntax of a node for a console, cut after {@link MAX_SHOWN} characters. */
function inspect(this: Node): string {
  const text = print(this)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… and ${text.length - MAX_SHOWN} characters more` : text
}

/** Defines the kind of a container class, and how a console shows its instances. */
export function defineKind(prototype: object, kind: Kind): void {
  Object.defineProperty(prototype, KIND, { value: kind })
  Object.defineProperty(prototype, INSPECT, { value: inspect })
}
