/** What became of a call: `accepted`, or the code of its error; an error without a code is thrown on. */
export function codeOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (err) {
    const code = (err as { code?: unknown } | undefined)?.code
    if (typeof code !== 'string' || !code.startsWith('XR_')) {
      throw err
    }
    return code
  }
}
