/** The offset behind white space and comments. */
export function skipSpace(text: string, at: number): number {
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b && unit !== 0x0c)) {
      at++
    } else if (unit === 0x23) {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end
    } else {
      return at
    }
  }
}
