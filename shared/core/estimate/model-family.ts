/** What differs between models when tokens are guessed before a call. The learned ratio of the governor does the rest. */
export interface ModelFamily {
  readonly name: 'claude' | 'nova' | 'other';
  /** UTF-8 bytes of text per token. */
  readonly bytesPerToken: number;
  /** What a model adds around each message. */
  readonly tokensPerMessage: number;
  readonly pixelsPerToken: number;
  /** Larger images are scaled down to about this; also what an unreadable one is taken for. */
  readonly mostImageTokens: number;
  /** A page of a PDF that is read as text, and one that is looked at as well. */
  readonly tokensPerTextPage: number;
  readonly tokensPerSeenPage: number;
}

/** https://platform.claude.com/docs/en/build-with-claude/vision and https://platform.claude.com/docs/en/build-with-claude/pdf-support */
const CLAUDE: ModelFamily = {
  name: 'claude',
  bytesPerToken: 3.6,
  tokensPerMessage: 6,
  pixelsPerToken: 750,
  mostImageTokens: 1600,
  tokensPerTextPage: 500,
  tokensPerSeenPage: 2300,
};

/** https://docs.aws.amazon.com/nova/latest/userguide/modalities-image.html; text is denser by measure. */
const NOVA: ModelFamily = {
  name: 'nova',
  bytesPerToken: 3,
  tokensPerMessage: 6,
  pixelsPerToken: 625,
  mostImageTokens: 2600,
  tokensPerTextPage: 500,
  tokensPerSeenPage: 2300,
};

const OTHER: ModelFamily = { ...CLAUDE, name: 'other', bytesPerToken: 4 };

/** By a model id, an inference profile or an ARN of either. */
export const familyOf = (modelId: string): ModelFamily => {
  if (/anthropic|claude/i.test(modelId)) return CLAUDE;
  return /amazon\.nova|nova-/i.test(modelId) ? NOVA : OTHER;
};
