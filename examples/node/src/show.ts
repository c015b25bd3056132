import type { RecordView } from '@sr/protocol'
import { print } from '@sr/xr'

/** The documents of a record in the text syntax, writer by writer. */
export function showRecord(key: string, documents: RecordView['documents']): string {
  if (documents.size === 0) {
    return `record ${key}: no writer says anything here`
  }
  const writers = [...documents].map(
    ([writer, { document }]) => `${writer} says\n${print(document, { indent: '  ', width: 100 })}`,
  )
  return [`record ${key}`, ...writers].join('\n\n')
}
