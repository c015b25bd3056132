// What tests and jest's matchers take for granted of Node. No code under test uses any of it.
export { Buffer } from 'buffer/'

export const process: object = {
  env: {},
  argv: [],
  platform: 'browser',
  cwd: (): string => '/',
  stdout: {
    write: (text: string): void => {
      console.log(text.trimEnd())
    },
  },
}

export const global: typeof globalThis = globalThis
