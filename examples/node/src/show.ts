import type { Dict } from '@sr/xr'
import { print } from '@sr/xr'

/** A record in the text syntax, writer by writer. */
export function showRecord(key: string, record: ReadonlyMap<string, Dict>): string {
  if (record.size === 0) {
    return `record ${key}: no writer says anything here`
  }
  const writers = [...record].map(
    ([writer, document]) => `${writer} says\n${print(document, { indent: '  ', width: 100 })}`,
  )
  return [`record ${key}`, ...writers].join('\n\n')
}
