import type { Node } from '../model/node.ts'

/** Matches any one key of a Dict, or any member of a List; in text `*`. The same in every copy of the package. */
export const ANY: unique symbol = Symbol.for('@sr/xr/any')

/** Matches any number of steps, also none; in text `**`. The same in every copy of the package. */
export const DEEP: unique symbol = Symbol.for('@sr/xr/deep')

/** One step of a {@link Selector}: a Dict key, {@link ANY} or {@link DEEP}. */
export type SelectorStep = Node | typeof ANY | typeof DEEP

/**
 * A pattern of paths from the root of a document. Steps lead from a Dict to a value and from a List to a member; what is
 * inside a member or a predicate is not matched. A selector that ends with `DEEP` matches leaves, members and empty
 * containers only: a container with content would contain the other matches.
 */
export type Selector = readonly SelectorStep[]

/** Most steps of a selector in text: above the depth of any document. */
export const MAX_STEPS = 64
