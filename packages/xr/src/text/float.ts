/**
 * A Float in text and in dag-json: JavaScript's shortest form that reads back the same, with `.0`
 * where that would look like an Int.
 */
export function printFloat(value: number): string {
  const text = String(value)
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}
