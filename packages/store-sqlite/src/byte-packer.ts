const FIRST_CAPACITY = 4096

/** Joins byte arrays into one buffer, which moves to the other thread without a copy per array. */
export class BytePacker {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #length = 0

  /** bytes joined so far */
  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length
    if (end > this.#buffer.length) {
      // without a fill with zeros: no byte beyond `end` is read
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * end)) as Uint8Array<ArrayBuffer>
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#length)
    this.#length = end
  }

  /** The bytes so far and any after them; the packer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer
    this.#buffer = new Uint8Array(0)
    this.#length = 0
    return taken
  }
}

/** Takes the arrays out again, in the order in which they were joined. */
export class ByteUnpacker {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The next `length` bytes, as a view. */
  view(length: number): Uint8Array {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
