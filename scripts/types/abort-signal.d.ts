// The one thing of the browser and of Node that @sr/ir names in a contract: how an effect hears that it should stop.
// Where a program runs, its own library declares the same and more.
interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
}
