import { describe, expect, it } from '@jest/globals';
import { LineReader } from './log-lines.js';

function read(...pieces: string[]): string[] {
  const reported: string[] = [];
  const reader = new LineReader('customers', (line) => reported.push(line));
  for (const piece of pieces) reader.push(piece);
  return reported;
}

describe('LineReader', () => {
  it('reports warnings and worse, whether levels are numbers or words', () => {
    expect(read('{"level":30,"msg":"a"}\n{"level":40,"msg":"b"}\n{"level":"error","msg":"c"}\n{"level":"info","msg":"d"}\n')).toEqual(['customers: b', 'customers: c']);
  });

  it('joins a line that comes in pieces', () => {
    expect(read('{"level":50,', '"msg":"torn"}', '\n')).toEqual(['customers: torn']);
  });

  it('passes over what is no JSON', () => {
    expect(read('hello\n{broken\n[1]\n')).toEqual([]);
  });

  it('stops after five lines and says so once', () => {
    const lines = read('{"level":50,"msg":"again"}\n'.repeat(20));
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('customers: more such lines are in its log');
  });
});
