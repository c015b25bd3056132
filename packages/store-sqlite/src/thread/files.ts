/** The files of a store in its folder. SQLite adds `store.sqlite-wal`, its log. */
export const FILES = { database: 'store.sqlite', log: 'store.sqlite-wal', marker: 'store.mark' } as const
