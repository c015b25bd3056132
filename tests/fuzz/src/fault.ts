/** A property that did not hold. Two faults of one name are one finding. */
export class Fault extends Error {
  /** which property, and what was met instead */
  readonly property: string

  constructor(property: string, message = '', cause?: unknown) {
    super(message === '' ? property : `${property}: ${message}`, { cause })
    this.name = 'Fault'
    this.property = property
  }
}

/** Demands a property. */
export function must(held: boolean, property: string, message?: () => string): void {
  if (!held) throw new Fault(property, message?.())
}
