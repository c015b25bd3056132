import type { Plan } from './fuzz.ts'
import type { PlantedBug } from '@sr/tests-kit/planted-bugs'

/** What the thread that fuzzes is started with. */
export interface Job {
  target: string
  plan: Plan
  /** a bug to find, from nothing: the vectors would show some of them at once */
  bug?: PlantedBug
  /** two figures, executions so far and the length of the input being run; then that input, for who watches */
  watched: SharedArrayBuffer
}

/** Bytes before the input in what is watched. */
export const WATCHED_HEAD = 8
/** Longest input that is seen by who watches. */
export const WATCHED_INPUT: number = 128 * 1024
