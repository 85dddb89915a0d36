import { lettersText } from '../../../local/console/ops-page.ts';

describe('the page for operators', () => {
  it.each([
    [0, 'no dead letters'],
    [1, '1 dead letter'],
    [2, '2 dead letters'],
  ])('tells of %d as "%s"', (letters, text) => {
    expect(lettersText(letters)).toBe(text);
  });
});
