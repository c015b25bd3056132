import { type Kind, KIND, type Node } from './node.ts'
import { print } from './text/print.ts'

/** https://nodejs.org/api/util.html#utilinspectcustom; other runtimes look for it too */
const INSPECT: symbol = Symbol.for('nodejs.util.inspect.custom')

/** Characters of a node that a console shows. */
const SHOWN = 2000

/** Gives a container class its kind, and a console something to read. */
export function brand(prototype: object, kind: Kind): void {
  Object.defineProperty(prototype, KIND, { value: kind })
  Object.defineProperty(prototype, INSPECT, {
    value(this: Node): string {
      const text = print(this)
      return text.length > SHOWN ? `${text.slice(0, SHOWN)}… and ${text.length - SHOWN} characters more` : text
    },
  })
}
