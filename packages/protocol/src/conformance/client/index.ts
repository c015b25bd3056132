import { answerCases } from './answer-cases.ts'
import { repeatCases } from './repeat-cases.ts'
import { protocolCases } from './protocol-cases.ts'
import type { ClientCase } from './setup.ts'
import { watchCases } from './watch-cases.ts'

/** The contract of a client of `/smart-record/1.0.0`, for any test runner: each case plays the server. */
export const clientCases: readonly ClientCase[] = [...answerCases, ...repeatCases, ...watchCases, ...protocolCases]
export type { ClientCase, ClientNeed, ClientSetup } from './setup.ts'
export { ScriptedServer, ScriptedStream, type Received } from './scripted-server.ts'
