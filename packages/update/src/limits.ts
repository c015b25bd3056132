/** Longest key of a record, bytes. */
export const MAX_KEY_BYTES = 1024

/** Longest name of a network, bytes. */
export const MAX_NETWORK_BYTES = 128

/** Longest update, envelope included, bytes: a body of 256 KiB, and 8 KiB for the other fields, key and signature. */
export const MAX_UPDATE_BYTES: number = 264 * 1024

/** Entries of `extra`. */
export const MAX_EXTRA_KEYS = 8

/** Bytes of `extra`, encoded. */
export const MAX_EXTRA_BYTES = 1024

/** RSA keys, bits of the modulus. go-libp2p refuses shorter ones; a longer one costs its reader more than its writer. */
export const MIN_RSA_BITS = 2048
export const MAX_RSA_BITS = 4096
