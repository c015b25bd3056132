/** A word or phrase that is not plain technical English, and what to write instead. */
export interface Phrase {
  readonly pattern: RegExp
  readonly instead: string
}

/** Figures of speech and private words. Each entry was in the code once. */
export const PHRASES: readonly Phrase[] = [
  { pattern: /\bwhoever\b/i, instead: 'name who: the caller, the peer, the writer' },
  { pattern: /\bnobody\b/i, instead: '"no caller", "no peer"; or say what is not done' },
  { pattern: /\bsomebody\b/i, instead: 'name who: another peer, a caller' },
  { pattern: /\beverybody\b/i, instead: '"all peers", "all readers"' },
  { pattern: /\bwho(?:m|se)? (?:asks|waits|wants|comes|likes|gives up)\b/i, instead: 'name who' },
  { pattern: /\b(?:is|are) none\b(?! of)/i, instead: '"is invalid", "does not exist", "is not a …"' },
  { pattern: /\b(?:is|are|was|were) told\b/i, instead: '"receives", "is notified of"' },
  { pattern: /\blet(?:s)? go\b/i, instead: '"drops", "releases", "removes"' },
  { pattern: /\bwaits? no longer\b/i, instead: 'say what has happened' },
  { pattern: /\bmakes? nonsense|makes? no sense\b/i, instead: '"is malformed"' },
  { pattern: /\blawful\b/i, instead: '"valid"' },
  { pattern: /\bhands? (?:it|them) in\b/i, instead: '"submits"' },
  { pattern: /\btaken back\b/i, instead: '"revoked"' },
  { pattern: /\bbereft\b/i, instead: '"emptied"' },
  { pattern: /\btally\b/i, instead: '"counters", "merge state"' },
  { pattern: /\bshall\b/i, instead: '"must", or the present tense' },
  { pattern: /\bforetold\b/i, instead: 'say the state' },
  {
    pattern: /\b(?:DESIGN|HOSTILE|FAULTS|REPLICATE|STYLE) (?:section )?[0-9A-Z]/,
    instead: 'the fact itself: no reference to papers outside the repository',
  },
]

/** Old private names that may not come back as identifiers. */
export const OLD_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    SrpError: 'ProtocolError',
    Watchdog: 'Deadline',
    Tally: 'Counters',
    Intake: 'Admission',
    Withdrawals: 'FactRevoker',
    bereft: 'emptied',
    breathe: 'yieldToEventLoop',
    LowHeap: 'StampHeap',
    HandIn: 'SubmitOptions',
    firsthand: 'via',
    goView: 'toLegacyView',
    lifeOf: 'ttlSeconds',
  }),
)

/** The comments and string literals of a source text, or all of a Markdown text outside of its code. */
function proseOf(file: string, text: string): string {
  if (file.endsWith('.md')) return text.replace(/```[\s\S]*?```/g, (block) => '\n'.repeat(block.split('\n').length - 1))
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|[^\n]/g, (part) =>
    part.length > 1 ? part : ' ',
  )
}

/** What is not plain in a file, one line each. */
export function wordFaults(path: string, text: string): string[] {
  const found: string[] = []
  const lineOf = (index: number): number => text.slice(0, index).split('\n').length
  const prose = proseOf(path, text)
  prose.split('\n').forEach((line, i) => {
    for (const { pattern, instead } of PHRASES) {
      const match = pattern.exec(line)
      if (match !== null) found.push(`${path}:${i + 1}: "${match[0]}": write ${instead}`)
    }
  })
  if (path.endsWith('.ts')) {
    for (const match of text.matchAll(/\b[A-Za-z]\w+\b/g)) {
      const better = OLD_NAMES.get(match[0])
      if (better !== undefined) found.push(`${path}:${lineOf(match.index)}: ${match[0]} is now ${better}`)
    }
  }
  return found
}
