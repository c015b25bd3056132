import { isIPv4 } from 'node:net'
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
}

export const NODE_USAGE = `npm start -- [--once] [--tcp port] [--ws port] [--host address]

  --once   show one record being written and read, then stop
  --tcp    TCP port, default a free one
  --ws     WebSocket port, default a free one
  --host   IPv4 address to listen on, default 127.0.0.1`

/**
 * The options of a command line, or undefined when it asks for help.
 *
 * @throws TypeError for an argument that is unknown or invalid
 */
export function nodeOptions(args: string[], env: NodeJS.ProcessEnv = process.env): NodeOptions | undefined {
  assertFlagsArrived(['once', 'tcp', 'ws', 'host'], env)
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean' },
      tcp: { type: 'string' },
      ws: { type: 'string' },
      host: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    return undefined
  }
  const { once = false, tcp, ws, host = '127.0.0.1' } = values
  if (!isIPv4(host)) {
    throw new TypeError(`--host: expected an IPv4 address, such as 127.0.0.1 or 0.0.0.0, got ${host}`)
  }
  return { once, tcp: port('--tcp', tcp), ws: port('--ws', ws), host }
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
