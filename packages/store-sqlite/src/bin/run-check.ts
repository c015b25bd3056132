import { sqliteStore } from '../sqlite-store.ts'
import { IN_QUARANTINE } from '../thread/quarantined.ts'

const USAGE = 'usage: sr-store-check FOLDER [--repair]'

/** What the command is asked to do. */
export interface CheckCommand {
  readonly folder: string
  readonly repair: boolean
}

/** The command of these arguments, or how to use it. */
export function parseArguments(args: readonly string[]): CheckCommand | string {
  const repair = args.includes('--repair')
  const [folder, ...others] = args.filter((argument) => argument !== '--repair')
  return folder === undefined || folder.startsWith('-') || others.length > 0 ? USAGE : { folder, repair }
}

/** What the command prints, and whether the store is intact afterwards. */
export async function runCheck({
  folder,
  repair,
}: CheckCommand): Promise<{ readonly lines: readonly string[]; readonly intact: boolean }> {
  try {
    const { entries, damaged, problems, repaired } = await sqliteStore({ folder }).check({ repair })
    const isNew = problems.length > 0 || damaged.some(({ reason }) => !reason.startsWith(IN_QUARANTINE))
    const lines = [
      ...damaged.map(
        ({ record, hash, reason }) => `damaged: update ${hash ?? 'unknown'} of record ${record}: ${reason}`,
      ),
      ...problems.map((problem) => `problem: ${problem}`),
      `${entries} intact updates, ${damaged.length} damaged, ${problems.length} problems${repair && isNew ? (repaired ? ', repaired' : ', not repaired') : ''}`,
    ]
    return { lines, intact: !isNew || repaired }
  } catch (err) {
    const { code = 'STORE_FAILED', message } = err as { readonly code?: string; readonly message: string }
    return { lines: [`${code}: ${message}`], intact: false }
  }
}
