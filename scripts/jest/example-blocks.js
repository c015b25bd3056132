// Finds the examples in a text and turns each into a module of the same line numbers.

/**
 * @typedef {object} Block
 * @property {number} line of its first line of code, from 1
 * @property {string} code
 * @property {boolean} runs false when the fence says `no-run`: then only its types are checked
 */

/**
 * Every fenced `ts` block of a Markdown text.
 *
 * @param {string} text
 * @returns {Block[]}
 */
export function inMarkdown(text) {
  return blocks(text.split('\n'), 1)
}

/**
 * Every fenced `ts` block below an example tag in the docstrings of a source text.
 *
 * @param {string} source
 * @returns {Block[]}
 */
export function inDocstrings(source) {
  const found = []
  for (const comment of source.matchAll(/^[ \t]*\/\*\*[\s\S]*?\*\//gm)) {
    const first = source.slice(0, comment.index).split('\n').length
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*)? ?/, ''))
    let inside = false
    const kept = lines.map((line) => {
      if (line.startsWith('@')) inside = line.startsWith('@example')
      return inside ? line : ''
    })
    found.push(...blocks(kept, first))
  }
  return found
}

/**
 * How many example tags the docstrings of a source text have.
 *
 * @param {string} source
 */
export function tagsIn(source) {
  return source.match(/^[ \t]*(\/\*\*|\*)[ \t]*@example\b/gm)?.length ?? 0
}

/**
 * @param {string[]} lines
 * @param {number} first the number of the first of them
 * @returns {Block[]}
 */
function blocks(lines, first) {
  /** @type {Block[]} */
  const found = []
  /** @type {{ indent: string, mark: string, ts: boolean, block: Block } | undefined} */
  let open
  lines.forEach((line, at) => {
    const fence = /^(\s*)(`{3,})\s*(.*)$/.exec(line)
    if (open === undefined) {
      if (fence === null) return
      const [, indent = '', mark = '', info = ''] = fence
      const [language, ...words] = info.trim().split(/\s+/)
      open = {
        indent,
        mark,
        ts: language === 'ts',
        block: { line: first + at + 1, code: '', runs: !words.includes('no-run') },
      }
    } else if (fence?.[2] === open.mark && fence[3] === '') {
      if (open.ts) found.push(open.block)
      open = undefined
    } else {
      open.block.code += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line}\n`
    }
  })
  return found
}

/**
 * The module of a block: its lines stand where they stood, and what a line `console.log(x) // text` prints is compared.
 *
 * @param {Block} block
 * @param {string} printing the specifier of printing.ts
 */
export function moduleOf(block, printing) {
  /** @type {string[]} */
  const texts = []
  const body = block.code.replace(/^(.*?)\bconsole\.log\((.*)\);?[ \t]*\/\/[ \t]*(.+)$/gm, (_, before, args, text) => {
    texts.push(text)
    return `${before}$prints(${texts.length - 1}, ${args})`
  })
  const head = `import { printing as $printing } from ${JSON.stringify(printing)}; const $prints = $printing(${JSON.stringify(texts)})`
  return `${head}${'\n'.repeat(Math.max(block.line - 1, 1))}${body}$prints.end()\n`
}
