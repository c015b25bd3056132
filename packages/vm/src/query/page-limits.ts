/** Default size of a page, bytes. */
export const PAGE_BYTES: number = 64 * 1024

/** Default number of parts of a document that a page visits: a budget that ends the page, and is no error. */
export const MAX_STEPS_OF_PAGE = 100_000

/** Default and largest number of rows of a page. */
export const PAGE_ROWS = 500

/** Bytes of the head of a step in a cursor or in a path, at most. */
export const STEP_BYTES = 5
