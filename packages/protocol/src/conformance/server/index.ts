import { frameCases } from './frame-cases.ts'
import { readCases } from './read-cases.ts'
import { requestCases } from './request-cases.ts'
import type { ServerCase } from './setup.ts'
import { watchCases } from './watch-cases.ts'

/** The contract of a server of `/smart-record/1.0.0`, for any test runner: each case plays the client. */
export const serverCases: readonly ServerCase[] = [...frameCases, ...requestCases, ...readCases, ...watchCases]
export { codeOf, RawClient } from './raw-client.ts'
export type { ServerCase, ServerNeed, ServerSetup, TestServer } from './setup.ts'
