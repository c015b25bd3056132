interface EventSource {
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

/** What a browser reports after a page was hidden, frozen or offline. Connections may have died meanwhile without a sign of it. */
const WAKING = ['pageshow', 'resume', 'online', 'visibilitychange']

/** Calls `onWake` when a page of a browser is active again, and `onFreeze` before it stands still; returns what ends that. */
export function watchPage(onWake: () => void, onFreeze: () => void): () => void {
  const { document, window } = globalThis as { document?: EventSource; window?: EventSource }
  const wiring = [document, window].flatMap((source) => [
    ...WAKING.map((type) => [source, type, onWake] as const),
    [source, 'freeze', onFreeze] as const,
  ])
  for (const [source, type, listener] of wiring) {
    source?.addEventListener?.(type, listener)
  }
  return () => {
    for (const [source, type, listener] of wiring) {
      source?.removeEventListener?.(type, listener)
    }
  }
}
