import { createPalette } from '../../cli/colour.ts';
import { renderRows } from '../../cli/output.ts';
import { answered, RefusedError } from '../../cli/refused.ts';
import { createProblem } from '../../shared/contract/problem.ts';

const COLUMNS = [
  { title: 'id', of: ({ id }: { id: string }) => id },
  { title: 'waiting', of: ({ waiting }: { waiting: number | null }) => waiting, align: 'right' as const },
];
const ROWS = [
  { id: 'a', waiting: 12 },
  { id: 'long', waiting: null },
];

describe('tables', () => {
  it('stand in columns on a terminal', () => {
    const text = renderRows(ROWS, COLUMNS, { isTerminal: true, palette: createPalette(false) });
    expect(text).toBe(['id    waiting', 'a          12', 'long        -'].join('\n'));
  });

  it('have tabs and no head when piped', () => {
    const text = renderRows(ROWS, COLUMNS, { isTerminal: false, palette: createPalette(false) });
    expect(text).toBe('a\t12\nlong\t-');
  });
});

describe('a refusal', () => {
  it('says what was refused and every place that is wrong', () => {
    const problem = createProblem('invalid_request', {
      detail: '2 faults in 1 of 3 requests; nothing was accepted.',
      errors: [
        { pointer: '/max_tokens', code: 'out_of_range', detail: 'must be at least 1', line: 7 },
        { parameter: 'limit', code: 'out_of_range', detail: 'must be at most 100' },
      ],
    });
    const refuse = () => answered({ kind: 'refused', status: 422, problem });
    expect(refuse).toThrow(RefusedError);
    expect(refuse).toThrow(
      [
        'The request has faults. 2 faults in 1 of 3 requests; nothing was accepted.',
        '  line 7 /max_tokens: must be at least 1',
        '  limit: must be at most 100',
      ].join('\n'),
    );
  });
});
