import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.js';
import { exitCodes } from './errors.js';

describe('parseArguments', () => {
  it('has the demonstration at port 4000 for its default', () => {
    expect(parseArguments([], '/here')).toEqual({ help: false, tokens: undefined, kafka: false, dataDir: undefined, port: 4000 });
  });

  it('takes a folder from where it was called and a port', () => {
    expect(parseArguments(['--data-dir', 'mine', '--port=4100'], '/here')).toEqual({ help: false, tokens: undefined, kafka: false, dataDir: '/here/mine', port: 4100 });
    expect(parseArguments(['--help', '--data-dir=/there'], '/here')).toMatchObject({ help: true, dataDir: '/there' });
    expect(parseArguments(['--tokens'], '/here')).toMatchObject({ tokens: true });
    expect(parseArguments(['--no-tokens'], '/here')).toMatchObject({ tokens: false });
    expect(parseArguments(['--kafka'], '/here')).toMatchObject({ kafka: true });
  });

  it.each([['--colour'], ['there'], ['--port'], ['--port=0'], ['--port=65536'], ['--port=4e3'], ['--data-dir='], ['--data-dir']])('refuses %s', (argument) => {
    expect(() => parseArguments([argument], '/here')).toThrow(expect.objectContaining({ exitCode: exitCodes.usage, message: expect.stringMatching(/See "npm start -- --help"\.$/) }));
  });
});
