import { isIPv4 } from 'node:net'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What `npm start` takes. */
export interface NodeOptions {
  /** show the round trip, then stop */
  once: boolean
  /** ports to listen on, 0 for free ones */
  tcp: number
  ws: number
  /** address to listen on */
  host: string
  /** folder that keeps the identity and the records; undefined to keep them in memory */
  data: string | undefined
}

/** Where a node keeps its data by default: beside this example, whatever folder the command is run in. */
const DATA = fileURLToPath(new URL('../data', import.meta.url))

export const NODE_USAGE = `npm start -- [--once] [--tcp port] [--ws port] [--host address] [--data folder | --memory]

  --once   show one record being written and read, then stop
  --tcp    TCP port, default a free one
  --ws     WebSocket port, default a free one
  --host   IPv4 address to listen on, default 127.0.0.1
  --data   folder for the identity and the records, default examples/node/data
  --memory keeps them in memory, which is the default with --once`

/**
 * The options of a command line, or undefined when it asks for help.
 *
 * @throws TypeError for an argument that is unknown or invalid
 */
export function nodeOptions(args: string[], env: NodeJS.ProcessEnv = process.env): NodeOptions | undefined {
  assertFlagsArrived(['once', 'tcp', 'ws', 'host', 'data', 'memory'], env)
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean' },
      tcp: { type: 'string' },
      ws: { type: 'string' },
      host: { type: 'string' },
      data: { type: 'string' },
      memory: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    return undefined
  }
  const { once = false, tcp, ws, host = '127.0.0.1', data, memory = once && data === undefined } = values
  if (memory && data !== undefined) {
    throw new TypeError('--memory and --data exclude each other')
  }
  if (!isIPv4(host)) {
    throw new TypeError(`--host: expected an IPv4 address, such as 127.0.0.1 or 0.0.0.0, got ${host}`)
  }
  return {
    once,
    tcp: port('--tcp', tcp),
    ws: port('--ws', ws),
    host,
    data: memory ? undefined : resolve(env['INIT_CWD'] ?? '.', data ?? DATA),
  }
}

function port(name: string, text: string = '0'): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new TypeError(`${name}: expected a port from 0 to 65535, got ${text}`)
  }
  return value
}

/**
 * npm takes flags in front of `--` for itself and hands them to the script as environment variables.
 *
 * @throws TypeError when one of these flags went that way
 */
export function assertFlagsArrived(flags: readonly string[], env: NodeJS.ProcessEnv): void {
  const taken = flags.find((flag) => env[`npm_config_${flag}`] !== undefined)
  if (taken !== undefined) {
    throw new TypeError(`npm took --${taken} for itself: write -- before the arguments, as in the line below`)
  }
}
