// What tests use of node:fs, from the server that the page came from.

function ask(url: URL | string, binary = false): XMLHttpRequest {
  const request = new XMLHttpRequest()
  request.open('GET', `/files${url instanceof URL ? url.pathname : url}`, false)
  if (binary) request.overrideMimeType('text/plain; charset=x-user-defined')
  request.send()
  return request
}

export function existsSync(url: URL | string): boolean {
  return ask(url).status === 200
}

export function readFileSync(url: URL | string, encoding?: string): string | Uint8Array {
  const request = ask(url, encoding === undefined)
  if (request.status !== 200) throw new Error(`there is no file ${String(url)}`)
  return encoding === undefined
    ? Uint8Array.from(request.responseText, (char) => char.charCodeAt(0) & 0xff)
    : request.responseText
}

interface Entry {
  name: string
  isDirectory(): boolean
}

export function readdirSync(url: URL | string, options: { withFileTypes?: boolean } = {}): Array<string | Entry> {
  const names = JSON.parse(readFileSync(url, 'utf8') as string) as Array<[string, boolean]>
  return names.map(([name, directory]) =>
    options.withFileTypes === true ? { name, isDirectory: () => directory } : name,
  )
}
