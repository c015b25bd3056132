import type { OwnStatement } from '../admission/admission.ts'
import type { DocumentView } from '../records/document-view.ts'

/** What effects need of records. */
export interface RecordAccess {
  /** What a record shows, by writer. */
  show(id: string): Promise<ReadonlyMap<string, DocumentView>>
  /** Makes the statements that `choose` returns in this machine's own document, with no other update in between. Returns their number. */
  writeOwn(id: string, choose: (views: ReadonlyMap<string, DocumentView>) => readonly OwnStatement[]): Promise<number>
  /** Whether this machine has a document in a record that is in memory. */
  hasOwn(id: string): boolean
}
