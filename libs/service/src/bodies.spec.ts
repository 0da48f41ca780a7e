import { describe, expect, it } from '@jest/globals';
import { parseJson } from './bodies.js';
import { ContractBroken } from './contract.js';

function pointersOf(json: string): string[] {
  try {
    parseJson(Buffer.from(json));
  } catch (error) {
    if (error instanceof ContractBroken) return error.faults.map(({ pointer }) => pointer);
    throw error;
  }
  return [];
}

describe('a body of JSON', () => {
  it('has no member named __proto__, however it is written and wherever it lies', () => {
    expect(pointersOf('{"__proto__": {"admin": true}}')).toEqual(['/__proto__']);
    expect(pointersOf('{"attributes": [{"a/b": {"\\u005f\\u005Fproto__": 1}}]}')).toEqual(['/attributes/0/a~1b/__proto__']);
  });

  it('may speak of it', () => {
    expect(pointersOf('{"title": "__proto__", "note": "\\u005f"}')).toEqual([]);
  });

  it('may be as deep as its size allows, and is then for the contract to refuse', () => {
    expect(pointersOf(`${'['.repeat(100_000)}"__proto__"${']'.repeat(100_000)}`)).toEqual([]);
  });
});
