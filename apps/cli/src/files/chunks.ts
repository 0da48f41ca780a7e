import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 262_144;

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** The bytes of a file, unpacked where it is gzipped, whatever it is called. */
export async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!(await isGzip(path))) {
    yield* file;
    return;
  }
  const text = createGunzip({ chunkSize: CHUNK_BYTES });
  file.once('error', (error) => text.destroy(error));
  // Whoever reads hears of an error; one that is found after nobody reads any more is nobody's.
  text.on('error', () => undefined);
  try {
    yield* file.pipe(text);
  } finally {
    file.destroy();
  }
}
