export { goClientProtocol } from './client-protocol.ts'
export type { GoClientInit } from './session.ts'
