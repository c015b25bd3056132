/** A network's name is part of every signed update, so that those of one are of no use in another. */
export const NETWORK = 'smart-records-example'
