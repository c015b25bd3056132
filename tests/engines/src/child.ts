import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a child process ended, and the last line it printed as JSON. */
export interface ChildResult<Output> {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: Output | undefined
  readonly stderr: string
}

const LIMIT_MS = 120_000

/** Runs a module of this folder in a process of its own. `onLine` is called for each complete line of its output. */
export async function runChild<Output>(
  module: string,
  args: readonly string[],
  { killAfterMs = LIMIT_MS, onLine = () => {} }: { killAfterMs?: number; onLine?: (line: string) => void } = {},
): Promise<ChildResult<Output>> {
  const file = fileURLToPath(new URL(module, import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args])
  let [rest, last, stderr] = ['', '', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(onLine)
    last = lines.at(-1) ?? last
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (...end) => resolve(end))
  })
  clearTimeout(timer)
  return { code, signal, output: last.startsWith('{') ? (JSON.parse(last) as Output) : undefined, stderr }
}
