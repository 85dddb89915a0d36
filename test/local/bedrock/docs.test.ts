import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultNames } from '../../../local/bedrock/faults/faults.ts';
import { parseDirectives } from '../../../local/bedrock/request/directives.ts';
import { modelDefaults, settingNames } from '../../../local/bedrock/simulated-model.ts';

const docs = readFileSync(join(__dirname, '../../../docs/bedrock-simulator.md'), 'utf8');

const rowsOf = (heading: string): readonly (readonly string[])[] => {
  const section =
    docs
      .slice(docs.indexOf(heading))
      .split('\n\n')
      .find((part) => part.startsWith('|')) ?? '';
  return section
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));
};

const codeIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('the documentation', () => {
  it('tells every setting of a model and no other', () => {
    const told = rowsOf('## Quotas').flatMap(([, names = '']) => codeIn(names));
    expect([...told].sort()).toEqual([...settingNames].sort());
  });

  it('tells their defaults', () => {
    const told = rowsOf('## Quotas').flatMap(([, names = '', values = '']) => {
      const texts = values.replaceAll('`', '').split(/, (?!\d{3})/);
      return codeIn(names).map((name, index) => [name, texts[index]?.replaceAll(',', '')] as const);
    });
    const known = Object.entries(modelDefaults).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    expect(Object.fromEntries(told)).toMatchObject(Object.fromEntries(known));
  });

  it('tells every fault and no other', () => {
    const told = rowsOf('A window has').flatMap(([, names = '']) => codeIn(names));
    expect([...told].sort()).toEqual([...faultNames, 'slow'].sort());
  });

  it('shows directives that can be followed', () => {
    const told = rowsOf('### Directives').flatMap(([, texts = '']) => codeIn(texts));
    expect(told).toHaveLength(9);
    for (const text of told) expect(parseDirectives(text)).toMatchObject({ kind: 'directives' });
  });
});
