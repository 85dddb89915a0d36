export interface ModelName {
  /** How it is called: its quota is another for each. */
  readonly scope: 'global' | 'geographic' | 'base';
  /** As in the names of quotas, in small letters: `anthropic claude haiku 4 5`. */
  readonly words: string;
}

const GEOGRAPHIC = /^(us|eu|apac|au|jp|in|ca|us-gov)\./;
const ARN = /^arn:[^:]*:bedrock:[^:]*:[^:]*:(foundation-model|inference-profile)\/(.+)$/;

/** Letters and digits apart, `V1` left out: some quotas have it and some do not. Later versions are told apart by theirs. */
export const wordsOf = (name: string): readonly string[] => {
  const words = name.toLowerCase().match(/v\d+(?![a-z0-9.])|[a-z]+|\d+/g) ?? [];
  return words.at(-1) === 'v1' ? words.slice(0, -1) : words;
};

/** `us.anthropic.claude-haiku-4-5-20251001-v1:0` → `anthropic claude haiku 4 5`; nothing where an id says no such thing. */
export const modelNameOf = (modelId: string): ModelName | undefined => {
  const id = modelId.startsWith('arn:') ? ARN.exec(modelId)?.[2] : modelId;
  if (id === undefined) return undefined;
  const isGlobal = id.startsWith('global.');
  const scope = isGlobal ? 'global' : GEOGRAPHIC.test(id) ? 'geographic' : 'base';
  const base = isGlobal ? id.slice('global.'.length) : id.replace(GEOGRAPHIC, '');
  // The day of its release and the revision behind the colon are in no quota's name.
  const name = base.replace(/:.*$/, '').replace(/-20\d{6}(?=-|$)/, '');
  const words = wordsOf(name);
  return name.includes('.') && words.length > 1 ? { scope, words: words.join(' ') } : undefined;
};
