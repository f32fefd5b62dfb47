import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

export const compressed = (bytes: Uint8Array, level: number): Uint8Array =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } })

/** Throws where more than `most` bytes come out: nothing stored may exceed a function's memory. */
export const decompressed = (bytes: Uint8Array, most: number): Uint8Array =>
  zstdDecompressSync(bytes, { maxOutputLength: most })
