import { describe, expect, it } from '@jest/globals';
import { LocalError, exitCodes, explained } from './errors.js';

describe('explained', () => {
  it.each([
    ['ENOSPC', 'It failed: the disk is full.', exitCodes.diskFull],
    ['53100', 'It failed: the disk is full.', exitCodes.diskFull],
    ['EROFS', 'It failed: the file system is read-only.', exitCodes.failed],
  ])('makes a sentence of %s', (code, message, exitCode) => {
    expect(explained(Object.assign(new Error('raw'), { code }), 'It failed')).toMatchObject({ name: 'LocalError', message, exitCode });
  });

  it('leaves sentences and defects as they are', () => {
    const sentence = new LocalError('The port is taken.', exitCodes.portTaken);
    const defect = new TypeError('x is undefined');
    expect([explained(sentence, 'It failed'), explained(defect, 'It failed')]).toEqual([sentence, defect]);
  });
});
