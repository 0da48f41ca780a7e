import { Transform, type Readable } from 'node:stream';

/** More bytes came than the route takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** The same bytes, failing with BodyTooLarge as soon as there are more than `maxBytes` of them. */
export function limited(payload: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new BodyTooLarge('the body is too large'));
      else done(null, chunk);
    },
  });
  payload.once('error', (error) => counting.destroy(error));
  payload.once('aborted', () => counting.destroy());
  return payload.pipe(counting);
}
