export { goServerProtocol } from './server-protocol.ts'
export type { GoServerInit, GoServerTimeouts } from './init.ts'
export { toLegacyView, type LegacyViewInit } from './legacy-view.ts'
