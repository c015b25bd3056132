import type { Grammar } from '@sr/ir'
import { Dict } from '@sr/xr'
import type { DocumentView } from '../records/record-state.ts'
import { FACTS } from '../facts.ts'
import { requestsIn } from './requests.ts'

/** Tells what the documents of a record request. A document that shows the same is the same object, so it is read once. */
export class ShownRequests {
  readonly #grammar: Grammar
  readonly #self: string
  readonly #cache = new WeakMap<Dict, ReadonlySet<string>>()

  constructor(grammar: Grammar, self: string) {
    this.#grammar = grammar
    this.#self = self
  }

  /** Whether a writer's document has a request. */
  has(views: ReadonlyMap<string, DocumentView>, writer: string, requestId: string): boolean {
    const view = views.get(writer)
    return view !== undefined && this.#of(writer, view).has(requestId)
  }

  /** The requests of each document. */
  all(views: ReadonlyMap<string, DocumentView>): Array<ReadonlySet<string>> {
    return Array.from(views, ([writer, view]) => this.#of(writer, view))
  }

  #of(writer: string, { document }: DocumentView): ReadonlySet<string> {
    let requests = this.#cache.get(document)
    if (requests === undefined) {
      // the facts of this machine request nothing, whatever their verdicts contain
      const own = writer === this.#self ? Dict.from([...document].filter(([name]) => name !== FACTS)) : document
      requests = requestsIn(this.#grammar, own)
      this.#cache.set(document, requests)
    }
    return requests
  }
}
