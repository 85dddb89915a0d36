/** Bad requests that both doors see alike. */
export const BAD_INPUTS: readonly (readonly [string, unknown])[] = [
  ['an empty object', {}],
  ['a misspelt field', { promt: 'x' }],
  ['two kinds of content', { prompt: 'x', messages: [{ role: 'user', content: 'y' }] }],
  [
    'the short form beside converse',
    { converse: { messages: [{ role: 'user', content: [{ text: 'x' }] }] }, system: 's' },
  ],
  [
    'a role that comes twice in a row',
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
    },
  ],
  ['an unknown model', { prompt: 'x', model: 'haikuu' }],
  ['too many tokens', { prompt: 'x', max_tokens: 1_000_000 }],
  ['a deadline that has passed', { prompt: 'x', deadline: '2020-01-01T00:00:00Z' }],
  [
    'many faults at once',
    { prompt: '', max_tokens: 0, priority: 'urgent', metadata: { a: 1 }, custom_id: 'ä' },
  ],
  ['an unknown content block', { messages: [{ role: 'user', content: [{ picture: {} }] }] }],
  ['a string', '"prompt"'],
  ['a number', 7],
  ['null', null],
  ['an array', [{ prompt: 'x' }]],
];
