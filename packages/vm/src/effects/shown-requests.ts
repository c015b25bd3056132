import type { Grammar } from '@sr/ir'
import { isKind, key, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { FACTS } from '../facts.ts'
import type { DocumentView } from '../records/document-view.ts'

/**
 * Tells what the documents of a record request, without reading a predicate. Parts of a document that have not changed are
 * the same objects, so that their requests are collected once: after an update, a walk visits the containers that it changed.
 */
export class ShownRequests {
  readonly #grammar: Grammar
  readonly #documents = new WeakMap<Dict, ReadonlySet<string>>()
  readonly #containers = new WeakMap<Dict | List, readonly string[]>()
  readonly #ids = new WeakMap<Predicate, string>()

  constructor(grammar: Grammar) {
    this.#grammar = grammar
  }

  /** Whether a writer's document has a request. */
  has(views: ReadonlyMap<string, DocumentView>, writer: string, requestId: string): boolean {
    const view = views.get(writer)
    return view !== undefined && this.#of(view.document).has(requestId)
  }

  /** The requests of each document. */
  all(views: ReadonlyMap<string, DocumentView>): Array<ReadonlySet<string>> {
    return Array.from(views.values(), ({ document }) => this.#of(document))
  }

  #of(document: Dict): ReadonlySet<string> {
    let requests = this.#documents.get(document)
    if (requests === undefined) {
      const ids: string[] = []
      for (const [name, value] of document) {
        // what stands under the key of facts is a claim, and requests nothing
        if (name !== FACTS) {
          this.#collect(value, ids)
        }
      }
      requests = new Set(ids)
      this.#documents.set(document, requests)
    }
    return requests
  }

  #collect(node: Node, ids: string[]): void {
    if (typeof node !== 'object') {
      return
    }
    if (isKind(node, 'predicate')) {
      if (this.#grammar.rule(node.tag)?.effect !== undefined) {
        ids.push(this.#idOf(node))
      }
    } else if (isKind(node, 'dict') || isKind(node, 'list')) {
      for (const id of this.#within(node)) {
        ids.push(id)
      }
    }
  }

  #within(container: Dict | List): readonly string[] {
    let ids = this.#containers.get(container)
    if (ids === undefined) {
      const found: string[] = []
      for (const child of isKind(container, 'dict') ? container.values() : container) {
        this.#collect(child, found)
      }
      ids = found
      this.#containers.set(container, ids)
    }
    return ids
  }

  #idOf(predicate: Predicate): string {
    let id = this.#ids.get(predicate)
    if (id === undefined) {
      id = key(predicate)
      this.#ids.set(predicate, id)
    }
    return id
  }
}
