import { parseArgs } from 'node:util'

/** What `npm start` may be told. */
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
  --host   address to listen on, default 127.0.0.1`

/**
 * @throws TypeError for words it does not know
 */
export function nodeOptions(args: string[]): NodeOptions {
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
    throw new TypeError('a node that serves records, and a short tour of it')
  }
  return { once: values.once ?? false, tcp: port(values.tcp), ws: port(values.ws), host: values.host ?? '127.0.0.1' }
}

function port(text: string = '0'): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new TypeError(`a port is a number from 0 to 65535, not ${text}`)
  }
  return value
}
