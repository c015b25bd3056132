import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a child process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
  readonly stderr: string
}

/** How a child process is run. */
export interface ChildOptions {
  /** options of Node */
  readonly node?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** a shell line that runs before it in the same process, such as `ulimit -f 100` */
  readonly before?: string
  /** called for each complete line of its output */
  readonly onLine?: (line: string, child: ChildProcess) => void
  /** time until it is killed, milliseconds, default 120 s: it hangs */
  readonly limitMs?: number
}

const LIMIT_MS = 120_000

/** Runs a module of this package in a process of its own, and waits for its end. */
export async function runChild(module: string, args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const { node = [], env = {}, before, onLine = () => {}, limitMs = LIMIT_MS } = options
  const file = fileURLToPath(new URL(module, import.meta.url))
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', ...node, file, ...args]
  const [program, ...rest] =
    before === undefined ? command : ['bash', '-c', `${before} && exec "$@"`, 'bash', ...command]
  const child = spawn(program as string, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  let [part, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const found = (part + text).split('\n')
    part = found.pop() ?? ''
    for (const line of found) {
      lines.push(line)
      onLine(line, child)
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (...end) => resolve(end))
  })
  clearTimeout(timer)
  return { code, signal, lines, stderr }
}

/** Runs work for each item, `atOnce` of them at a time, in their order. */
export async function eachAtOnce<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value)
    }),
  )
}
