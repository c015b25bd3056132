/** What the engines that are compared are made with. */
export interface EngineOptions {
  /** folder of the engine's files; created if it does not exist */
  readonly folder: string
  /** whether `write` resolves after fsync */
  readonly durable: boolean
}
