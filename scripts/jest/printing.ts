import { format } from 'node:util'

interface Printing {
  (at: number, ...values: unknown[]): void
  /** Fails when some line never printed, or printed something else inside a `try`. */
  end: () => void
}

/** Compares what the lines of an example print with what the comments behind them say. */
export function printing(texts: string[]): Printing {
  const open = new Set(texts.keys())
  const wrong: string[] = []
  const prints = (at: number, ...values: unknown[]): void => {
    open.delete(at)
    const said = oneLine(texts[at] ?? '')
    const printed = oneLine(format(...values))
    if (said !== printed) wrong.push(`it prints\n  ${printed}\nand the comment says\n  ${said}`)
  }
  const end = (): void => {
    for (const at of open) wrong.push(`the line that says\n  ${texts[at]}\nprinted nothing`)
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
  }
  return Object.assign(prints, { end })
}

// The comment is one line; what is printed may be several.
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
