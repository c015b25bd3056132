/** An element of a {@link RecencyList}. */
export interface Link {
  before: Link | undefined
  after: Link | undefined
}

/**
 * Elements in the order of their last use. A Map that deletes and sets a key again would do as well, but each deleted entry of V8's
 * Map stays in the chain of its hash until the next rehash: 20 µs for a key that is used again and again among 16,000.
 */
export class RecencyList<Element extends Link> {
  #first: Element | undefined
  #last: Element | undefined

  /** the element used least recently */
  get first(): Element | undefined {
    return this.#first
  }

  /** Makes an element the one used most recently; it may be new. */
  use(element: Element): void {
    if (this.#last === element) {
      return
    }
    this.remove(element)
    element.before = this.#last
    if (this.#last === undefined) {
      this.#first = element
    } else {
      this.#last.after = element
    }
    this.#last = element
  }

  /** Removes an element, if it is in the list. */
  remove(element: Element): void {
    const { before, after } = element as { before: Element | undefined; after: Element | undefined }
    if (before !== undefined) {
      before.after = after
    } else if (this.#first === element) {
      this.#first = after
    }
    if (after !== undefined) {
      after.before = before
    } else if (this.#last === element) {
      this.#last = before
    }
    element.before = undefined
    element.after = undefined
  }
}
